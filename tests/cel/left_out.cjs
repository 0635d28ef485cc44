// What of the conformance data is not ours, and why.
"use strict";

/** Whole suites. */
const OUTSIDE = {
  bindings_ext: "an extension: cel.bind",
  block_ext: "an extension: cel.block",
  dynamic: "protobuf messages and their wrappers",
  encoders_ext: "an extension: base64",
  enums: "protobuf enums",
  macros2: "an extension: comprehensions over two variables",
  math_ext: "an extension: math",
  namespace: "names with dots and containers",
  optionals: "an extension: optional values",
  proto2: "protobuf messages",
  proto2_ext: "protobuf extensions",
  proto3: "protobuf messages",
  string_ext: "an extension: strings",
  timestamps: "timestamps and durations",
  type_deductions: "types deduced before an evaluation",
  wrappers: "protobuf messages",
};

/** Why a test of another suite is left out; "" when it is not. */
function reasonFor({ name, test }) {
  const text = JSON.stringify(test);
  if (/TestAllTypes|google\.protobuf|GlobalEnum|objectValue|enumValue/.test(text)) return "protobuf messages and enums";
  if (/\b(timestamp|duration)\(/.test(test.expr)) return "timestamps and durations";
  const names = [...Object.keys(test.bindings ?? {}), ...(test.typeEnv ?? []).map((one) => one.name)];
  if (names.some((one) => one.includes("."))) return "names with dots";
  if (/^(unbound_is_runtime_error|receiver_function_names\/)/.test(name.replace(/^(variables|functions)\//, ""))) {
    return "names and functions that are not known are refused when an expression is compiled, not when it is evaluated";
  }
  return "";
}

module.exports = { OUTSIDE, reasonFor };
