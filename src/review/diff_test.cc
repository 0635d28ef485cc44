#include "review/diff.h"

#include <gtest/gtest.h>

namespace myelin::review {
namespace {

std::string diff(std::optional<std::string> before, std::optional<std::string> after) {
  return patch({{"grants/a.yaml", std::move(before), std::move(after)}});
}

// What `diff -u` says of the same texts, but for its times.
TEST(Patch, ShowsAChangedLineWithThreeLinesAroundIt) {
  EXPECT_EQ(diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
            "--- a/grants/a.yaml\n+++ b/grants/a.yaml\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST(Patch, JoinsChangesThatAreCloseAndPartsThoseThatAreNot) {
  EXPECT_EQ(diff("a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n"),
            "--- a/grants/a.yaml\n+++ b/grants/a.yaml\n@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n");
  EXPECT_EQ(
      diff("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n"),
      "--- a/grants/a.yaml\n+++ b/grants/a.yaml\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n"
      "-b\n+B\n");
}

TEST(Patch, TellsOfFilesThatComeAndGo) {
  EXPECT_EQ(diff(std::nullopt, "a\n"), "--- /dev/null\n+++ b/grants/a.yaml\n@@ -0,0 +1,1 @@\n+a\n");
  EXPECT_EQ(diff("a\nb\n", std::nullopt), "--- a/grants/a.yaml\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n");
}

TEST(Patch, TellsOfLinesWithoutEnd) {
  EXPECT_EQ(diff("a\nb", "a\nc\n"),
            "--- a/grants/a.yaml\n+++ b/grants/a.yaml\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n");
}

TEST(Patch, KeepsWhatIsCommonWithinAChange) {
  EXPECT_EQ(diff("1\n2\n3\n", "2\n3\n4\n"),
            "--- a/grants/a.yaml\n+++ b/grants/a.yaml\n@@ -1,3 +1,3 @@\n-1\n 2\n 3\n+4\n");
}

TEST(Patch, IsEmptyWithoutChanges) {
  EXPECT_EQ(diff("a\n", "a\n"), "");
  EXPECT_EQ(patch({}), "");
}

}  // namespace
}  // namespace myelin::review
