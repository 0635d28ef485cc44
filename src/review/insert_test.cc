#include "review/insert.h"

#include <gtest/gtest.h>

namespace myelin::review {
namespace {

constexpr const char* kItem = "{squad: tills, connections_max: 5}";

// Of the document `index` of the text, whose list is at spec.squads.
Result<document::Source> added(const std::string& text, std::size_t index = 0) {
  return with_item(document::parse({"myelin/policy.yaml", text}).documents.at(index), {"spec", "squads"}, kItem);
}

TEST(WithItem, AddsALineBehindTheLastItemAndKeepsEveryOtherByte) {
  const std::string head = "kind: Policy # für uns\nspec:\n  squads:\n    - squad: a\n      max:\n        - 3\n";
  const std::string line = "    - {squad: tills, connections_max: 5}\n";
  const std::string tail = "\n    # all others\n  closed: \"yes\"\r\n---\nkind: Other\n";
  const auto source = added(head + tail);
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_EQ(source->text, head + line + tail);
  EXPECT_EQ(source->file, "myelin/policy.yaml");
}

TEST(WithItem, FindsTheListOfADocumentFurtherDown) {
  const std::string first = "spec:\n  squads:\n  - squad: a\n---\n";
  const auto source = added(first + "spec:\n  squads:\n  - {squad: b}\n  more: 1\n", 1);
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_EQ(source->text,
            first + "spec:\n  squads:\n  - {squad: b}\n  - {squad: tills, connections_max: 5}\n  more: 1\n");
}

TEST(WithItem, EndsAFileThatHasNoLineFeed) {
  const auto source = added("spec:\n  squads:\n    - squad: a");
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_EQ(source->text, "spec:\n  squads:\n    - squad: a\n    - {squad: tills, connections_max: 5}\n");
}

TEST(WithItem, SaysWhereAPersonMustAddIt) {
  for (const auto* text : {"spec: {squads: [{squad: a}]}\n", "spec:\n  squads: [{squad: a},\n    {squad: b}]\n",
                           "spec:\n  squads:\n    - squad: |\n        a\n        # no comment\n"}) {
    const auto source = added(text);
    ASSERT_FALSE(source) << source->text;
    EXPECT_EQ(source.error().code, Code::Invalid);
    EXPECT_TRUE(source.error().message.starts_with("myelin/policy.yaml:")) << source.error().message;
  }
}

TEST(WithItem, FindsNoListThatIsNotThere) {
  for (const auto* text : {"spec: {}\n", "spec: {squads: []}\n", "spec: {squads: a}\n"}) {
    EXPECT_EQ(added(text).error().code, Code::NotFound) << text;
  }
}

}  // namespace
}  // namespace myelin::review
