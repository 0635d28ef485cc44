#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "document/json_writer.h"
#include "document/parse.h"
#include "document/scalar.h"

namespace myelin::document {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Parsed yaml(std::string text, const Limits& limits = {}) { return parse(Source{"a.yaml", std::move(text)}, limits); }

std::string tree(std::string text) {
  const Parsed parsed = yaml(std::move(text));
  EXPECT_THAT(parsed.problems, IsEmpty()) << listed(parsed.problems);
  return parsed.documents.empty() ? std::string("none") : json(*parsed.documents.front().root);
}

std::string problems(std::string text, const Limits& limits = {}) {
  return listed(yaml(std::move(text), limits).problems);
}

TEST(Yaml, TypesPlainScalarsAndKeepsQuotedOnesAsStrings) {
  EXPECT_EQ(tree("a: 1\nb: -2.5e3\nc: true\nd: ~\ne:\nf: '1'\ng: \"true\"\nh: text\n"),
            R"({"a":1,"b":-2.5e3,"c":true,"d":null,"e":null,"f":"1","g":"true","h":"text"})");
}

TEST(Yaml, TakesDatesAndNumbersWithoutAJsonFormAsStrings) {
  EXPECT_EQ(tree("[2026-01-31, 0x1F, 010, +1, .5, .inf, yes, 1.2.3]"),
            R"(["2026-01-31","0x1F","010","+1",".5",".inf","yes","1.2.3"])");
}

TEST(Yaml, ReadsBlocksFlowsAndFoldedText) {
  EXPECT_EQ(tree("list:\n  - {x: 1}\n  - - 2\nkept: |\n  a\n  b\nfolded: >-\n  c\n  d\n"),
            R"({"list":[{"x":1},[2]],"kept":"a\nb\n","folded":"c d"})");
}

TEST(Yaml, ReadsEscapesOfBothKindsOfQuotes) {
  EXPECT_EQ(tree("a: 'it''s'\nb: \"x\\ty\\u00e4\\\"\"\nc: '''Q'''\n"), R"({"a":"it's","b":"x\tyä\"","c":"'Q'"})");
}

TEST(Yaml, KnowsLineAndColumnOfEveryNode) {
  const Parsed parsed = yaml("# comment\nspec:\n  name: \"ä\"\n  list: [ä, x]\n");
  const Node& spec = *parsed.documents.at(0).root->find("spec");
  EXPECT_EQ(spec.position, (Position{3, 3}));
  EXPECT_EQ(parsed.documents[0].root->members[0].key_position, (Position{2, 1}));
  EXPECT_EQ(spec.find("name")->position, (Position{3, 9}));
  EXPECT_EQ(spec.find("list")->items[1].position, (Position{4, 13}));
}

TEST(Yaml, SplitsDocumentsAndLeavesEmptyOnesOut) {
  const Parsed parsed = yaml("---\na: 1\n---\n---\nb: 2\n...\n");
  ASSERT_THAT(parsed.documents, SizeIs(2));
  EXPECT_EQ(json(*parsed.documents[0].root), R"({"a":1})");
  EXPECT_EQ(json(*parsed.documents[1].root), R"({"b":2})");
  EXPECT_EQ(parsed.documents[1].root->position.line, 5U);
}

TEST(Yaml, KeepsTheSourceVerbatim) {
  const std::string text = "a:   1   # why\n\n\n";
  EXPECT_EQ(yaml(text).documents.at(0).source->text, text);
}

TEST(Yaml, HoldsNoDocumentWhenTheFileIsEmptyOrOnlyComments) {
  for (const char* text : {"", "\n\n", "# nothing\n"}) {
    EXPECT_THAT(yaml(text).documents, IsEmpty());
    EXPECT_EQ(problems(text), "");
  }
}

TEST(Yaml, ExpandsAliases) { EXPECT_EQ(tree("a: &x [1, 2]\nb: *x\n"), R"({"a":[1,2],"b":[1,2]})"); }

TEST(Yaml, RefusesDuplicateKeysNamingBothPlacesAndReadsOn) {
  EXPECT_EQ(problems("a: 1\nb:\n  c: 1\n  c: 2\na: 2\n"),
            "a.yaml:4:3: key \"c\" is there twice; the first stands in line 3, column 3\n"
            "a.yaml:5:1: key \"a\" is there twice; the first stands in line 1, column 1\n");
}

TEST(Yaml, RefusesTagsMergeKeysAndKeysThatAreNotWords) {
  EXPECT_THAT(problems("a: !!binary aGk=\n"), HasSubstr("a.yaml:1:"));
  EXPECT_THAT(problems("a: !!binary aGk=\n"), HasSubstr("tags are not read"));
  EXPECT_THAT(problems("a: &x {b: 1}\nc:\n  <<: *x\n"), HasSubstr("a.yaml:3:3: merge keys (<<)"));
  EXPECT_THAT(problems("? [a, b]\n: 1\n"), HasSubstr("a key must be a word, not a list"));
}

TEST(Yaml, NamesThePlaceOfASyntaxError) {
  EXPECT_THAT(problems("a: 1\nb: [1, 2\nc: 3\n"), HasSubstr("a.yaml:4:1: "));
  EXPECT_THAT(problems("a: 1\nb: [1, 2\nc: 3\n"), HasSubstr("not YAML: "));
  EXPECT_THAT(problems("a: \"open\n"), HasSubstr("not YAML: "));
  EXPECT_THAT(problems("a:\n\t- b\n"), HasSubstr("a.yaml:2:"));
}

TEST(Yaml, KeepsDocumentsBeforeASyntaxErrorOnly) {
  const Parsed parsed = yaml("a: 1\n---\nb: [\n");
  EXPECT_THAT(parsed.documents, SizeIs(1));
  EXPECT_THAT(parsed.problems, SizeIs(1));
}

TEST(Yaml, RefusesAliasesThatMultiply) {
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
  for (char letter = 'b'; letter <= 'i'; ++letter) {
    const std::string previous = "*" + std::string(1, static_cast<char>(letter - 1));
    bomb += std::string(1, letter) + ": &" + letter + " [";
    for (int copies = 0; copies < 9; ++copies) bomb += previous + ",";
    bomb += previous + "]\n";
  }
  EXPECT_THAT(problems(bomb), HasSubstr("aliases expand to more than 10000 values"));
}

TEST(Yaml, RefusesAnAliasInsideItsOwnAnchor) {
  EXPECT_EQ(problems("a: &x [*x]\n"), "a.yaml:1:8: alias \"*x\" has no anchor \"&x\" that ends before it\n");
}

TEST(Yaml, RefusesAnAliasOfAnotherDocument) { EXPECT_THAT(problems("a: &x 1\n---\nb: *x\n"), HasSubstr("a.yaml:3:")); }

TEST(Yaml, RefusesWhatExceedsItsLimits) {
  EXPECT_THAT(problems(std::string(65, '[') + std::string(65, ']')), HasSubstr("nested deeper than 64 levels"));
  EXPECT_EQ(problems(std::string(64, '[') + std::string(64, ']')), "");
  EXPECT_THAT(problems("[1, 2, 3]", Limits{.nodes_max = 3}), HasSubstr("more than 3 values"));
  EXPECT_EQ(problems("abcdef", Limits{.bytes_max = 5}), "a.yaml: 6 bytes; at most 5 are read\n");
  EXPECT_THAT(problems(std::string(500'000, '[')), HasSubstr("a.yaml:1:"));
}

TEST(Yaml, RefusesWhatIsNotText) {
  EXPECT_EQ(problems("a: b\nc: \xff\n"), "a.yaml:2:4: not UTF-8; save the file in that encoding\n");
  EXPECT_EQ(problems(std::string("a: \0b", 5)), "a.yaml:1:4: a control character; is this a text file?\n");
}

TEST(Problem, SortsByPlaceAndKeepsEachOnce) {
  Problems problems{{{"b", {1, 1}}, "x"}, {{"a", {10, 1}}, "x"}, {{"a", {2, 9}}, "x"}, {{"a", {2, 9}}, "x"}};
  sort(problems);
  EXPECT_EQ(listed(problems), "a:2:9: x\na:10:1: x\nb:1:1: x\n");
}

TEST(Yaml, WritesATextAsItIsReadAgain) {
  EXPECT_EQ(scalar("web-shop.v2"), "web-shop.v2");
  EXPECT_EQ(scalar("No"), R"("No")");
  EXPECT_EQ(scalar("12"), R"("12")");
  EXPECT_EQ(scalar("a: \"b\" # c\n"), R"("a: \"b\" # c\x0a")");
  EXPECT_EQ(tree("a: " + scalar("null") + "\nb: " + scalar("C:\\ [x]\t") + "\nc: " + scalar("") + "\n"),
            R"({"a":"null","b":"C:\\ [x]\t","c":""})");
}

}  // namespace
}  // namespace myelin::document
