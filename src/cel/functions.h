#pragma once
// Operators and functions over values: what each computes, and when it can't. Internal to the module.
#include <array>
#include <span>
#include <string_view>

#include "base/result.h"
#include "cel/value.h"

namespace myelin::cel {

enum class Function {
  Equal,
  NotEqual,
  Less,
  LessOrEqual,
  Greater,
  GreaterOrEqual,
  In,
  Add,
  Subtract,
  Multiply,
  Divide,
  Modulo,
  Negate,
  Not,
  Index,
  Size,
  StartsWith,
  EndsWith,
  Contains,
  Matches,  // its second argument is a constant, compiled beforehand
  ToInt,
  ToUint,
  ToDouble,
  ToString,
  ToBytes,
  ToBool,
  TypeOf,
  Dyn,
};

struct NamedFunction {
  std::string_view name;
  Function function;
  std::size_t arguments;  // those before the dot included
  bool may_be_global;     // f(x)
  bool may_be_method;     // x.f()
};
inline constexpr std::array<NamedFunction, 13> kFunctions{{{"size", Function::Size, 1, true, true},
                                                           {"startsWith", Function::StartsWith, 2, false, true},
                                                           {"endsWith", Function::EndsWith, 2, false, true},
                                                           {"contains", Function::Contains, 2, false, true},
                                                           {"matches", Function::Matches, 2, true, true},
                                                           {"int", Function::ToInt, 1, true, false},
                                                           {"uint", Function::ToUint, 1, true, false},
                                                           {"double", Function::ToDouble, 1, true, false},
                                                           {"string", Function::ToString, 1, true, false},
                                                           {"bytes", Function::ToBytes, 1, true, false},
                                                           {"bool", Function::ToBool, 1, true, false},
                                                           {"type", Function::TypeOf, 1, true, false},
                                                           {"dyn", Function::Dyn, 1, true, false}}};

// All but Matches. An error of code Invalid where the types have no such function, a number overflows, a key or an
// index is not there; never another value in its place.
[[nodiscard]] Result<Value> call(Function function, std::span<const Value> arguments, Steps& steps);

// What arithmetic and conversions answer; `call` knows which.
[[nodiscard]] Result<Value> calculated(Function function, const Value& left, const Value& right, Steps& steps);
[[nodiscard]] Result<Value> negated(const Value& value);
[[nodiscard]] Result<Value> converted(Function function, const Value& value);

}  // namespace myelin::cel
