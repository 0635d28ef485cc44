#pragma once
// Keys and values of records in internal topics, in the forms of Kafka's own schemas: big-endian integers, texts and
// bytes with a 16- or 32-bit count, or with a varint of count + 1 and tagged fields since a schema's flexible version
// ("compact").
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "base/varint.h"

namespace myelin::engine::broker {

inline constexpr std::size_t kStringBytesMax = 32'767;  // what a 16-bit count can say

class RecordWriter {
 public:
  template <typename Integer>
  void integer(Integer value) {
    const auto at = grow(sizeof value);
    store_big_endian(at, value);
  }
  void varint(std::uint32_t value) {
    std::byte digits[kVarint32SizeMax];
    raw({digits, encode_unsigned_varint(digits, value)});
  }
  void raw(ByteSpan bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void text(std::string_view value) {
    CHECK(value.size() <= kStringBytesMax);
    integer(static_cast<std::int16_t>(value.size()));
    raw(as_bytes(value));
  }
  void nullable_text(const std::optional<std::string>& value) {
    if (value) return text(*value);
    integer(std::int16_t{-1});
  }
  void compact_text(std::string_view value) {
    varint(static_cast<std::uint32_t>(value.size() + 1));
    raw(as_bytes(value));
  }
  void compact_count(std::size_t count) { varint(static_cast<std::uint32_t>(count + 1)); }
  void no_tags() { varint(0); }
  template <typename Integer>
  void tagged(std::uint32_t tag, Integer value) {
    varint(tag);
    varint(sizeof value);
    integer(value);
  }
  void bytes(ByteSpan value) {
    integer(static_cast<std::int32_t>(value.size()));
    raw(value);
  }
  [[nodiscard]] ByteBuffer take() { return std::move(out_); }

 private:
  std::byte* grow(std::size_t size) {
    out_.resize(out_.size() + size);
    return out_.data() + out_.size() - size;
  }

  ByteBuffer out_;
};

// Reads what it can and remembers that something was missing: callers check once, at the end.
class RecordReader {
 public:
  explicit RecordReader(ByteSpan bytes) : rest_(bytes) {}

  template <typename Integer>
  Integer integer() {
    const ByteSpan from = raw(sizeof(Integer));
    return from.empty() ? Integer{} : load_big_endian<Integer>(from.data());
  }
  std::uint32_t varint() {
    const auto decoded = decode_unsigned_varint<std::uint32_t>(rest_);
    if (!decoded) {
      broken_ = true;
      return 0;
    }
    rest_ = rest_.subspan(decoded->size);
    return decoded->value;
  }
  ByteSpan raw(std::size_t size) {
    if (broken_ || size > rest_.size()) {
      broken_ = true;
      return {};
    }
    const ByteSpan taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  std::optional<std::string> nullable_text(bool compact) {
    const std::int64_t size = compact ? std::int64_t{varint()} - 1 : std::int64_t{integer<std::int16_t>()};
    if (size < 0) return std::nullopt;
    return std::string(as_text(raw(static_cast<std::size_t>(size))));
  }
  std::string text(bool compact) {
    auto value = nullable_text(compact);
    if (!value) broken_ = true;
    return std::move(value).value_or("");
  }
  SharedBytes bytes(bool compact) {
    const std::int64_t size = compact ? std::int64_t{varint()} - 1 : std::int64_t{integer<std::int32_t>()};
    if (size < 0) {
      broken_ = true;
      return {};
    }
    return SharedBytes::copy_of(raw(static_cast<std::size_t>(size)));
  }
  std::int64_t count(bool compact) {
    return compact ? std::int64_t{varint()} - 1 : std::int64_t{integer<std::int32_t>()};
  }

  // Tagged fields: calls take(tag, content) for each.
  template <typename Take>
  void tags(Take take) {
    const std::uint32_t fields = varint();
    for (std::uint32_t field = 0; field < fields && !broken_; ++field) {
      const std::uint32_t tag = varint();
      take(tag, raw(varint()));
    }
  }
  void skip_tags() {
    tags([](std::uint32_t, ByteSpan) {});
  }

  [[nodiscard]] bool broken() const { return broken_; }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

 private:
  ByteSpan rest_;
  bool broken_ = false;
};

}  // namespace myelin::engine::broker
