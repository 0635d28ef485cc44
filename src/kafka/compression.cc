#include "kafka/compression.h"

#include <lz4frame.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

#include "base/sabotage.h"

namespace myelin::kafka {
namespace {

constexpr std::size_t kStep = 64 * 1024;
constexpr int kGzipWindow = 15 + 16;   // zlib's sign for the gzip wrapper
constexpr int kZstdWindowLogMax = 27;  // 128 MiB is what zstd itself allows by default

// xerial framing: magic, two version numbers, then blocks of big-endian length and raw snappy.
constexpr std::string_view kXerialMagic("\x82SNAPPY\0", 8);
constexpr std::size_t kXerialHeader = 16;
constexpr std::size_t kXerialBlock = 32 * 1024;

std::unexpected<Error> too_large(std::size_t output_max) {
  return fail(Code::TooLarge, "decompressed data exceeds {} bytes", output_max);
}

std::unexpected<Error> damaged(Compression codec, std::string_view what) {
  return fail(Code::Corrupt, "{} data is damaged: {}", name_of(codec), what);
}

// Makes room for more output, at most one byte over the cap so that exceeding it is noticed.
bool grow(ByteBuffer& output, std::size_t used, std::size_t output_max) {
  if (used < output.size()) return true;
  if (output.size() > output_max) return false;
  output.resize(std::min(std::max(output.size() * 2, kStep), output_max + 1));
  return true;
}

Result<ByteBuffer> decompress_gzip(ByteSpan input, std::size_t output_max) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return fail(Code::Unavailable, "zlib has no memory");
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> closer(&stream, &inflateEnd);
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(input.data()));
  stream.avail_in = static_cast<uInt>(input.size());
  ByteBuffer output;
  std::size_t used = 0;
  for (;;) {
    if (!grow(output, used, output_max)) return too_large(output_max);
    stream.next_out = reinterpret_cast<Bytef*>(output.data() + used);
    const auto room = static_cast<uInt>(std::min<std::size_t>(output.size() - used, 1U << 30));
    stream.avail_out = room;
    const int status = inflate(&stream, Z_NO_FLUSH);
    used += room - stream.avail_out;
    if (used > output_max) return too_large(output_max);
    if (status == Z_STREAM_END) {
      if (stream.avail_in == 0) break;
      if (inflateReset(&stream) != Z_OK) return damaged(Compression::Gzip, "next member can't be read");
    } else if (status != Z_OK) {
      return damaged(Compression::Gzip, stream.msg != nullptr ? stream.msg : "ends early");
    }
  }
  output.resize(used);
  return output;
}

Result<void> append_snappy(ByteBuffer& output, ByteSpan block, std::size_t output_max) {
  const auto* data = reinterpret_cast<const char*>(block.data());
  std::size_t size = 0;
  if (snappy_uncompressed_length(data, block.size(), &size) != SNAPPY_OK)
    return damaged(Compression::Snappy, "bad length");
  if (size > output_max - output.size()) return too_large(output_max);
  // A length costs a few bytes to claim; snappy can't expand more than about 22 times (64 bytes from 3).
  if (size > block.size() * 24 + 64) return damaged(Compression::Snappy, "claims more than it can hold");
  const auto at = output.size();
  output.resize(at + size);
  auto* target = reinterpret_cast<char*>(output.data() + at);
  if (snappy_uncompress(data, block.size(), target, &size) != SNAPPY_OK)
    return damaged(Compression::Snappy, "bad block");
  return {};
}

Result<ByteBuffer> decompress_snappy(ByteSpan input, std::size_t output_max) {
  ByteBuffer output;
  if (!as_text(input).starts_with(kXerialMagic)) {
    auto done = append_snappy(output, input, output_max);
    if (!done) return pass(done);
    return output;
  }
  if (input.size() < kXerialHeader) return damaged(Compression::Snappy, "ends in the header");
  input = input.subspan(kXerialHeader);
  while (!input.empty()) {
    if (input.size() < 4) return damaged(Compression::Snappy, "ends in a block length");
    const auto size = load_big_endian<std::uint32_t>(input.data());
    input = input.subspan(4);
    if (size > input.size()) return damaged(Compression::Snappy, "ends in a block");
    auto done = append_snappy(output, input.first(size), output_max);
    if (!done) return pass(done);
    input = input.subspan(size);
  }
  return output;
}

Result<ByteBuffer> decompress_lz4(ByteSpan input, std::size_t output_max) {
  LZ4F_dctx* created = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&created, LZ4F_VERSION)) != 0) {
    return fail(Code::Unavailable, "lz4 has no memory");
  }
  const std::unique_ptr<LZ4F_dctx, decltype(&LZ4F_freeDecompressionContext)> context(created,
                                                                                     &LZ4F_freeDecompressionContext);
  ByteBuffer output;
  std::size_t used = 0;
  std::size_t hint = 1;
  while (!input.empty()) {
    if (!grow(output, used, output_max)) return too_large(output_max);
    std::size_t written = output.size() - used;
    std::size_t read = input.size();
    hint = LZ4F_decompress(context.get(), output.data() + used, &written, input.data(), &read, nullptr);
    if (LZ4F_isError(hint) != 0) return damaged(Compression::Lz4, LZ4F_getErrorName(hint));
    used += written;
    if (used > output_max) return too_large(output_max);
    input = input.subspan(read);
    if (read == 0 && written == 0) return damaged(Compression::Lz4, "makes no progress");
  }
  while (hint != 0) {  // what the context still holds back for want of room
    if (!grow(output, used, output_max)) return too_large(output_max);
    std::size_t written = output.size() - used;
    std::size_t read = 0;
    hint = LZ4F_decompress(context.get(), output.data() + used, &written, nullptr, &read, nullptr);
    if (LZ4F_isError(hint) != 0) return damaged(Compression::Lz4, LZ4F_getErrorName(hint));
    if (written == 0) return damaged(Compression::Lz4, "ends early");
    used += written;
  }
  if (used > output_max) return too_large(output_max);
  output.resize(used);
  return output;
}

