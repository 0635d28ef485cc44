#include "net/frame_assembler.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace myelin::net {
namespace {

// How much memory a frame gets: a little at first, more once that is full, all of it once 64 KiB have really arrived.
constexpr std::size_t kFirstBlock = std::size_t{4} * 1024;
constexpr std::size_t kSecondBlock = std::size_t{64} * 1024;

}  // namespace

std::span<std::byte> FrameAssembler::room() {
  CHECK(unread_.size() == 0);
  receiving_into_block_ = length_.has_value();
  if (!receiving_into_block_) return read_ahead_.room();
  if (filled_ == capacity_) grow();
  return {block_.get() + filled_, capacity_ - filled_};
}

void FrameAssembler::received(std::size_t size) {
  if (receiving_into_block_) {
    filled_ += size;
  } else {
    unread_ = read_ahead_.take(size);
  }
}

FrameAssembler::Next FrameAssembler::next() {
  if (length_) {
    if (filled_ < *length_) return {};
    Next done{Next::Kind::Frame, SharedBytes(block_, ByteSpan(block_.get(), filled_))};
    block_.reset();
    capacity_ = filled_ = 0;
    length_.reset();
    return done;
  }
  // The rare case of a length that came in pieces.
  if (prefix_size_ > 0) {
    const auto wanted = std::min(prefix_.size() - prefix_size_, unread_.size());
    std::ranges::copy(unread_.view().first(wanted), prefix_.begin() + static_cast<std::ptrdiff_t>(prefix_size_));
    prefix_size_ += wanted;
    unread_ = unread_.slice(wanted, unread_.size() - wanted);
    if (prefix_size_ < prefix_.size()) {
      unread_ = SharedBytes();
      return {};
    }
  }
  const bool whole_prefix = prefix_size_ == prefix_.size();
  if (!whole_prefix && unread_.size() < prefix_.size()) {
    std::ranges::copy(unread_.view(), prefix_.begin());
    prefix_size_ = unread_.size();
    unread_ = SharedBytes();
    return {};
  }
  const auto length = load_big_endian<std::int32_t>(whole_prefix ? prefix_.data() : unread_.view().data());
  if (!acceptable(length)) return {Next::Kind::BadLength, SharedBytes(), length};
  const std::size_t skipped = whole_prefix ? 0 : prefix_.size();
  const auto size = static_cast<std::size_t>(length);
  const auto available = unread_.size() - skipped;
  prefix_size_ = 0;
  if (available >= size) {
    Next done{Next::Kind::Frame, unread_.slice(skipped, size)};
    unread_ = available == size ? SharedBytes() : unread_.slice(skipped + size, available - size);
    return done;
  }
  length_ = static_cast<std::uint32_t>(size);
  unread_ = unread_.slice(skipped, available);
  keep_partial();
  return {};
}

void FrameAssembler::keep_partial() {
  const auto begun = unread_.view();
  grow();
  while (capacity_ < begun.size()) grow();
  if (!begun.empty()) std::memcpy(block_.get(), begun.data(), begun.size());
  filled_ = begun.size();
  unread_ = SharedBytes();
}

void FrameAssembler::grow() {
  const std::size_t stage = capacity_ < kFirstBlock ? kFirstBlock : capacity_ < kSecondBlock ? kSecondBlock : *length_;
  const auto capacity = std::min<std::size_t>(stage, *length_);
  auto block = read_ahead_.blocks().take(capacity);
  if (filled_ > 0) std::memcpy(block.get(), block_.get(), filled_);
  block_ = std::move(block);
  capacity_ = capacity;
}

}  // namespace myelin::net
