#include "cel/value.h"

#include <algorithm>
#include <array>

namespace myelin::cel {
namespace {

bool is_number(const Value& value) {
  return value.as<std::int64_t>() != nullptr || value.as<std::uint64_t>() != nullptr || value.as<double>() != nullptr;
}

double as_real(const Value& value) {
  if (const auto* integer = value.as<std::int64_t>()) return static_cast<double>(*integer);
  if (const auto* integer = value.as<std::uint64_t>()) return static_cast<double>(*integer);
  return *value.as<double>();
}

template <typename T>
Order ordered(const T& left, const T& right) {
  if (left < right) return Order::Less;
  if (right < left) return Order::Greater;
  return left == right ? Order::Equal : Order::None;
}

// Integers exactly; a double makes both doubles, as CEL has it.
Order order_of_numbers(const Value& left, const Value& right) {
  if (left.as<double>() != nullptr || right.as<double>() != nullptr) return ordered(as_real(left), as_real(right));
  const auto* signed_left = left.as<std::int64_t>();
  const auto* signed_right = right.as<std::int64_t>();
  if (signed_left != nullptr && signed_right != nullptr) return ordered(*signed_left, *signed_right);
  if (signed_left != nullptr && *signed_left < 0) return Order::Less;
  if (signed_right != nullptr && *signed_right < 0) return Order::Greater;
  const auto magnitude = [](const Value& value) {
    const auto* integer = value.as<std::int64_t>();
    return integer != nullptr ? static_cast<std::uint64_t>(*integer) : *value.as<std::uint64_t>();
  };
  return ordered(magnitude(left), magnitude(right));
}

bool equal_lists(const List& left, const List& right, Steps& steps) {
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (!equal(left[i], right[i], steps)) return false;
  }
  return true;
}

bool equal_maps(const Map& left, const Map& right, Steps& steps) {
  if (left.size() != right.size()) return false;
  return std::ranges::all_of(left, [&](const auto& entry) {
    const auto* other = find(right, entry.first, steps);
    return other != nullptr && equal(entry.second, *other, steps);
  });
}

}  // namespace

Value Value::list(List items) { return {std::make_shared<const List>(std::move(items))}; }
Value Value::map(Map entries) { return {std::make_shared<const Map>(std::move(entries))}; }

const List* Value::items() const {
  const auto* list = as<std::shared_ptr<const List>>();
  return list == nullptr ? nullptr : list->get();
}
const Map* Value::entries() const {
  const auto* map = as<std::shared_ptr<const Map>>();
  return map == nullptr ? nullptr : map->get();
}

std::string_view type_name(const Value& value) {
  // In the order of Value::Data.
  static constexpr std::array<std::string_view, std::variant_size_v<Value::Data>> kNames{
      "null_type", "bool", "int", "uint", "double", "string", "bytes", "list", "map", "type"};
  return kNames.at(value.data.index());
}

bool Steps::take(std::size_t count) {
  left =
      count < static_cast<std::size_t>(std::max<std::int64_t>(left, 0)) ? left - static_cast<std::int64_t>(count) : 0;
  return left > 0;
}

Order order(const Value& left, const Value& right) {
  if (is_number(left) && is_number(right)) return order_of_numbers(left, right);
  if (left.data.index() != right.data.index()) return Order::None;
  if (const auto* text = left.as<std::string>()) return ordered(*text, *right.as<std::string>());
  if (const auto* bytes = left.as<Bytes>()) return ordered(bytes->bytes, right.as<Bytes>()->bytes);
  if (const auto* boolean = left.as<bool>()) return ordered(*boolean, *right.as<bool>());
  return Order::None;
}

bool equal(const Value& left, const Value& right, Steps& steps) {
  constexpr std::size_t kBytesPerStep = 64;
  const auto* text = left.as<std::string>();
  if (!steps.take(1 + (text == nullptr ? 0 : text->size() / kBytesPerStep))) return false;
  if (is_number(left) && is_number(right)) return order_of_numbers(left, right) == Order::Equal;
  if (left.data.index() != right.data.index()) return false;
  if (left.as<Null>() != nullptr) return true;
  if (const auto* type = left.as<Type>()) return type->name == right.as<Type>()->name;
  if (const auto* items = left.items()) return equal_lists(*items, *right.items(), steps);
  if (const auto* entries = left.entries()) return equal_maps(*entries, *right.entries(), steps);
  return order(left, right) == Order::Equal;
}

const Value* find(const Map& map, const Value& key, Steps& steps) {
  const auto found = std::ranges::find_if(map, [&](const auto& entry) { return equal(entry.first, key, steps); });
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace myelin::cel
