#pragma once
// The four codecs of record batches, with a cap on what comes out. Formats: gzip (RFC 1952, several members), snappy
// (the raw format, and the framing of xerial's Java library that Kafka's Java clients write), lz4 frame format, zstd
// frames.
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace myelin::kafka {

enum class Compression : std::uint8_t { None = 0, Gzip = 1, Snappy = 2, Lz4 = 3, Zstd = 4 };
[[nodiscard]] std::string_view name_of(Compression codec);  // "none", "gzip", ...

// What decompress() may put out unless told otherwise; reliability goal R15.
inline constexpr std::size_t kDecompressedMax = 64U << 20;

// TooLarge when the output would exceed `output_max` (memory never does), Corrupt when the input is damaged.
[[nodiscard]] Result<ByteBuffer> decompress(Compression codec, ByteSpan compressed,
                                            std::size_t output_max = kDecompressedMax);
[[nodiscard]] Result<ByteBuffer> compress(Compression codec, ByteSpan plain);

}  // namespace myelin::kafka
