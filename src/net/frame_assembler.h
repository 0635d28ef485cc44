#pragma once
// Cuts a byte stream into Kafka frames. No I/O: the caller receives into room() and says how much came. Private to this
// module.
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "net/read_ahead.h"

namespace myelin::net {

class FrameAssembler {
 public:
  FrameAssembler(ReadAhead& read_ahead, std::uint32_t limit) : read_ahead_(read_ahead), limit_(limit) {}

  // Where to receive next. Only after next() has returned Incomplete.
  [[nodiscard]] std::span<std::byte> room();
  void received(std::size_t size);

  struct Next {
    enum class Kind : std::uint8_t { Incomplete, Frame, BadLength } kind = Kind::Incomplete;
    SharedBytes frame;            // Frame
    std::int32_t bad_length = 0;  // BadLength: zero, negative or above the limit; the stream can't be read any further
  };
  [[nodiscard]] Next next();

  // For frames whose length has not been read yet.
  void set_limit(std::uint32_t limit) { limit_ = limit; }
  // A frame has begun and is not complete.
  [[nodiscard]] bool mid_frame() const { return length_.has_value() || prefix_size_ > 0; }
  // Memory that an unfinished frame holds here. At most 64 KiB until that much of the frame has arrived.
  [[nodiscard]] std::size_t held_bytes() const { return capacity_; }

 private:
  [[nodiscard]] bool acceptable(std::int32_t length) const {
    return length > 0 && static_cast<std::uint32_t>(length) <= limit_;
  }
  void grow();
  void keep_partial();

  ReadAhead& read_ahead_;
  std::uint32_t limit_;
  SharedBytes unread_;  // received through the shared chunk, not yet handed on

  // A frame in pieces: first its length, then a block of its own.
  std::array<std::byte, 4> prefix_{};
  std::size_t prefix_size_ = 0;
  std::optional<std::uint32_t> length_;
  std::shared_ptr<std::byte[]> block_;
  std::size_t capacity_ = 0;
  std::size_t filled_ = 0;
  bool receiving_into_block_ = false;
};

}  // namespace myelin::net
