#include "cel/expression.h"

#include <fmt/core.h>

#include "cel/evaluator.h"
#include "cel/parser.h"

namespace myelin::cel {

std::expected<Expression, Fault> Expression::compile(std::string_view text, std::span<const Name> names) {
  if (text.size() > kExpressionBytesMax) {
    return std::unexpected(Fault{kExpressionBytesMax, fmt::format("longer than {} bytes", kExpressionBytesMax)});
  }
  auto root = parsed(text, names);
  if (!root) return std::unexpected(std::move(root).error());
  return Expression(std::make_shared<const Node>(std::move(*root)));
}

Result<Value> Expression::evaluate(const Attributes& attributes) const { return evaluated(*root_, attributes); }

}  // namespace myelin::cel
