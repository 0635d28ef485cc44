// The same on a real file system, with real threads.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>

#include "storage/posix_file_system.h"
#include "storage/storage_fixture.h"

namespace myelin::storage {
namespace {

class PosixStorage : public testing::Test {
 protected:
  PosixStorage() : path_(testing::TempDir() + "myelin-storage-" + std::to_string(::getpid())) {
    std::filesystem::remove_all(path_);
  }
  ~PosixStorage() override { std::filesystem::remove_all(path_); }

  std::unique_ptr<LogDirectory> open(LogDirectoryOptions options = {}) {
    auto opened = LogDirectory::open(path_, files_, clock_, pool_, std::move(options));
    EXPECT_TRUE(opened.has_value()) << opened.error().message;
    return std::move(*opened);
  }

  const std::string path_;
  PosixFileSystem files_;
  SystemClock clock_;
  StoragePool pool_{3};
  std::shared_ptr<const Attribution> writer_ =
      std::make_shared<const Attribution>(Attribution{PrincipalName("p"), "", "", ""});
};

SharedBytes batch_now(std::vector<TestRecord> records, const Clock& clock) {
  return encode_batch({.records = std::move(records), .timestamp = unix_milliseconds(clock.wall())});
}

TEST_F(PosixStorage, SendsFileRangesOfWhatFourThreadsAppended) {
  constexpr int kThreads = 4;
  constexpr int kBatches = 200;
  std::atomic<int> acknowledged = 0;
  {
    const auto directory = open();
    LogConfig config;
    config.segment_bytes = 20'000;
    const auto log = directory->create(kOrders, Uuid::random(), config).value();
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kBatches; ++i) {
          log->append({batch_now({{std::nullopt, std::string(100, 'x')}}, clock_), writer_},
                      [&](const AppendOutcome& outcome) {
                        if (outcome) ++acknowledged;
                      });
        }
      });
    }
    std::int64_t offset = 0;
    while (offset < kThreads * kBatches) {
      const auto outcome = log->read({offset, 5000});
      ASSERT_TRUE(outcome.has_value()) << outcome.error().message;
      if (outcome->next_offset > offset) {
        ASSERT_TRUE(std::holds_alternative<FileRange>(outcome->records));
        const auto bytes = read_bytes(outcome->records);
        ASSERT_TRUE(bytes.has_value());
        EXPECT_EQ(headers_in(bytes->view()).back().next_offset(), outcome->next_offset);
      }
      offset = outcome->next_offset;
    }
    for (auto& thread : threads) thread.join();
    ASSERT_TRUE(directory->close().has_value());
  }
  EXPECT_EQ(acknowledged, kThreads * kBatches);
  const auto directory = open();
  EXPECT_TRUE(directory->recovery().was_clean);
  EXPECT_EQ(directory->find(kOrders)->log_end_offset(), kThreads * kBatches);
  EXPECT_TRUE(directory->check_provenance()->empty());
}

TEST_F(PosixStorage, AReadThatMayNotWaitSaysThatItWouldHaveTo) {
  LogConfig config;
  config.durability = Durability::Os;
  {
    const auto directory = open();
    const auto log = *directory->create(kOrders, Uuid::random(), config);
    for (int i = 0; i < 3; ++i) {
      log->append({batch_now({{std::nullopt, "v"}}, clock_), writer_},
                  [](const AppendOutcome& outcome) { EXPECT_TRUE(outcome.has_value()); });
    }
    ASSERT_TRUE(directory->close().has_value());
  }
  const auto directory = open();
  const auto log = directory->find(kOrders);
  const ReadRequest at_once{.offset = 1, .disk_wait = DiskWait::Refused};
  const auto refused = log->read(at_once);  // nobody has read the index since the start
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().failure, ReadFailure::WouldWait);
  EXPECT_EQ(refused.error().high_watermark, 3);
  EXPECT_EQ(log->read({.offset = 1})->next_offset, 3);
  EXPECT_EQ(log->read(at_once)->next_offset, 3);
}

TEST_F(PosixStorage, KeepsFewFilesOpenWhateverTheNumberOfPartitions) {
  constexpr int kPartitions = 300;
  LogDirectoryOptions options;
  options.open_files_max = 32;
  const auto directory = open(options);
  LogConfig config;
  config.durability = Durability::Os;
  std::vector<TopicPartition> names;
  for (int i = 0; i < kPartitions; ++i) names.push_back({TopicName("many"), i});
  const auto made = directory->create_all(names, Uuid::random(), config);
  ASSERT_TRUE(made.has_value()) << made.error().message;
  for (const auto& log : *made) {
    log->append({batch_now({{std::nullopt, "v"}}, clock_), writer_},
                [](const AppendOutcome& outcome) { EXPECT_TRUE(outcome.has_value()); });
    EXPECT_EQ(log->read({0})->next_offset, 1);
  }
  const auto open_files = std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  EXPECT_LT(open_files, 32 + 64);
}

// Else the partitions whose syncs run keep the threads, and the others' wait until no append comes any more.
TEST(StoragePool, GoesOnWithAJobAfterThoseThatWaitForLonger) {
  std::string order;
  {
    StoragePool pool(1);
    pool.submit([&] {
      order += 'a';
      pool.submit([&] { order += 'c'; });
      pool.submit_last([&] { order += 'b'; });
    });
  }
  EXPECT_EQ(order, "acb");
}

