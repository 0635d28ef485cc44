// The records of one partition as a client sends them, and as a segment may hold them. The CRC is made right first:
// else nothing behind it would ever be reached.
#include "base/check.h"
#include "base/crc32c.h"
#include "kafka/record_batch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace myelin;
  constexpr std::size_t kCrcAt = 17;
  constexpr std::size_t kCrcFrom = 21;
  constexpr std::size_t kDecompressedMax = 1 << 20;
  const auto input = std::as_bytes(std::span(data, size));
  ByteBuffer batch(input.begin(), input.end());
  if (batch.size() >= kafka::kBatchHeaderSize) {
    store_big_endian(batch.data() + kCrcAt, crc32c(ByteSpan(batch).subspan(kCrcFrom)));
  }
  const auto checked = kafka::check_produced(batch);
  if (checked) CHECK(checked->record_count > 0 && checked->size() == batch.size());
  std::int64_t records = 0;
  const auto read = kafka::each_record(
      batch,
      [&](const kafka::Record&) {
        ++records;
        return true;
      },
      kDecompressedMax);
  if (read && checked) CHECK(records == checked->record_count);
  return 0;
}
