#include "cel/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace myelin::cel {
namespace {

using testing::HasSubstr;

const std::vector<Name> kNames{{"topic", {"name", "partitions"}}, {"squad"}};

Fault fault_of(std::string_view text) {
  const auto expression = Expression::compile(text, kNames);
  EXPECT_FALSE(expression.has_value()) << text;
  return expression ? Fault{} : expression.error();
}

Result<Value> value_of(std::string_view text) {
  const Attributes attributes{
      {"topic", Value::map({{Value::string("name"), Value::string("sales.order")}})},
      {"squad", Value::string("web-shop")},
  };
  const auto expression = Expression::compile(text, kNames);
  EXPECT_TRUE(expression.has_value()) << text << ": " << expression.error().message;
  return expression ? expression->evaluate(attributes) : fail(Code::Invalid, "does not compile");
}

bool is_true(std::string_view text) {
  const auto value = value_of(text);
  EXPECT_TRUE(value && value->as<bool>() != nullptr) << text << ": " << (value ? "no bool" : value.error().message);
  return value && value->as<bool>() != nullptr && *value->as<bool>();
}

Error error_of(std::string_view text) {
  const auto value = value_of(text);
  EXPECT_FALSE(value.has_value()) << text;
  return value ? Error{} : value.error();
}

TEST(Expression, TellsOfNamedValues) {
  EXPECT_TRUE(is_true(R"(topic.name.startsWith("sales.") && squad == "web-shop")"));
  EXPECT_TRUE(is_true(R"(!has(topic.partitions) || topic.partitions <= 12)"));
  EXPECT_FALSE(is_true(R"(squad in ["billing", "store-systems"])"));
}

TEST(Expression, MatchesAnywhereUnlessThePatternSaysOtherwise) {
  EXPECT_TRUE(is_true(R"(topic.name.matches("order"))"));
  EXPECT_FALSE(is_true(R"(topic.name.matches("^order$"))"));
}

TEST(Expression, NamesThatAreNotKnownAreFaultsWithWhatIsKnown) {
  EXPECT_EQ(fault_of("squat == \"x\"").offset, 0U);
  EXPECT_EQ(fault_of("squat == \"x\"").unknown, "squat");
  EXPECT_THAT(fault_of("squat == \"x\"").known, testing::Contains("squad"));
  const auto member = fault_of("1 == topic.partition");
  EXPECT_EQ(member.offset, 11U);
  EXPECT_EQ(member.message, "topic has no \"partition\"");
  EXPECT_THAT(member.known, testing::ElementsAre("name", "partitions"));
  EXPECT_EQ(fault_of("squad.startWith('a')").unknown, "startWith");
}

TEST(Expression, AFaultPointsAtWhatIsWrong) {
  EXPECT_EQ(fault_of("squad = \"a\"").message, "a character that means nothing here; to compare, write ==, <= or >=");
  EXPECT_EQ(fault_of("squad == ").message, "it ends where a value is expected");
  EXPECT_EQ(fault_of("(squad == \"a\"").offset, 13U);
  EXPECT_EQ(fault_of("squad == \"a").message, "a string without its closing \"");
  EXPECT_EQ(fault_of("squad.matches('(')").offset, 6U);
  EXPECT_THAT(fault_of("squad.matches('(')").message, HasSubstr("missing )"));
  EXPECT_THAT(fault_of("squad.matches(squad)").message, HasSubstr("a pattern that is written out"));
  EXPECT_THAT(fault_of("99999999999999999999").message, HasSubstr("range"));
  EXPECT_THAT(fault_of("topic{}").message, HasSubstr("messages"));
  EXPECT_THAT(fault_of("[1].all(2, true)").message, HasSubstr("takes a name"));
}

TEST(Expression, AnErrorIsNoAnswer) {
  EXPECT_EQ(error_of("topic.partitions > 3").message, "no such key: partitions");
  EXPECT_EQ(error_of("squad > 3").message, "a comparison is not for string and int");
  EXPECT_EQ(error_of("9223372036854775807 + 1").message, "a number beyond the range of int");
  EXPECT_EQ(error_of("1 + 1u").message, "no arithmetic of int and uint; convert one of them");
}

TEST(Expression, AnOperandThatDecidesHidesTheErrorOfTheOther) {
  EXPECT_TRUE(is_true("1 / 0 > 1 || true"));
  EXPECT_FALSE(is_true("1 / 0 > 1 && false"));
  EXPECT_EQ(error_of("1 / 0 > 1 && true").message, "division by zero");
}

TEST(Expression, MacrosMayStandInEachOther) {
  EXPECT_TRUE(is_true("[1, 2].all(x, [3, 4].exists(y, y == x + 2))"));
  EXPECT_TRUE(is_true("[1, 2, 3].filter(x, x > 1).map(x, x * 10) == [20, 30]"));
  EXPECT_TRUE(is_true("[1, 2, 3].map(x, x > 1, x * 10) == [20, 30]"));
  EXPECT_TRUE(is_true("[1, 2].exists(squad, squad == 1) && squad == 'web-shop'"));
}

TEST(Expression, IsBounded) {
  EXPECT_THAT(fault_of(std::string(kExpressionBytesMax + 1, ' ')).message, HasSubstr("longer than 4096 bytes"));
  const std::string deep(kDepthMax + 1, '(');
  EXPECT_THAT(fault_of(deep).message, HasSubstr("nested deeper than 100 levels"));
  std::string sum = "1";
  for (std::size_t i = 0; i < kDepthMax; ++i) sum += "+1";
  EXPECT_THAT(fault_of(sum).message, HasSubstr("nested deeper than 100 levels"));
}

TEST(Expression, EndsWithinItsSteps) {
  std::string hundred = "[0";
  for (int i = 1; i < 100; ++i) hundred += ",0";
  hundred += "]";
  EXPECT_EQ(error_of(hundred + ".all(a, " + hundred + ".all(b, " + hundred + ".all(c, true)))").code, Code::TooLarge);
  // Lists that share what they hold are small to make and long to compare.
  std::string shared = "[squad]";
  for (int i = 0; i < 24; ++i) shared = "[" + shared + "].map(x, [x[0], x[0]])";
  EXPECT_EQ(error_of(shared + " == " + shared).code, Code::TooLarge);
  // What decides can't hide that the work was too much.
  EXPECT_EQ(error_of(hundred + ".all(a, " + hundred + ".all(b, " + hundred + ".all(c, true))) || true").code,
            Code::TooLarge);
}

}  // namespace
}  // namespace myelin::cel
