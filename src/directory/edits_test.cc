#include "directory/edits.h"

#include <gtest/gtest.h>

#include "directory/entity.h"
#include "directory/rewriting.h"

namespace myelin::directory {
namespace {

// The file with one list of its first document changed.
std::string with(const std::string& text, const ListChange& change) {
  const auto parsed = document::parse({"a.yaml", text});
  Edits edits(parsed.documents);
  edits.change(parsed.documents.at(0), *member_at(*parsed.documents.at(0).root, "list"), change);
  document::Problems problems;
  const auto changes = edits.made(problems);
  if (!problems.empty()) return document::listed(problems);
  return changes.empty() ? text : changes.front().after.value_or("");
}

TEST(Edits, ChangeListsHoweverTheyAreWritten) {
  const ListChange change{.replaced = {{0, "A"}}, .removed = {1}, .added = {"d", "e"}};
  EXPECT_EQ(with("x: {y: 1}\nlist: [a, 'b', \"c\"]  # why\nz: 2\n", change),
            "x: {y: 1}\nlist: [A, \"c\", d, e]  # why\nz: 2\n");
  EXPECT_EQ(with("list:\n  # one\n  - a\n  - b  # two\n  - \"c\"\nz: 2", change),
            "list:\n  # one\n  - A\n  - \"c\"\n  - d\n  - e\nz: 2");
  EXPECT_EQ(with("list: []\n", {.added = {"d"}}), "list: [d]\n");
  EXPECT_EQ(with("list:\n- a\n- b", {.removed = {0}, .added = {"d"}}), "list:\n- b\n- d\n");
  EXPECT_EQ(with("list:\n  - a\nz: 1\n", {.removed = {0}}), "list: []\nz: 1\n");
  EXPECT_EQ(with("list:\n  - a: 1\n    b: 2\n  - a: 3\n", {.removed = {0}}), "list:\n  - a: 3\n");
}

TEST(Edits, SayWhereAPersonMustDoIt) {
  EXPECT_EQ(with("list: [a, {b: 1}]\n", {.removed = {0}}),
            "a.yaml:1:11: an item of list is to change, and is not written as one value on one line; change it there, "
            "then import again\n");
  EXPECT_EQ(with("list:\n  - >-\n    a\n    b\n", {.replaced = {{0, "c"}}}),
            "a.yaml:3:1: an item of list is to change, and is not behind a dash on a line of its own; change it there, "
            "then import again\n");
}

TEST(Edits, TakeDocumentsOutAndPutOthersIn) {
  const auto parsed = document::parse({"a.yaml", "a: 1\n---\nb: 2\n"});
  Edits edits(parsed.documents);
  edits.remove(parsed.documents.at(0));
  edits.replace(parsed.documents.at(1), *parsed.documents.at(1).root->find("b"), "3");
  edits.comment(parsed.documents.at(1), *parsed.documents.at(1).root->find("b"), "# why", "# why not");
  edits.add("a.yaml", "c: 4\n");
  edits.add("b.yaml", "d: 5\n");
  document::Problems problems;
  const auto changes = edits.made(problems);
  EXPECT_TRUE(problems.empty());
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].after, "# why not\nb: 3\n---\nc: 4\n");
  EXPECT_EQ(changes[1].before, std::nullopt);
  EXPECT_EQ(changes[1].after, "d: 5\n");
}

}  // namespace
}  // namespace myelin::directory
