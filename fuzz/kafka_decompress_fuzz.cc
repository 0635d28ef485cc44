// Compressed data of any codec: the first byte chooses it. The output never exceeds the cap.
#include "base/check.h"
#include "kafka/compression.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace myelin;
  constexpr std::size_t kCap = 1 << 20;
  if (size == 0) return 0;
  const auto codec = static_cast<kafka::Compression>(data[0] % 5);
  const auto plain = kafka::decompress(codec, std::as_bytes(std::span(data + 1, size - 1)), kCap);
  if (!plain) return 0;
  CHECK(plain->size() <= kCap);
  const auto compressed = kafka::compress(codec, *plain);
  CHECK(compressed.has_value());
  const auto again = kafka::decompress(codec, *compressed, kCap);
  CHECK(again.has_value() && *again == *plain);
  return 0;
}
