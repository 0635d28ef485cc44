#include "net/read_ahead.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace myelin::net {

std::shared_ptr<std::byte[]> BlockPool::take(std::size_t size) {
  if (size < kSmallest || size > kLargest) return std::make_shared_for_overwrite<std::byte[]>(size);
  Block block;
  {
    const std::lock_guard lock(mutex_);
    const auto fits = std::ranges::find_if(kept_, [&](const Block& kept) { return kept.size >= size; });
    if (fits != kept_.end()) {
      block = std::move(*fits);
      kept_bytes_ -= block.size;
      kept_.erase(fits);
    }
  }
  if (!block.bytes) {
    block.size = std::bit_ceil(size);
    block.bytes = std::make_unique_for_overwrite<std::byte[]>(block.size);
  }
  const std::size_t capacity = block.size;
  std::byte* const start = block.bytes.release();
  return {start, [pool = shared_from_this(), capacity](std::byte* bytes) {
            pool->give_back(Block{std::unique_ptr<std::byte[]>(bytes), capacity});
          }};
}

void BlockPool::give_back(Block block) {
  const std::lock_guard lock(mutex_);
  if (kept_bytes_ + block.size > kKeptBytes) return;
  kept_bytes_ += block.size;
  kept_.push_back(std::move(block));
}

std::span<std::byte> ReadAhead::room() {
  if (used_ > 0 && chunk_.use_count() == 1) {
    // Nobody holds a slice any more. use_count() orders nothing; giving back one more reference does, behind the last
    // reads of the threads that gave back theirs.
    std::shared_ptr<std::byte[]>(chunk_).reset();
    used_ = 0;
  }
  if (!chunk_ || kChunkBytes - used_ < kRoomBytes) {
    chunk_ = std::make_shared_for_overwrite<std::byte[]>(kChunkBytes);
    used_ = 0;
  }
  return {chunk_.get() + used_, kChunkBytes - used_};
}

SharedBytes ReadAhead::take(std::size_t size) {
  CHECK(size <= kChunkBytes - used_);
  const SharedBytes taken(chunk_, ByteSpan(chunk_.get() + used_, size));
  used_ += size;
  return taken;
}

}  // namespace myelin::net
