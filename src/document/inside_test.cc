#include "document/inside.h"

#include <gtest/gtest.h>

#include "document/parse.h"

namespace myelin::document {
namespace {

// Where the value's "!" stands in the file.
Position exclamation(const std::string& text) {
  const auto parsed = parse({"a.yaml", text});
  EXPECT_EQ(listed(parsed.problems), "");
  const auto* value = parsed.documents.front().root->find("must");
  return position_inside(text, *value, value->text.find('!'));
}

TEST(PositionInside, OfAPlainScalar) { EXPECT_EQ(exclamation("must: size > !b\n"), (Position{1, 14})); }

TEST(PositionInside, OfQuotedOnes) {
  EXPECT_EQ(exclamation("must: \"a == !b\"\n"), (Position{1, 13}));
  EXPECT_EQ(exclamation("must: 'a == !b'\n"), (Position{1, 13}));
}

TEST(PositionInside, BehindQuotesThatWereWrittenTwice) {
  EXPECT_EQ(exclamation("must: 'a == ''x'' && !b'\n"), (Position{1, 22}));
  EXPECT_EQ(exclamation("must: \"a == \\\"x\\\" && !b\"\n"), (Position{1, 22}));
}

TEST(PositionInside, OfBlocks) {
  EXPECT_EQ(exclamation("kind: x\nmust: |\n  a == 1 &&\n    !b\n"), (Position{4, 5}));
  EXPECT_EQ(exclamation("kind: x\nmust: >-\n  a == 1 &&\n  !b\n"), (Position{4, 3}));
}

TEST(PositionInside, OfAScalarFoldedOverLines) {
  EXPECT_EQ(exclamation("must: a == 1 &&\n  !b\n"), (Position{2, 3}));
  EXPECT_EQ(exclamation("must: \"a == 1 &&\n  !b\"\n"), (Position{2, 3}));
}

TEST(PositionInside, CountsCharacters) { EXPECT_EQ(exclamation("must: \"é == !b\"\n"), (Position{1, 13})); }

TEST(PositionInside, BehindTheLastCharacter) {
  const std::string text = "must: a == b\nmore: x\n";
  const auto parsed = parse({"a.yaml", text});
  EXPECT_EQ(position_inside(text, *parsed.documents.front().root->find("must"), 6), (Position{1, 13}));
}

TEST(PositionInside, IsTheScalarsOwnWhereItCantBeTold) {
  EXPECT_EQ(exclamation("must: \"\\x61 == !b\"\n"), (Position{1, 7}));
}

}  // namespace
}  // namespace myelin::document
