#pragma once
// Reads the primitive types of Kafka's protocol from a frame. Nothing is read before its length is checked against the
// bytes that are left, and nothing is allocated for a count that those bytes could not hold. The first problem sticks:
// from then on every read answers zero or empty, and whoever decodes asks failed() once at the end. `field` names what
// is read, for the message; it must be a literal. Source of the encodings: Kafka protocol guide, "Protocol Primitive
// Types"; flexible versions as in KIP-482.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/uuid.h"

namespace myelin::kafka {

// A tagged field that this build does not know: kept, and written back as it came.
struct UnknownTag {
  std::uint32_t tag = 0;
  SharedBytes value;
};

class Reader {
 public:
  // Memory that the arrays and unknown tags of one message may take once decoded: bounds what small encoded elements
  // can claim as large structs.
  static constexpr std::size_t kDecodedBytesMax = std::size_t{64} << 20;
  static constexpr std::size_t kStringBytesMax = 32767;

  explicit Reader(SharedBytes bytes) : bytes_(std::move(bytes)), rest_(bytes_.view()) {}

  [[nodiscard]] bool boolean(const char* field) { return integer<std::int8_t>(field) != 0; }
  [[nodiscard]] std::int8_t int8(const char* field) { return integer<std::int8_t>(field); }
  [[nodiscard]] std::int16_t int16(const char* field) { return integer<std::int16_t>(field); }
  [[nodiscard]] std::uint16_t uint16(const char* field) { return integer<std::uint16_t>(field); }
  [[nodiscard]] std::int32_t int32(const char* field) { return integer<std::int32_t>(field); }
  [[nodiscard]] std::int64_t int64(const char* field) { return integer<std::int64_t>(field); }
  [[nodiscard]] double float64(const char* field);
  [[nodiscard]] Uuid uuid(const char* field);
  [[nodiscard]] std::uint32_t unsigned_varint(const char* field);

  // `flexible` chooses the compact length. A null where null is not allowed is a problem.
  [[nodiscard]] std::string string(bool flexible, const char* field);
  [[nodiscard]] std::optional<std::string> nullable_string(bool flexible, const char* field);
  // These share the frame's storage.
  [[nodiscard]] SharedBytes bytes(bool flexible, const char* field);
  [[nodiscard]] std::optional<SharedBytes> nullable_bytes(bool flexible, const char* field);
  [[nodiscard]] std::optional<Payload> records(bool flexible, const char* field);

  // What one element of an array takes at least on the wire, and in memory.
  struct Element {
    std::uint32_t wire_bytes_min;
    std::size_t memory_bytes;
  };
  // The number of elements, checked against the bytes left; nullopt: null.
  [[nodiscard]] std::optional<std::uint32_t> nullable_array(bool flexible, Element element, const char* field);
  [[nodiscard]] std::uint32_t array(bool flexible, Element element, const char* field);

  // A tagged section: the number of tags, then for each its number, the length of its value, the value.
  struct Tag {
    std::uint32_t tag = 0;
    std::size_t left_after = 0;  // left() once the value is read
  };
  [[nodiscard]] std::uint32_t tags(const char* field);
  [[nodiscard]] Tag tag(const char* field);
  void keep_unknown(const Tag& tag, std::vector<UnknownTag>& unknown, const char* field);
  // The value of a known tag must end exactly where its length says.
  void end_known(const Tag& tag, const char* field);
  // A whole section of a struct without known tags.
  void unknown_tags(std::vector<UnknownTag>& unknown, const char* field);

  [[nodiscard]] std::size_t left() const { return rest_.size(); }
  [[nodiscard]] bool failed() const { return problem_ != nullptr; }
  // Corrupt, with what, which field and where; call it only when failed().
  [[nodiscard]] std::unexpected<Error> failure() const;

 private:
  template <typename Integer>
  Integer integer(const char* field) {
    if (rest_.size() < sizeof(Integer)) {
      reject("ends inside a number", field);
      return 0;
    }
    const auto value = load_big_endian<Integer>(rest_.data());
    rest_ = rest_.subspan(sizeof(Integer));
    return value;
  }
  void reject(const char* problem, const char* field);
  // Length of a string or byte field; -1 for null.
  std::int64_t length(bool flexible, bool is_string, const char* field);
  void charge(std::size_t memory_bytes, const char* field);

  SharedBytes bytes_;
  ByteSpan rest_;
  std::size_t memory_left_ = kDecodedBytesMax;
  const char* problem_ = nullptr;
  const char* problem_field_ = nullptr;
  std::size_t problem_at_ = 0;
};

// The error of a decode or encode in a version that is not described.
[[nodiscard]] std::unexpected<Error> undescribed_version(std::string_view message, std::int16_t version,
                                                         std::int16_t lowest, std::int16_t highest);

}  // namespace myelin::kafka
