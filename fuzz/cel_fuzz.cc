// Expressions: whatever the bytes are, compiling ends, a fault points into the text, and evaluating ends within its
// steps.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "cel/expression.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace myelin::cel;
  static const std::vector<Name> kNames{{"a"}, {"b", {"c"}}};
  static const Attributes kTold{{"a", Value::list({Value::integer(1), Value::string("one"), Value::real(0.5)})},
                                {"b", Value::map({{Value::string("c"), Value::boolean(true)}})}};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto expression = Expression::compile(text, kNames);
  if (expression) {
    static_cast<void>(expression->evaluate(kTold));
  } else {
    CHECK(expression.error().offset <= text.size() && !expression.error().message.empty());
  }
  return 0;
}
