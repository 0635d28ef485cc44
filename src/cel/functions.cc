#include "cel/functions.h"

#include <algorithm>

#include "base/utf8.h"

namespace myelin::cel {
namespace {

std::unexpected<Error> no_overload(std::string_view what, const Value& left, const Value& right) {
  return fail(Code::Invalid, "{} is not for {} and {}", what, type_name(left), type_name(right));
}

Result<Value> compared(Function function, const Value& left, const Value& right) {
  const bool is_ordered =
      left.as<Null>() == nullptr && left.items() == nullptr && left.entries() == nullptr && left.as<Type>() == nullptr;
  const auto is_number = [](const Value& value) {
    return value.as<std::int64_t>() != nullptr || value.as<std::uint64_t>() != nullptr || value.as<double>() != nullptr;
  };
  const bool is_same = left.data.index() == right.data.index() || (is_number(left) && is_number(right));
  if (!is_ordered || !is_same) return no_overload("a comparison", left, right);
  const auto found = order(left, right);
  switch (function) {
    case Function::Less:
      return Value::boolean(found == Order::Less);
    case Function::LessOrEqual:
      return Value::boolean(found == Order::Less || found == Order::Equal);
    case Function::Greater:
      return Value::boolean(found == Order::Greater);
    default:
      return Value::boolean(found == Order::Greater || found == Order::Equal);
  }
}

Result<Value> is_in(const Value& what, const Value& where, Steps& steps) {
  if (const auto* items = where.items()) {
    return Value::boolean(std::ranges::any_of(*items, [&](const Value& item) { return equal(item, what, steps); }));
  }
  if (const auto* entries = where.entries()) return Value::boolean(find(*entries, what, steps) != nullptr);
  return no_overload("in", what, where);
}

// The place that a number of any type gives in a list; nullptr when there is none.
const Value* item_at(const List& items, const Value& index, Steps& steps) {
  const auto whole = converted(Function::ToInt, index);
  if (!whole || index.as<std::string>() != nullptr || !equal(*whole, index, steps)) return nullptr;
  const auto at = *whole->as<std::int64_t>();
  return at < 0 || static_cast<std::uint64_t>(at) >= items.size() ? nullptr : &items[static_cast<std::size_t>(at)];
}

Result<Value> indexed(const Value& where, const Value& index, Steps& steps) {
  if (const auto* items = where.items()) {
    const auto* item = item_at(*items, index, steps);
    if (item == nullptr) return fail(Code::Invalid, "no such place in a list of {}", items->size());
    return *item;
  }
  if (const auto* entries = where.entries()) {
    const auto* value = find(*entries, index, steps);
    const auto* text = index.as<std::string>();
    if (value == nullptr)
      return fail(Code::Invalid, "no such key{}{}", text == nullptr ? "" : ": ", text == nullptr ? "" : *text);
    return *value;
  }
  return no_overload("an index", where, index);
}

std::int64_t characters(std::string_view text) {
  return std::ranges::count_if(text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; });
}

Result<Value> size_of(const Value& value) {
  const auto counted = [](std::size_t count) { return Value::integer(static_cast<std::int64_t>(count)); };
  if (const auto* text = value.as<std::string>()) return Value::integer(characters(*text));
  if (const auto* bytes = value.as<Bytes>()) return counted(bytes->bytes.size());
  if (const auto* items = value.items()) return counted(items->size());
  if (const auto* entries = value.entries()) return counted(entries->size());
  return fail(Code::Invalid, "size is not for {}", type_name(value));
}

Result<Value> text_test(Function function, const Value& left, const Value& right) {
  const auto* text = left.as<std::string>();
  const auto* part = right.as<std::string>();
  if (text == nullptr || part == nullptr) return no_overload("a test of texts", left, right);
  if (function == Function::StartsWith) return Value::boolean(text->starts_with(*part));
  if (function == Function::EndsWith) return Value::boolean(text->ends_with(*part));
  return Value::boolean(text->find(*part) != std::string::npos);
}

Result<Value> call_of_one(Function function, const Value& value) {
  switch (function) {
    case Function::Not:
      if (const auto* boolean = value.as<bool>()) return Value::boolean(!*boolean);
      return fail(Code::Invalid, "! is not for {}", type_name(value));
    case Function::Negate:
      return negated(value);
    case Function::Size:
      return size_of(value);
    case Function::TypeOf:
      return Value::type(type_name(value));
    case Function::Dyn:
      return value;
    default:
      return converted(function, value);
  }
}

}  // namespace

Result<Value> call(Function function, std::span<const Value> arguments, Steps& steps) {
  if (arguments.size() == 1) return call_of_one(function, arguments.front());
  const Value& left = arguments[0];
  const Value& right = arguments[1];
  switch (function) {
    case Function::Equal:
      return Value::boolean(equal(left, right, steps));
    case Function::NotEqual:
      return Value::boolean(!equal(left, right, steps));
    case Function::Less:
    case Function::LessOrEqual:
    case Function::Greater:
    case Function::GreaterOrEqual:
      return compared(function, left, right);
    case Function::In:
      return is_in(left, right, steps);
    case Function::Index:
      return indexed(left, right, steps);
    case Function::StartsWith:
    case Function::EndsWith:
    case Function::Contains:
      return text_test(function, left, right);
    default:
      return calculated(function, left, right, steps);
  }
}

}  // namespace myelin::cel
