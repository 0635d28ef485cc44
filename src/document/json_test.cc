#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "document/json_writer.h"
#include "document/parse.h"

namespace myelin::document {
namespace {

using testing::HasSubstr;

std::string round_trip(std::string_view text) {
  const auto node = parse_json(text);
  return node ? json(*node) : node.error().message;
}

std::string error(std::string_view text, const Limits& limits = {}) {
  const auto node = parse_json(text, limits);
  return node ? "accepted" : node.error().message;
}

TEST(Json, KeepsOrderOfMembersAndNumbersAsWritten) {
  EXPECT_EQ(round_trip(" {\"b\" : 1.50 ,\n\"a\":[ true , null, -0, 1e400 ] } "),
            R"({"b":1.50,"a":[true,null,-0,1e400]})");
}

TEST(Json, DecodesEscapesAndWritesTheShortestForm) {
  EXPECT_EQ(round_trip(R"(["\u0041\/\n\u0001\ud83d\ude00é"])"), "[\"A/\\n\\u0001😀é\"]");
}

TEST(Json, RefusesWhatRfc8259Refuses) {
  for (const char* text :
       {"",    "[1,]",  "{\"a\":1,}", "{a:1}",     "[01]",    "[1.]",        "[.5]",        "[+1]",
        "nul", "['a']", "[1 2]",      "{\"a\" 1}", "\"\\x\"", "\"\\ud800\"", "\"\\u12g4\"", "\"a\nb\"",
        "[",   "{",     "\"a",        "1 2",       "\"\\",    "\xff"}) {
    EXPECT_THAT(error(text), HasSubstr("not JSON")) << text;
  }
}

TEST(Json, RefusesDuplicateKeys) {
  EXPECT_EQ(error("{\"a\":1,\n \"a\":2}"), "not JSON at line 2, column 2: key \"a\" is there twice");
}

TEST(Json, NamesLineAndColumnInCharacters) {
  EXPECT_EQ(error("[\"ä\",\n  ?]"),
            "not JSON at line 2, column 3: expected a value: an object, a list, a string in double quotes, a number, "
            "true, false or null");
}

TEST(Json, RefusesWhatExceedsItsLimits) {
  EXPECT_THAT(error(std::string(100'000, '[')), HasSubstr("nested deeper than 64 levels"));
  EXPECT_THAT(error("[1,2,3]", Limits{.nodes_max = 3}), HasSubstr("more than 3 values"));
  EXPECT_THAT(error("123456", Limits{.bytes_max = 5}), HasSubstr("6 bytes; at most 5"));
}

TEST(Json, GivesPositionsInFiles) {
  const Parsed parsed = parse(Source{"a.json", "{\n  \"a\": [1]\n}\n"});
  EXPECT_EQ(parsed.documents.at(0).root->find("a")->items[0].position, (Position{2, 9}));
  EXPECT_EQ(listed(parse(Source{"a.json", "{"}).problems), "a.json:1:2: not JSON: expected a key in double quotes\n");
}

TEST(Json, WritesTreesBuiltByHand) {
  const Node node = Node::map({{"a", {}, Node::list({Node::number(-7), Node::boolean(false), Node::null()})},
                               {"b", {}, Node::string("\"\\\x01")}});
  EXPECT_EQ(json(node), "{\"a\":[-7,false,null],\"b\":\"\\\"\\\\\\u0001\"}");
}

TEST(Json, ReplacesBytesThatAreNotUtf8) { EXPECT_EQ(json(Node::string("a\xff")), "\"a\uFFFD\""); }

TEST(Json, ReadsIntegersThatFit) {
  EXPECT_EQ(as_integer(*parse_json("9223372036854775807")), 9223372036854775807);
  EXPECT_EQ(as_integer(*parse_json("9223372036854775808")), std::nullopt);
  EXPECT_EQ(as_integer(*parse_json("1.0")), std::nullopt);
  EXPECT_EQ(as_integer(*parse_json("\"1\"")), std::nullopt);
  EXPECT_EQ(as_boolean(*parse_json("true")), true);
  EXPECT_EQ(as_boolean(*parse_json("0")), std::nullopt);
}

}  // namespace
}  // namespace myelin::document
