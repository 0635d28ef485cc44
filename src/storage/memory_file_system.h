#pragma once
// A disk in memory that a test can damage: flip bits, cut files, fail the Nth call, lose everything that was not
// synced. Follows the promises that real file systems make and no more: content survives a power cut up to the last
// sync_data() of the file, names up to the last sync_directory() of their directory.
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>

#include "storage/file_system.h"

namespace myelin::storage {

enum class DiskCall : std::uint8_t { Read, Write, Sync, Truncate, Rename, Remove, Create, SyncDirectory };

// The `nth` call (from 1) of one of `calls` fails with `code`, and with `persistent` all such calls after it. With 0
// none fails; they are counted.
struct DiskFault {
  std::set<DiskCall> calls;
  std::uint64_t nth = 1;
  Code code = Code::Io;
  bool persistent = false;
  bool writes_half = false;  // a failing write leaves the first half of its bytes behind
};

class MemoryFileSystem final : public FileSystem {
 public:
  MemoryFileSystem();
  // A copy that shares nothing: what another process would find after this one was killed. Locks are not copied.
  MemoryFileSystem(const MemoryFileSystem& other);
  MemoryFileSystem& operator=(const MemoryFileSystem&) = delete;
  ~MemoryFileSystem() override;

  // What a machine finds after its power was cut: unsynced content and names are gone.
  [[nodiscard]] std::unique_ptr<MemoryFileSystem> after_power_cut() const;
  // The same, but each 4 KiB page written since the last sync survived or not, by chance; names survived.
  [[nodiscard]] std::unique_ptr<MemoryFileSystem> after_power_cut_with_luck(std::uint64_t seed) const;

  void set_fault(std::optional<DiskFault> fault);
  // Calls counted by the fault since it was set.
  [[nodiscard]] std::uint64_t fault_calls() const;

  void set_space(DiskSpace space);
  [[nodiscard]] std::vector<std::string> paths() const;  // of all files, sorted
  [[nodiscard]] ByteBuffer content(const std::string& path) const;
  void set_content(const std::string& path, ByteSpan content);
  void flip_bit(const std::string& path, std::uint64_t bit);
  void cut_to(const std::string& path, std::uint64_t size);
  // The file leaves the page cache: until read_at() has brought it back, read_at_once() would have to wait.
  void evict(const std::string& path);
  [[nodiscard]] bool is_cached(const std::string& path) const;

  [[nodiscard]] Result<std::shared_ptr<File>> open(const std::string& path, OpenMode mode) override;
  [[nodiscard]] Result<std::uint64_t> file_size(const std::string& path) override;
  [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] Result<void> remove_file(const std::string& path) override;
  [[nodiscard]] Result<void> create_directory(const std::string& path) override;
  [[nodiscard]] Result<void> remove_directory(const std::string& path) override;
  [[nodiscard]] Result<std::vector<DirectoryEntry>> list(const std::string& path) override;
  [[nodiscard]] Result<void> sync_directory(const std::string& path) override;
  [[nodiscard]] Result<DiskSpace> space(const std::string& path) override;
  [[nodiscard]] Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;

 private:
  friend class MemoryFile;
  struct Node;
  struct Disk;
  std::shared_ptr<Disk> disk_;
};

}  // namespace myelin::storage
