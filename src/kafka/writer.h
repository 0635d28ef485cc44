#pragma once
// Writes the primitive types of Kafka's protocol. Records are not copied: finish() answers a chain in which they stand
// between the bytes around them, so that a file range can go out by sendfile. (Records of a few hundred bytes are
// copied: that is cheaper than one more piece in the chain.)
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/uuid.h"
#include "base/varint.h"
#include "kafka/reader.h"

namespace myelin::kafka {

class Writer {
 public:
  // Room for `expected_bytes` (records not counted) is made at once.
  explicit Writer(std::size_t expected_bytes = 256);

  void boolean(bool value) { integer<std::int8_t>(value ? 1 : 0); }
  void int8(std::int8_t value) { integer(value); }
  void int16(std::int16_t value) { integer(value); }
  void uint16(std::uint16_t value) { integer(value); }
  void int32(std::int32_t value) { integer(value); }
  void int64(std::int64_t value) { integer(value); }
  void float64(double value);
  void uuid(const Uuid& value) { raw(value.bytes); }
  void unsigned_varint(std::uint32_t value) {
    room(kVarint32SizeMax);
    used_ += encode_unsigned_varint(buffer_.get() + used_, value);
  }

  // A string longer than the protocol allows (32767 bytes: only texts for people can be) is cut.
  void string(std::string_view value, bool flexible);
  void nullable_string(const std::optional<std::string>& value, bool flexible);
  void bytes(const SharedBytes& value, bool flexible);
  void nullable_bytes(const std::optional<SharedBytes>& value, bool flexible);
  void records(const std::optional<Payload>& value, bool flexible);
  void array(std::size_t count, bool flexible);
  void null_array(bool flexible);

  // Between these two stands the value of a tagged field; the length is put before it at the end.
  [[nodiscard]] std::size_t begin_tag(std::uint32_t tag);
  void end_tag(std::size_t begun);
  static constexpr std::uint64_t kAllTags = std::uint64_t{1} << 32;
  // Writes unknown tags from index `next` on whose number is below `limit`; returns the index of the first not written.
  std::size_t unknown_tags_below(const std::vector<UnknownTag>& tags, std::size_t next, std::uint64_t limit);
  // A whole section of a struct without known tags.
  void unknown_tags(const std::vector<UnknownTag>& tags);

  [[nodiscard]] std::size_t size() const { return spliced_bytes_ + used_; }
  // What was written, in order; the writer is empty afterwards.
  [[nodiscard]] PayloadChain finish();
  // The same in one buffer; only for messages without file ranges.
  [[nodiscard]] ByteBuffer finish_flat();

 private:
  struct Splice {
    std::size_t at;  // bytes of buffer_ before it
    Payload payload;
  };

  template <typename Integer>
  void integer(Integer value) {
    room(sizeof value);
    store_big_endian(buffer_.get() + used_, value);
    used_ += sizeof value;
  }
  void raw(ByteSpan value) {
    room(value.size());
    if (!value.empty()) std::memcpy(buffer_.get() + used_, value.data(), value.size());
    used_ += value.size();
  }
  void room(std::size_t bytes) {
    if (capacity_ - used_ < bytes) grow(bytes);
  }
  void grow(std::size_t bytes);
  void length(std::size_t size, bool flexible);

  std::unique_ptr<std::byte[]> buffer_;
  std::size_t used_ = 0;
  std::size_t capacity_ = 0;
  std::vector<Splice> splices_;
  std::size_t spliced_bytes_ = 0;
};

}  // namespace myelin::kafka