TEST(StoragePool, LetsAJobWaitForOtherJobsEvenWithOneThread) {
  std::atomic<int> inner = 0;
  std::atomic<bool> outer = false;
  StoragePool pool(1);  // declared last: its end waits for the jobs that look at the counters
  for (int i = 0; i < 3; ++i) {
    pool.submit([&] {
      for (int job = 0; job < 5; ++job) pool.submit([&] { ++inner; });
      pool.wait_until([&] { return inner.load() >= 5; });
      outer = true;
    });
  }
  pool.wait_until([&] { return outer.load() && inner.load() == 15; });
  EXPECT_EQ(inner, 15);
}

// A file of two pages of zeros, and a window over them.
struct Windowed {
  std::shared_ptr<File> file;
  std::unique_ptr<FileWindow> window;
};
Windowed windowed_file(FileSystem& files, const std::string& path) {
  Windowed made{.file = files.open(path, OpenMode::Create).value(), .window = nullptr};
  const ByteBuffer zeros(8192);
  const std::array parts{ByteSpan(zeros)};
  EXPECT_TRUE(made.file->write_at(0, parts).has_value());
  made.window = made.file->window(100, 8092).value();
  return made;
}

TEST_F(PosixStorage, HasInTheFileWhatAKilledProcessWroteThroughAWindow) {
  std::filesystem::create_directory(path_);
  const pid_t writer = ::fork();
  if (writer == 0) {
    const auto made = windowed_file(files_, path_ + "/file");
    std::ignore = made.window->write_at(4090, as_bytes("across two pages"));
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(writer, &status, 0), writer);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  const auto content = read_file(files_, path_ + "/file", 8192).value();
  EXPECT_EQ(as_text(ByteSpan(content).subspan(4090, 16)), "across two pages");
}

TEST_F(PosixStorage, RefusesAWriteThroughAWindowWhoseFileWasCut) {
  std::filesystem::create_directory(path_);
  const auto made = windowed_file(files_, path_ + "/file");
  std::filesystem::resize_file(path_ + "/file", 4096);
  EXPECT_TRUE(made.window->write_at(4000, as_bytes("still there")).has_value());
  const auto written = made.window->write_at(4090, as_bytes("half of it gone"));
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, Code::Io);
  EXPECT_THAT(written.error().message, testing::HasSubstr(path_ + "/file"));
}

TEST_F(PosixStorage, SetsRoomAsideForAGrowingSegmentAndGivesItBackAtTheEnd) {
  const auto directory = open();
  LogConfig config;
  config.durability = Durability::Os;
  const auto log = directory->create(kOrders, Uuid::random(), config).value();
  for (int i = 0; i < 20; ++i) {
    log->append({batch_now({{std::nullopt, std::string(100'000, 'x')}}, clock_), writer_},
                [](const AppendOutcome& outcome) { EXPECT_TRUE(outcome.has_value()); });
  }
  const auto path = path_ + "/log/orders-0/00000000000000000000.log";
  const auto taken_bytes = [&] {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_blocks * 512;
  };
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(path));
  EXPECT_EQ(size, log->log_bytes());
  EXPECT_GT(taken_bytes(), size + 200'000);
  ASSERT_TRUE(directory->close().has_value());
  EXPECT_LT(taken_bytes(), size + 100'000);
  EXPECT_EQ(static_cast<std::int64_t>(std::filesystem::file_size(path)), size);
}

TEST_F(PosixStorage, SaysWhatToDoWhenTheDirectoryIsTaken) {
  const auto directory = open();
  const auto second = LogDirectory::open(path_, files_, clock_, pool_, {});
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().message, testing::HasSubstr("in use by another process"));
}

TEST_F(PosixStorage, SaysWhatToDoWhenTheDirectoryCannotBeMade) {
  const auto opened = LogDirectory::open("/proc/myelin", files_, clock_, pool_, {});
  ASSERT_FALSE(opened.has_value());
  EXPECT_THAT(opened.error().message, testing::HasSubstr("/proc/myelin"));
}

// Descriptors of this process that keep the room of a file which has no name any more.
int open_nameless_files() {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(entry, gone).string();
    if (target.starts_with(testing::TempDir()) && target.ends_with(" (deleted)")) ++count;
  }
  return count;
}

TEST_F(PosixStorage, GivesBackTheRoomOfARemovedPartition) {
  const auto directory = open();
  const auto log = directory->create(kOrders, Uuid::random(), {}).value();
  std::atomic<bool> is_synced = false;
  log->append({batch_now({{std::nullopt, "v"}}, clock_), writer_}, [&](const AppendOutcome& outcome) {
    EXPECT_TRUE(outcome.has_value());
    is_synced = true;
  });
  pool_.wait_until([&] { return is_synced.load(); });
  ASSERT_TRUE(directory->remove(kOrders).has_value());
  pool_.wait_until([&] { return std::filesystem::is_empty(path_ + "/log"); });
  EXPECT_EQ(open_nameless_files(), 0);
}

}  // namespace
}  // namespace myelin::storage
