// Numbers of one type, overflow an error; and what else + puts together.
#include <limits>

#include "cel/functions.h"

namespace myelin::cel {
namespace {

template <typename T>
Result<Value> number(T value) {
  return Value{value};
}

template <typename T>
Result<Value> of_integers(Function function, T left, T right) {
  T result{};
  bool overflows = false;
  switch (function) {
    case Function::Add:
      overflows = __builtin_add_overflow(left, right, &result);
      break;
    case Function::Subtract:
      overflows = __builtin_sub_overflow(left, right, &result);
      break;
    case Function::Multiply:
      overflows = __builtin_mul_overflow(left, right, &result);
      break;
    default:
      if (right == 0) return fail(Code::Invalid, "division by zero");
      if (std::numeric_limits<T>::is_signed && left == std::numeric_limits<T>::min() && right == static_cast<T>(-1)) {
        overflows = true;
        break;
      }
      result = function == Function::Divide ? left / right : left % right;
  }
  if (overflows) return fail(Code::Invalid, "a number beyond the range of {}", type_name(Value{left}));
  return number(result);
}

Result<Value> of_reals(Function function, double left, double right) {
  switch (function) {
    case Function::Add:
      return number(left + right);
    case Function::Subtract:
      return number(left - right);
    case Function::Multiply:
      return number(left * right);
    case Function::Divide:
      return number(left / right);
    default:
      return fail(Code::Invalid, "% is not for double");
  }
}

Result<Value> joined(const Value& left, const Value& right, Steps& steps) {
  if (const auto* text = left.as<std::string>()) return Value::string(*text + *right.as<std::string>());
  if (const auto* bytes = left.as<Bytes>()) return Value::bytes(bytes->bytes + right.as<Bytes>()->bytes);
  if (left.items() != nullptr) {
    List items;
    if (!steps.take(left.items()->size() + right.items()->size())) return fail(Code::TooLarge, "too many steps");
    items.insert(items.end(), left.items()->begin(), left.items()->end());
    items.insert(items.end(), right.items()->begin(), right.items()->end());
    return Value::list(std::move(items));
  }
  return fail(Code::Invalid, "+ is not for {}", type_name(left));
}

}  // namespace

Result<Value> calculated(Function function, const Value& left, const Value& right, Steps& steps) {
  if (left.data.index() == right.data.index()) {
    if (const auto* value = left.as<std::int64_t>()) return of_integers(function, *value, *right.as<std::int64_t>());
    if (const auto* value = left.as<std::uint64_t>()) return of_integers(function, *value, *right.as<std::uint64_t>());
    if (const auto* value = left.as<double>()) return of_reals(function, *value, *right.as<double>());
    if (function == Function::Add) return joined(left, right, steps);
  }
  return fail(Code::Invalid, "no arithmetic of {} and {}; convert one of them", type_name(left), type_name(right));
}

Result<Value> negated(const Value& value) {
  if (const auto* integer = value.as<std::int64_t>()) return of_integers<std::int64_t>(Function::Subtract, 0, *integer);
  if (const auto* real = value.as<double>()) return Value::real(-*real);
  return fail(Code::Invalid, "- is not for {}", type_name(value));
}

}  // namespace myelin::cel
