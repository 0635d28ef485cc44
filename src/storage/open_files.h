#pragma once
// The only opener of segment files: the most recently used ones stay open, the rest are closed, so that the number of
// partitions is not bounded by the number of descriptors. Whoever got a file keeps it open as long as it holds it.
// Threads: any.
#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "storage/file_system.h"

namespace myelin::storage {

class OpenFiles {
 public:
  OpenFiles(FileSystem& files, std::size_t open_max);

  // The file known as `id` in this object; `path` is only looked at when it has to be opened.
  template <typename PathOf>
  [[nodiscard]] Result<std::shared_ptr<File>> get(std::uint64_t id, const PathOf& path_of) {
    if (auto file = find(id)) return file;
    return open(id, path_of());
  }
  // To be called before the file is removed or replaced under the same path.
  void forget(std::uint64_t id);

  // An id for `get` that no other caller has.
  [[nodiscard]] std::uint64_t next_id();
  [[nodiscard]] std::size_t open_count() const;

 private:
  struct Entry {
    std::uint64_t id;
    std::shared_ptr<File> file;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::list<Entry> by_use;  // most recent first
    std::unordered_map<std::uint64_t, std::list<Entry>::iterator> by_id;
  };
  static constexpr std::size_t kShards = 8;

  [[nodiscard]] Shard& shard_of(std::uint64_t id) { return shards_[id % kShards]; }
  [[nodiscard]] std::shared_ptr<File> find(std::uint64_t id);
  [[nodiscard]] Result<std::shared_ptr<File>> open(std::uint64_t id, const std::string& path);

  FileSystem& files_;
  const std::size_t open_max_per_shard_;
  std::atomic<std::uint64_t> next_id_{1};
  std::array<Shard, kShards> shards_;
};

}  // namespace myelin::storage
