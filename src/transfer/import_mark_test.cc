#include "transfer/import_mark.h"

#include <gtest/gtest.h>

#include "storage/memory_file_system.h"

namespace myelin::transfer {
namespace {

TEST(ImportMark, IsTwoLines) {
  EXPECT_EQ(mark_text({"c1", false}), "cluster c1\nstate partial\n");
  EXPECT_EQ(mark_text({"c1", true}), "cluster c1\nstate complete\n");
  EXPECT_EQ(parse_mark("cluster c1\nstate complete\n"), (ImportMark{"c1", true}));
  EXPECT_EQ(parse_mark("cluster \nstate partial\n"), (ImportMark{"", false}));
}

TEST(ImportMark, IsNotGuessed) {
  for (const auto* text : {"", "cluster c1", "cluster c1\n", "cluster c1\nstate part", "cluster c1\nstate completely\n",
                           "c1\nstate partial\n", "cluster c1\nstate partial\nmore\n"}) {
    EXPECT_EQ(parse_mark(text), std::nullopt) << text;
  }
}

TEST(ImportMark, IsWrittenReplacedAndRemoved) {
  storage::MemoryFileSystem files;
  ASSERT_TRUE(files.create_directory("data").has_value());
  ASSERT_TRUE(files.create_directory("data/state").has_value());
  EXPECT_EQ(read_mark(files, "data").value(), std::nullopt);
  ASSERT_TRUE(write_mark(files, "data", {"c1", false}).has_value());
  ASSERT_TRUE(write_mark(files, "data", {"c1", true}).has_value());
  EXPECT_EQ(read_mark(files, "data").value(), (ImportMark{"c1", true}));
  ASSERT_TRUE(remove_mark(files, "data").has_value());
  ASSERT_TRUE(remove_mark(files, "data").has_value());
  EXPECT_EQ(read_mark(files, "data").value(), std::nullopt);
}

}  // namespace
}  // namespace myelin::transfer
