// Each test of CEL's conformance data is either answered as it expects or left out by name, for a reason that stands below;
// node run.cjs PROGRAM, which is cel_answers. One line per suite; tests that fail are named.
"use strict";

const { spawnSync } = require("node:child_process");
const { tests } = require("@bufbuild/cel-spec/testdata/conformance.js");
const { OUTSIDE, reasonFor } = require("./left_out.cjs");

// Of the data that package.json names. Fewer would be tests that went missing without a word.
const PASSED = 973;

/** [{suite, name, test}] of all that the data holds. */
function all() {
  const found = [];
  const walk = (suite, path) => {
    for (const { original } of suite.tests ?? []) found.push({ suite: path[0], name: [...path.slice(1), original.name].join("/"), test: original });
    for (const inner of suite.suites ?? []) walk(inner, [...path, inner.name]);
  };
  for (const suite of tests.suites) walk(suite, [suite.name]);
  return found;
}

/** Bytes as digits, as cel_answers reads them; in lists and maps as well. */
function bindings(value) {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(bindings);
  return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, key === "bytesValue" ? Buffer.from(of, "base64").toString("hex") : bindings(of)]));
}

/** The answers of our program, in the order of the tests. */
function answers(cases) {
  const input = cases.map(({ test }) => JSON.stringify({ expr: test.expr, bindings: bindings(test.bindings ?? {}) })).join("\n") + "\n";
  const done = spawnSync(process.argv[2], [], { input, encoding: "utf8", maxBuffer: 1 << 28, timeout: 60_000 });
  const lines = (done.stdout ?? "").split("\n").filter(Boolean);
  if (done.status !== 0 || lines.length !== cases.length) {
    throw new Error(`${process.argv[2]}: exit code ${done.status}, ${lines.length} answers to ${cases.length} questions; ${done.error ?? done.stderr}`);
  }
  return lines.map((line) => JSON.parse(line));
}

/** A value in one form only: entries of a map in one order, doubles by value, bytes as digits. `ours` is as cel_answers writes it. */
function plain(value, ours) {
  const [tag, content] = Object.entries(value)[0];
  switch (tag) {
    case "doubleValue":
      return `double ${Number(String(content).replace(/^inf/, "Infinity").replace(/^-inf/, "-Infinity")) + 0}`;
    case "bytesValue":
      return `bytes ${ours ? content : Buffer.from(content, "base64").toString("hex")}`;
    case "listValue":
      return `list [${(content.values ?? []).map((item) => plain(item, ours)).join(", ")}]`;
    case "mapValue":
      return `map {${(content.entries ?? []).map(({ key, value: of }) => `${plain(key, ours)}: ${plain(of, ours)}`).sort().join(", ")}}`;
    default:
      return `${tag} ${JSON.stringify(content)}`;
  }
}

/** "" when the answer is what the test expects, else how it is not. */
function difference(test, answer) {
  const said = answer.value === undefined ? `error: ${answer.error ?? answer.fault}` : plain(answer.value, true);
  if (test.evalError) return answer.value === undefined ? "" : `expected an error, got ${said}`;
  // Without a value the data means true.
  const expected = plain(test.value ?? { boolValue: true }, false);
  return said === expected ? "" : `expected ${expected}, got ${said}`;
}

function report(suite, cases) {
  const wrong = answers(cases).map((answer, index) => [cases[index], difference(cases[index].test, answer)]).filter(([, why]) => why);
  for (const [{ name, test }, why] of wrong) console.log(`FAIL ${suite}/${name}: ${test.expr.replace(/\s+/g, " ").slice(0, 80)}: ${why}`);
  if (wrong.length === 0) console.log(`PASS ${suite}: ${cases.length} tests`);
  return cases.length - wrong.length;
}

/** A comparison that can't fail shows nothing: each expectation is spoilt once, and each must be missed. */
function spoilt(cases) {
  const turned = cases.map(({ test }) => (test.evalError ? { ...test, evalError: undefined, value: { stringValue: "spoilt" } } : { ...test, value: { stringValue: "spoilt" } }));
  const unseen = answers(cases).filter((answer, index) => difference(turned[index], answer) === "");
  const other = difference({ value: { int64Value: "1" } }, { value: { uint64Value: "1" } }) && difference({ evalError: {} }, { value: { boolValue: true } });
  console.log(unseen.length === 0 && other ? "PASS a spoilt expectation is missed" : `FAIL a spoilt expectation is missed: ${unseen.length} were not`);
}

const found = all();
const ours = found.filter((one) => !OUTSIDE[one.suite] && !reasonFor(one));
for (const [suite, why] of Object.entries(OUTSIDE)) {
  console.log(`left out: ${suite}, ${found.filter((one) => one.suite === suite).length} tests: ${why}`);
}
for (const one of found) {
  const why = OUTSIDE[one.suite] ? "" : reasonFor(one);
  if (why) console.log(`left out: ${one.suite}/${one.name}: ${why}`);
}
let passed = 0;
for (const suite of new Set(ours.map((one) => one.suite))) passed += report(suite, ours.filter((one) => one.suite === suite));
spoilt(ours);
const inWords = `${passed} of ${ours.length} tests of CEL's conformance data pass, ${found.length - ours.length} are left out`;
console.log(passed === PASSED ? `PASS ${inWords}` : `FAIL ${inWords}: expected ${PASSED} to pass`);
