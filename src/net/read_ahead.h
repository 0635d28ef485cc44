#pragma once
// Memory that connections receive into. Private to this module.
#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/bytes.h"

namespace myelin::net {

// Keeps the blocks of large frames for the next large frame, so that their pages are faulted in once. Thread-safe; a
// block returns by itself when the last reference to it goes, also after its pool's owner has gone.
class BlockPool : public std::enable_shared_from_this<BlockPool> {
 public:
  // At least `size` bytes, not initialised.
  [[nodiscard]] std::shared_ptr<std::byte[]> take(std::size_t size);

  static constexpr std::size_t kSmallest = std::size_t{128} * 1024;  // smaller blocks are malloc's business
  static constexpr std::size_t kLargest = std::size_t{4} * 1024 * 1024;
  static constexpr std::size_t kKeptBytes = std::size_t{8} * 1024 * 1024;

 private:
  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
  };
  void give_back(Block block);

  std::mutex mutex_;
  std::vector<Block> kept_;
  std::size_t kept_bytes_ = 0;
};

// One loop's receive buffer, shared by its connections: each receives behind what the last one left, and what was
// received is handed on as slices. An idle connection therefore holds no buffer, and a small request costs no
// allocation.
class ReadAhead {
 public:
  static constexpr std::size_t kChunkBytes = std::size_t{64} * 1024;
  static constexpr std::size_t kRoomBytes = std::size_t{16} * 1024;

  // Where to receive next; at least kRoomBytes. Valid until take() or the next room().
  [[nodiscard]] std::span<std::byte> room();
  // The first `size` bytes of room(), now received.
  [[nodiscard]] SharedBytes take(std::size_t size);
  [[nodiscard]] BlockPool& blocks() { return *blocks_; }

 private:
  std::shared_ptr<std::byte[]> chunk_;
  std::size_t used_ = 0;
  std::shared_ptr<BlockPool> blocks_ = std::make_shared<BlockPool>();
};

}  // namespace myelin::net
