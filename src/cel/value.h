#pragma once
// What expressions compute with. A value never changes; lists and maps share what they hold, so copies are cheap.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace myelin::cel {

struct Value;
using List = std::vector<Value>;
// Keys are bool, int, uint or string, no two of them equal.
using Map = std::vector<std::pair<Value, Value>>;

struct Null {};
struct Bytes {
  std::string bytes;
};
// A type as a value: what type() answers and what names such as `int` stand for.
struct Type {
  std::string_view name;  // of static storage
};

struct Value {
  using Data = std::variant<Null, bool, std::int64_t, std::uint64_t, double, std::string, Bytes,
                            std::shared_ptr<const List>, std::shared_ptr<const Map>, Type>;
  Data data;

  [[nodiscard]] static Value null() { return {Null{}}; }
  [[nodiscard]] static Value boolean(bool value) { return {value}; }
  [[nodiscard]] static Value integer(std::int64_t value) { return {value}; }
  [[nodiscard]] static Value unsigned_integer(std::uint64_t value) { return {value}; }
  [[nodiscard]] static Value real(double value) { return {value}; }
  [[nodiscard]] static Value string(std::string_view value) { return {std::string(value)}; }
  [[nodiscard]] static Value bytes(std::string value) { return {Bytes{std::move(value)}}; }
  [[nodiscard]] static Value list(List items);
  [[nodiscard]] static Value map(Map entries);
  [[nodiscard]] static Value type(std::string_view name) { return {Type{name}}; }

  template <typename T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&data);
  }
  // nullptr when it is no list, no map.
  [[nodiscard]] const List* items() const;
  [[nodiscard]] const Map* entries() const;
};

// "int", "null_type", ...: CEL's name of the value's type.
[[nodiscard]] std::string_view type_name(const Value& value);

// What an evaluation may still do. Who takes more than there is gets false from then on.
struct Steps {
  std::int64_t left = 0;
  [[nodiscard]] bool take(std::size_t count);
};

enum class Order { Less, Equal, Greater, None };  // None: not comparable, as a NaN is

// Of two numbers whatever their types, two strings, two bytes or two booleans; None for all else.
[[nodiscard]] Order order(const Value& left, const Value& right);
// Numbers by value, lists and maps by what they hold; values of other types are not equal.
[[nodiscard]] bool equal(const Value& left, const Value& right, Steps& steps);
// The value of a map's key, a number found by its value; nullptr when there is none.
[[nodiscard]] const Value* find(const Map& map, const Value& key, Steps& steps);

}  // namespace myelin::cel
