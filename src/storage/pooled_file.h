#pragma once
// A file for long reading that must not hold up others: each read is one job of the executor, and after each the reader
// is asked whether to go on.
#include <atomic>
#include <functional>
#include <memory>

#include "storage/executor.h"
#include "storage/file_system.h"

namespace myelin::storage {

// Gets the bytes that were just read, on the reading thread; may wait there, which slows the reading down. False ends
// it.
using ReadStep = std::function<bool(std::uint64_t bytes)>;

// Threads: one at a time, not of the executor's own jobs. Nothing can be written.
class PooledFile final : public File {
 public:
  PooledFile(std::shared_ptr<File> file, Executor& executor, const ReadStep& step)
      : file_(std::move(file)), executor_(executor), step_(step) {}

  [[nodiscard]] Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> to) const override {
    Result<std::size_t> got;
    std::atomic<bool> is_done = false;
    executor_.submit([&] {
      got = file_->read_at(offset, to);
      is_done = true;
    });
    executor_.wait_until([&] { return is_done.load(); });
    if (got && !step_(*got)) return fail(Code::Unavailable, "stopped");
    return got;
  }
  [[nodiscard]] Result<void> write_at(std::uint64_t, std::span<const ByteSpan>) override { return refused(); }
  void reserve(std::uint64_t, std::uint64_t) override {}
  [[nodiscard]] Result<std::unique_ptr<FileWindow>> window(std::uint64_t, std::uint64_t) override { return refused(); }
  [[nodiscard]] Result<void> sync_data() override { return refused(); }
  [[nodiscard]] Result<void> truncate(std::uint64_t) override { return refused(); }
  [[nodiscard]] Result<std::uint64_t> size() const override { return file_->size(); }
  [[nodiscard]] std::shared_ptr<const FileHandle> handle() const override { return file_->handle(); }

 private:
  static std::unexpected<Error> refused() { return fail(Code::Unsupported, "the file is open for reading only"); }

  const std::shared_ptr<File> file_;
  Executor& executor_;
  const ReadStep& step_;
};

}  // namespace myelin::storage
