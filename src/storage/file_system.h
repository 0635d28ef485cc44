#pragma once
// The disk as storage sees it, injected so that a test can tear, flip, fill and cut it (memory_file_system.h). Paths
// are plain strings with '/' between parts. Errors carry Code::Unavailable when the disk is full, Code::NotFound when a
// path does not exist, Code::Io for everything else the system refuses.
//
// Threads: a FileSystem may be used from any thread. A File may be read and synced from any thread; writes and
// truncations of one file, through a window or not, come from one thread at a time.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace myelin::storage {

// A stretch of a file that takes writes without a system call. What was written is in the file at once: others read it
// there, and it stays when the process is killed. File::sync_data() makes it durable like any other write. May outlive
// its File.
class FileWindow {
 public:
  virtual ~FileWindow() = default;
  // `offset` counts from the start of the file; all of `bytes` lie inside the window. After an error any part of them
  // may have been written, and the window is of no more use.
  [[nodiscard]] virtual Result<void> write_at(std::uint64_t offset, ByteSpan bytes) = 0;
};

// Whether a read may wait for the disk.
enum class DiskWait : std::uint8_t { Allowed, Refused };

class File {
 public:
  virtual ~File() = default;

  // Fills `to` from `offset` on; returns how many bytes there were, less than asked only at the end of the file.
  [[nodiscard]] virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> to) const = 0;
  // The same for bytes that are in memory; Code::Unavailable when the disk would have to be waited for.
  [[nodiscard]] virtual Result<std::size_t> read_at_once(std::uint64_t offset, std::span<std::byte> to) const {
    return read_at(offset, to);
  }
  // Writes `parts` one after another from `offset` on. After an error any prefix of them may have been written.
  [[nodiscard]] virtual Result<void> write_at(std::uint64_t offset, std::span<const ByteSpan> parts) = 0;
  // The file will probably grow from the first number by the second: where the system can, it sets the room aside,
  // which makes the writes cheaper. A hint: the file's size stays, nothing fails. truncate() gives back what was not
  // used.
  virtual void reserve(std::uint64_t /*offset*/, std::uint64_t /*size*/) {}
  // Opens [offset, offset + size), which the file has already, for writes without a system call.
  [[nodiscard]] virtual Result<std::unique_ptr<FileWindow>> window(std::uint64_t offset, std::uint64_t size) = 0;
  // Returns when the bytes written so far survive a power cut. After an error nothing is known about them, and a
  // second call that succeeds proves nothing: never retry.
  [[nodiscard]] virtual Result<void> sync_data() = 0;
  [[nodiscard]] virtual Result<void> truncate(std::uint64_t size) = 0;
  [[nodiscard]] virtual Result<std::uint64_t> size() const = 0;
  // The descriptor that a FileRange sends from; null where there is none (memory), then ranges are read instead.
  [[nodiscard]] virtual std::shared_ptr<const FileHandle> handle() const = 0;
};

enum class OpenMode {
  Read,       // must exist
  ReadWrite,  // must exist
  Create,     // read and write; made when missing, kept as it is otherwise
};

struct DirectoryEntry {
  std::string name;
  bool is_directory = false;
};

struct DiskSpace {
  std::uint64_t free_bytes = 0;
  std::uint64_t total_bytes = 0;
};

// Held as long as the object lives; released by the system when the process ends in any way.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  [[nodiscard]] virtual Result<std::shared_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  [[nodiscard]] virtual Result<std::uint64_t> file_size(const std::string& path) = 0;
  [[nodiscard]] virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual Result<void> remove_file(const std::string& path) = 0;
  // Succeeds when the directory exists already. Parents must exist.
  [[nodiscard]] virtual Result<void> create_directory(const std::string& path) = 0;
  [[nodiscard]] virtual Result<void> remove_directory(const std::string& path) = 0;
  // In no particular order, without "." and "..".
  [[nodiscard]] virtual Result<std::vector<DirectoryEntry>> list(const std::string& path) = 0;
  // Names created, renamed and removed in the directory survive a power cut once this returns.
  [[nodiscard]] virtual Result<void> sync_directory(const std::string& path) = 0;
  // Of the disk that `path` lies on.
  [[nodiscard]] virtual Result<DiskSpace> space(const std::string& path) = 0;
  // Creates `path` when missing and locks it against other processes; Code::Exists when another one holds it.
  [[nodiscard]] virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
};

// Whole files, for the small ones. The replacement appears under `path` whole or not at all, and survives a power cut
// (write to `path`.tmp, sync, rename, sync the directory).
[[nodiscard]] Result<ByteBuffer> read_file(FileSystem& files, const std::string& path, std::uint64_t size_max);
[[nodiscard]] Result<void> replace_file(FileSystem& files, const std::string& path, ByteSpan content);
// The same in two steps, for content that shall not lie in memory whole: first `fill` writes it, part after part, to
// `path`.tmp, which is synced; then that takes its place.
using WritePart = std::function<Result<void>(ByteSpan part)>;
[[nodiscard]] Result<void> write_replacement(FileSystem& files, const std::string& path,
                                             const std::function<Result<void>(const WritePart&)>& fill);
[[nodiscard]] Result<void> put_replacement(FileSystem& files, const std::string& path);
void drop_replacement(FileSystem& files, const std::string& path);
// replace_file() without any sync: for caches that recovery rebuilds.
[[nodiscard]] Result<void> replace_file_unsynced(FileSystem& files, const std::string& path, ByteSpan content);

// "a/b" and "c" make "a/b/c".
[[nodiscard]] std::string join_path(std::string_view directory, std::string_view name);

}  // namespace myelin::storage
