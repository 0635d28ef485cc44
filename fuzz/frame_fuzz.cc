// Cutting a stream into Kafka frames: however the stream arrives in pieces, the frames are those of the stream as a
// whole. The first byte of the input chooses the pieces.
#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/check.h"
#include "net/frame_assembler.h"

namespace {

using myelin::ByteSpan;
using myelin::net::FrameAssembler;

constexpr std::uint32_t kLimit = 100'000;

// The next frame of `stream` by the definition of the format; false at a bad length or an incomplete frame.
bool cut_frame(ByteSpan& stream, ByteSpan& frame) {
  if (stream.size() < 4) return false;
  const auto length = myelin::load_big_endian<std::int32_t>(stream.data());
  if (length <= 0 || static_cast<std::uint32_t>(length) > kLimit) return false;
  const auto size = static_cast<std::size_t>(length);
  if (stream.size() - 4 < size) return false;
  frame = stream.subspan(4, size);
  stream = stream.subspan(4 + size);
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = 1 + data[0] * std::size_t{7};
  const auto stream = std::as_bytes(std::span(data + 1, size - 1));
  myelin::net::ReadAhead read_ahead;
  FrameAssembler assembler(read_ahead, kLimit);
  ByteSpan expected = stream;
  ByteSpan rest = stream;
  while (!rest.empty()) {
    const auto room = assembler.room();
    const auto part = std::min({piece, room.size(), rest.size()});
    std::memcpy(room.data(), rest.data(), part);
    assembler.received(part);
    rest = rest.subspan(part);
    for (;;) {
      const auto next = assembler.next();
      if (next.kind == FrameAssembler::Next::Kind::Incomplete) break;
      ByteSpan frame;
      const bool whole = cut_frame(expected, frame);
      CHECK(whole == (next.kind == FrameAssembler::Next::Kind::Frame));
      if (!whole) return 0;
      CHECK(std::ranges::equal(next.frame.view(), frame));
    }
    CHECK(assembler.held_bytes() <= kLimit);
  }
  ByteSpan unexpected;
  CHECK(!cut_frame(expected, unexpected));
  return 0;
}