Result<ByteBuffer> decompress_zstd(ByteSpan input, std::size_t output_max) {
  const std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream(ZSTD_createDStream(), &ZSTD_freeDStream);
  if (!stream) return fail(Code::Unavailable, "zstd has no memory");
  ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, kZstdWindowLogMax);
  ByteBuffer output;
  ZSTD_inBuffer from{input.data(), input.size(), 0};
  std::size_t used = 0;
  std::size_t hint = 1;
  while (from.pos < from.size || hint != 0) {
    if (!grow(output, used, output_max)) return too_large(output_max);
    ZSTD_outBuffer to{output.data(), output.size(), used};
    const auto read_before = from.pos;
    hint = ZSTD_decompressStream(stream.get(), &to, &from);
    if (ZSTD_isError(hint) != 0) return damaged(Compression::Zstd, ZSTD_getErrorName(hint));
    const bool moved = to.pos > used || from.pos > read_before;
    used = to.pos;
    if (used > output_max) return too_large(output_max);
    if (!moved) return damaged(Compression::Zstd, "ends early");
  }
  output.resize(used);
  return output;
}

Result<ByteBuffer> compress_gzip(ByteSpan plain) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    return fail(Code::Unavailable, "zlib has no memory");
  }
  const std::unique_ptr<z_stream, decltype(&deflateEnd)> closer(&stream, &deflateEnd);
  ByteBuffer output(deflateBound(&stream, plain.size()));
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(output.data());
  stream.avail_out = static_cast<uInt>(output.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) return fail(Code::Unavailable, "zlib did not finish");
  output.resize(stream.total_out);
  return output;
}

Result<ByteBuffer> compress_snappy(ByteSpan plain) {
  ByteBuffer output(kXerialHeader);
  std::ranges::copy(as_bytes(kXerialMagic), output.begin());
  store_big_endian<std::int32_t>(output.data() + 8, 1);
  store_big_endian<std::int32_t>(output.data() + 12, 1);
  while (!plain.empty()) {
    const auto block = plain.first(std::min(plain.size(), kXerialBlock));
    plain = plain.subspan(block.size());
    const auto at = output.size();
    std::size_t size = snappy_max_compressed_length(block.size());
    output.resize(at + 4 + size);
    snappy_compress(reinterpret_cast<const char*>(block.data()), block.size(),
                    reinterpret_cast<char*>(output.data() + at + 4), &size);
    store_big_endian(output.data() + at, static_cast<std::int32_t>(size));
    output.resize(at + 4 + size);
  }
  return output;
}

Result<ByteBuffer> compress_lz4(ByteSpan plain) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;  // the only mode Kafka's Java reader knows
  preferences.frameInfo.blockSizeID = LZ4F_max64KB;
  ByteBuffer output(LZ4F_compressFrameBound(plain.size(), &preferences));
  const auto size = LZ4F_compressFrame(output.data(), output.size(), plain.data(), plain.size(), &preferences);
  if (LZ4F_isError(size) != 0) return fail(Code::Unavailable, "lz4: {}", LZ4F_getErrorName(size));
  output.resize(size);
  return output;
}

Result<ByteBuffer> compress_zstd(ByteSpan plain) {
  ByteBuffer output(ZSTD_compressBound(plain.size()));
  const auto size = ZSTD_compress(output.data(), output.size(), plain.data(), plain.size(), ZSTD_CLEVEL_DEFAULT);
  if (ZSTD_isError(size) != 0) return fail(Code::Unavailable, "zstd: {}", ZSTD_getErrorName(size));
  output.resize(size);
  return output;
}

}  // namespace

std::string_view name_of(Compression codec) {
  switch (codec) {
    case Compression::None:
      return "none";
    case Compression::Gzip:
      return "gzip";
    case Compression::Snappy:
      return "snappy";
    case Compression::Lz4:
      return "lz4";
    case Compression::Zstd:
      return "zstd";
  }
  return "unknown";
}

Result<ByteBuffer> decompress(Compression codec, ByteSpan compressed, std::size_t output_max) {
  if (sabotaged(Sabotage::InflateWithoutBound)) output_max = SIZE_MAX / 4;
  switch (codec) {
    case Compression::None:
      if (compressed.size() > output_max) return too_large(output_max);
      return ByteBuffer(compressed.begin(), compressed.end());
    case Compression::Gzip:
      return decompress_gzip(compressed, output_max);
    case Compression::Snappy:
      return decompress_snappy(compressed, output_max);
    case Compression::Lz4:
      return decompress_lz4(compressed, output_max);
    case Compression::Zstd:
      return decompress_zstd(compressed, output_max);
  }
  return fail(Code::Unsupported, "compression codec {} is unknown; expected 0 to 4", static_cast<int>(codec));
}

Result<ByteBuffer> compress(Compression codec, ByteSpan plain) {
  switch (codec) {
    case Compression::None:
      return ByteBuffer(plain.begin(), plain.end());
    case Compression::Gzip:
      return compress_gzip(plain);
    case Compression::Snappy:
      return compress_snappy(plain);
    case Compression::Lz4:
      return compress_lz4(plain);
    case Compression::Zstd:
      return compress_zstd(plain);
  }
  return fail(Code::Unsupported, "compression codec {} is unknown; expected 0 to 4", static_cast<int>(codec));
}

}  // namespace myelin::kafka
