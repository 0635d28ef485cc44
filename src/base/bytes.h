#pragma once
// Byte ranges: borrowed (ByteSpan), shared (SharedBytes), in a file (FileRange), and any of the last two (Payload).
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace myelin {

using ByteSpan = std::span<const std::byte>;
using ByteBuffer = std::vector<std::byte>;

[[nodiscard]] inline ByteSpan as_bytes(std::string_view text) {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}
[[nodiscard]] inline std::string_view as_text(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Big-endian integers at `from`/`to`, which must have room; the Kafka protocol and log are big-endian throughout.
template <typename Integer>
[[nodiscard]] Integer load_big_endian(const std::byte* from) {
  Integer value;
  std::memcpy(&value, from, sizeof value);
  if constexpr (sizeof value == 2) return static_cast<Integer>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
  if constexpr (sizeof value == 4) return static_cast<Integer>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
  if constexpr (sizeof value == 8) return static_cast<Integer>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
  return value;
}
template <typename Integer>
void store_big_endian(std::byte* to, Integer value) {
  if constexpr (sizeof value == 2) value = static_cast<Integer>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
  if constexpr (sizeof value == 4) value = static_cast<Integer>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
  if constexpr (sizeof value == 8) value = static_cast<Integer>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
  std::memcpy(to, &value, sizeof value);
}

// An immutable byte range that keeps its storage alive. Copies share; safe to read from several threads.
class SharedBytes {
 public:
  SharedBytes() = default;
  explicit SharedBytes(ByteBuffer bytes) {
    auto owner = std::make_shared<const ByteBuffer>(std::move(bytes));
    view_ = *owner;
    owner_ = std::move(owner);
  }
  SharedBytes(std::shared_ptr<const void> owner, ByteSpan view) : owner_(std::move(owner)), view_(view) {}
  [[nodiscard]] static SharedBytes copy_of(ByteSpan bytes) {
    return SharedBytes(ByteBuffer(bytes.begin(), bytes.end()));
  }

  [[nodiscard]] ByteSpan view() const { return view_; }
  [[nodiscard]] std::size_t size() const { return view_.size(); }
  [[nodiscard]] SharedBytes slice(std::size_t offset, std::size_t length) const {
    return SharedBytes(owner_, view_.subspan(offset, length));
  }

 private:
  std::shared_ptr<const void> owner_;
  ByteSpan view_;
};

// Owns a file descriptor and closes it. A FileRange in flight keeps the file open even after its owner dropped it.
class FileHandle {
 public:
  explicit FileHandle(int descriptor) : descriptor_(descriptor) {}
  ~FileHandle();
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

// Bytes of a file that are sent without passing through the process (sendfile), or read when they must be.
struct FileRange {
  std::shared_ptr<const FileHandle> file;
  std::uint64_t offset = 0;  // bytes from the start of the file
  std::uint32_t length = 0;  // bytes
};

using Payload = std::variant<SharedBytes, FileRange>;
// What a connection writes, in order.
using PayloadChain = std::vector<Payload>;

[[nodiscard]] inline std::size_t payload_size(const Payload& payload) {
  if (const auto* bytes = std::get_if<SharedBytes>(&payload)) return bytes->size();
  return std::get<FileRange>(payload).length;
}

}  // namespace myelin
