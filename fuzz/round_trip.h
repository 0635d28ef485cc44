#pragma once
// What can be read is written and read again to the same bytes.
#include "base/check.h"
#include "kafka/messages.h"

namespace myelin::fuzz {

// `decode` reads a Result of a message from a kafka::Reader, `encode` writes a message to a kafka::Writer.
void check_round_trip(const auto& message, const auto& decode, const auto& encode) {
  const auto bytes_of = [&](const auto& written) {
    kafka::Writer writer;
    encode(written, writer);
    return writer.finish_flat();
  };
  const ByteBuffer bytes = bytes_of(message);
  kafka::Reader again{SharedBytes(ByteBuffer(bytes))};
  const auto same = decode(again);
  CHECK(same.has_value() && again.left() == 0);
  CHECK(bytes_of(*same) == bytes);
}

}  // namespace myelin::fuzz
