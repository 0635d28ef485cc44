#pragma once
// One expression of CEL, the Common Expression Language (cel.dev): the part of it that rules need. Total: an expression
// ends, with a value or an error, within a bound of work that does not depend on what it is told.
#include <cstddef>
#include <expected>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cel/fault.h"
#include "cel/value.h"

namespace myelin::cel {

struct Node;

// A name that an expression may use.
struct Name {
  std::string name;
  std::vector<std::string> fields{};  // of a map: the keys that `name.key` may have; empty: any
};

// What the names stand for when the expression is evaluated.
using Attributes = std::map<std::string, Value, std::less<>>;

inline constexpr std::size_t kExpressionBytesMax = 4096;
inline constexpr std::size_t kDepthMax = 100;       // of operators, calls, lists and maps in each other
inline constexpr std::int64_t kStepsMax = 100'000;  // of one evaluation: a node, an item, 64 bytes of text

// Immutable; copies share the tree, and any thread may evaluate it.
class Expression {
 public:
  // Names and functions that are not known are faults, and so are patterns that are no regular expression.
  [[nodiscard]] static std::expected<Expression, Fault> compile(std::string_view text, std::span<const Name> names);

  // An error says why there is no value: types that don't go together, a key that is not there, a number out of range
  // (Invalid), or too much work (TooLarge).
  [[nodiscard]] Result<Value> evaluate(const Attributes& attributes) const;

 private:
  explicit Expression(std::shared_ptr<const Node> root) : root_(std::move(root)) {}
  std::shared_ptr<const Node> root_;
};

}  // namespace myelin::cel
