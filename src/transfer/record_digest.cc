#include "transfer/record_digest.h"

#include <array>

#include "kafka/record_batch.h"

namespace myelin::transfer {
namespace {

constexpr std::uint64_t kPrime = 0x100000001b3;
constexpr std::int16_t kKindBits = 0x38;  // timestamp type, transactional, control
constexpr std::size_t kDecompressedMax = 1U << 30;
constexpr std::size_t kMagicAt = 16;

std::uint64_t digest_of_nullable(const std::optional<ByteSpan>& bytes, std::uint64_t seed) {
  seed = digest_of(bytes ? static_cast<std::int64_t>(bytes->size()) : -1, seed);
  return bytes ? digest_of(*bytes, seed) : seed;
}

}  // namespace

std::uint64_t digest_of(ByteSpan bytes, std::uint64_t seed) {
  for (const auto byte : bytes) seed = (seed ^ std::to_integer<std::uint64_t>(byte)) * kPrime;
  return seed;
}

std::uint64_t digest_of(std::int64_t number, std::uint64_t seed) {
  std::array<std::byte, sizeof number> bytes;
  store_big_endian(bytes.data(), number);
  return digest_of(ByteSpan(bytes), seed);
}

Result<void> add_digests(ByteSpan batch, OffsetRange range, std::vector<RecordDigest>& into) {
  const auto header = kafka::parse_batch_header(batch);
  if (!header) return std::unexpected(header.error());
  if (header->record_count == 0) return {};
  auto of_batch = digest_of(header->attributes & kKindBits, kDigestSeed);
  of_batch = digest_of(header->producer_id, of_batch);
  of_batch = digest_of(header->producer_epoch, of_batch);
  const auto add = [&](const kafka::Record& record) {
    if (record.offset < range.first || record.offset >= range.end) return true;
    auto digest = digest_of(record.timestamp, of_batch);
    digest = digest_of_nullable(record.key, digest);
    digest = digest_of_nullable(record.value, digest);
    digest = digest_of(static_cast<std::int64_t>(record.headers.size()), digest);
    for (const auto& field : record.headers) {
      digest = digest_of_nullable(field.key, digest);
      digest = digest_of_nullable(field.value, digest);
    }
    into.push_back({record.offset, digest});
    return true;
  };
  return kafka::each_record(batch, add, kDecompressedMax);
}

Result<std::vector<ByteSpan>> whole_batches(ByteSpan bytes) {
  std::vector<ByteSpan> batches;
  while (bytes.size() >= kafka::kBatchHeaderSize) {
    if (const auto magic = std::to_integer<int>(bytes[kMagicAt]); magic != kafka::kBatchMagic) {
      return fail(Code::Unsupported,
                  "records of message format {} at offset {}: only format 2 (Kafka 0.11 and later) can be copied",
                  magic, load_big_endian<std::int64_t>(bytes.data()));
    }
    const auto header = kafka::parse_batch_header(bytes);
    if (!header) return std::unexpected(header.error());
    if (header->size() > bytes.size()) break;
    batches.push_back(bytes.first(header->size()));
    bytes = bytes.subspan(header->size());
  }
  return batches;
}

}  // namespace myelin::transfer
