#include "storage/open_files.h"

#include <algorithm>

namespace myelin::storage {

OpenFiles::OpenFiles(FileSystem& files, std::size_t open_max)
    : files_(files), open_max_per_shard_(std::max<std::size_t>(1, open_max / kShards)) {}

std::uint64_t OpenFiles::next_id() { return next_id_.fetch_add(1, std::memory_order_relaxed); }

std::shared_ptr<File> OpenFiles::find(std::uint64_t id) {
  auto& shard = shard_of(id);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.by_id.find(id);
  if (found == shard.by_id.end()) return nullptr;
  if (found->second != shard.by_use.begin()) shard.by_use.splice(shard.by_use.begin(), shard.by_use, found->second);
  return found->second->file;
}

Result<std::shared_ptr<File>> OpenFiles::open(std::uint64_t id, const std::string& path) {
  auto file = files_.open(path, OpenMode::ReadWrite);
  if (!file) return file;
  std::shared_ptr<File> evicted;  // closed after the lock is released
  auto& shard = shard_of(id);
  const std::lock_guard lock(shard.mutex);
  if (const auto found = shard.by_id.find(id); found != shard.by_id.end()) return found->second->file;
  if (shard.by_use.size() >= open_max_per_shard_) {
    evicted = std::move(shard.by_use.back().file);
    shard.by_id.erase(shard.by_use.back().id);
    shard.by_use.pop_back();
  }
  shard.by_use.push_front({id, *file});
  shard.by_id[id] = shard.by_use.begin();
  return file;
}

void OpenFiles::forget(std::uint64_t id) {
  std::shared_ptr<File> closed;
  auto& shard = shard_of(id);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.by_id.find(id);
  if (found == shard.by_id.end()) return;
  closed = std::move(found->second->file);
  shard.by_use.erase(found->second);
  shard.by_id.erase(found);
}

std::size_t OpenFiles::open_count() const {
  std::size_t count = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    count += shard.by_use.size();
  }
  return count;
}

}  // namespace myelin::storage
