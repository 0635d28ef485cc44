// What may lie in a model's folder, and what is refused before it is read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "model/load.h"

namespace myelin::model {
namespace {

namespace fs = std::filesystem;

class FolderTest : public testing::Test {
 protected:
  FolderTest() {
    fs::remove_all(base_);
    fs::create_directories(folder_ / "org");
    write(folder_ / "org" / "shop.yaml", "# a document\n");
  }
  ~FolderTest() override { fs::remove_all(base_); }
  static void write(const fs::path& path, std::string_view text) { std::ofstream(path) << text; }
  // What the folder is refused for; the number of files that are read otherwise.
  [[nodiscard]] std::string read() const {
    const auto sources = read_folder(folder_);
    return sources ? std::to_string(sources->size()) : sources.error().message;
  }

  const fs::path base_ = fs::path(testing::TempDir()) / "myelin-folder-test";
  const fs::path folder_ = base_ / "model";
};

TEST_F(FolderTest, AFileOutsideIsNotReadThroughALink) {
  write(base_ / "secret.yaml", "password: hidden\n");
  fs::create_symlink(base_ / "secret.yaml", folder_ / "org" / "more.yaml");
  EXPECT_EQ(read(), "org/more.yaml: a link out of the folder, to " + fs::canonical(base_ / "secret.yaml").string() +
                        "; put the file itself there");
}

TEST_F(FolderTest, AFolderOutsideIsNotReadThroughALink) {
  fs::create_directories(base_ / "elsewhere");
  fs::create_directory_symlink(base_ / "elsewhere", folder_ / "grants");
  EXPECT_EQ(read(), "grants: a link out of the folder, to " + fs::canonical(base_ / "elsewhere").string() +
                        "; put the file itself there");
}

TEST_F(FolderTest, ALinkToAFolderWithinIsNotFollowed) {
  fs::create_directories(folder_ / "org" / "real");
  fs::create_directory_symlink(folder_ / "org" / "real", folder_ / "org" / "linked");
  EXPECT_EQ(read(), "org/linked: a link to a folder, which is not followed; put the folder itself there");
}

TEST_F(FolderTest, ALinkToAFileWithinIsRead) {
  fs::create_symlink("shop.yaml", folder_ / "org" / "again.yaml");
  EXPECT_EQ(read(), "2");
}

TEST_F(FolderTest, ALinkThatLeadsNowhereIsNoDocument) {
  fs::create_symlink("gone.yaml", folder_ / "org" / "lost.yaml");
  EXPECT_EQ(read(), "org/lost.yaml: a link that leads nowhere; remove it, or put the file there");
  fs::remove(folder_ / "org" / "lost.yaml");
  fs::create_symlink("loop.yaml", folder_ / "org" / "loop.yaml");
  EXPECT_EQ(read(), "org/loop.yaml: a link that leads nowhere; remove it, or put the file there");
}

TEST_F(FolderTest, APipeIsNotWaitedFor) {
  ASSERT_EQ(::mkfifo((folder_ / "org" / "pipe.yaml").c_str(), 0600), 0);
  EXPECT_EQ(read(), "org/pipe.yaml: no file");
}

TEST_F(FolderTest, AGigabyteIsRefusedUnread) {
  const auto path = folder_ / "org" / "big.yaml";
  write(path, "");
  fs::resize_file(path, 1U << 30);  // sparse
  EXPECT_EQ(read(), "org/big.yaml: 1073741824 bytes; a file has at most 1048576: split it");
}

TEST_F(FolderTest, SixtyFourMebibytesAreTheMostTogether) {
  for (int number = 0; number < 65; ++number) {
    const auto path = folder_ / "org" / ("file-" + std::to_string(number) + ".yaml");
    write(path, "");
    fs::resize_file(path, 1U << 20);
  }
  EXPECT_EQ(read(), folder_.string() + ": a model holds at most 5000 files and 67108864 bytes");
}

TEST_F(FolderTest, OtherFilesMayLieBeside) {
  write(folder_ / "README.md", "# Model\n");
  write(folder_ / "org" / ".hidden.yaml", "x");
  write(folder_ / "org" / "picture.png", "x");
  EXPECT_EQ(read(), "1");
}

}  // namespace
}  // namespace myelin::model
