#include "kafka/reader.h"

#include <bit>

#include "base/utf8.h"
#include "base/varint.h"

namespace myelin::kafka {
namespace {

// Bytes that are not UTF-8 come as U+FFFD, as in Kafka: names reach answers, documents and logs, and others read those.
// Where that makes a string too long for an answer, its end is left out.
std::string text_of(ByteSpan sent) {
  const auto text = as_text(sent);
  if (utf8_prefix(text) == text.size()) return std::string(text);
  auto replaced = with_replacements(text);
  if (replaced.size() > Reader::kStringBytesMax) {
    replaced.resize(Reader::kStringBytesMax);
    replaced.resize(utf8_prefix(replaced));
  }
  return replaced;
}

}  // namespace

void Reader::reject(const char* problem, const char* field) {
  if (problem_ == nullptr) {
    problem_ = problem;
    problem_field_ = field;
    problem_at_ = bytes_.size() - rest_.size();
  }
  rest_ = {};
}

std::unexpected<Error> Reader::failure() const {
  return fail(Code::Corrupt, "{}: {} at byte {} of {}", problem_field_ == nullptr ? "message" : problem_field_,
              problem_ == nullptr ? "unreadable" : problem_, problem_at_, bytes_.size());
}

double Reader::float64(const char* field) { return std::bit_cast<double>(integer<std::uint64_t>(field)); }

Uuid Reader::uuid(const char* field) {
  Uuid id;
  if (rest_.size() < id.bytes.size()) {
    reject("ends inside a uuid", field);
    return id;
  }
  std::memcpy(id.bytes.data(), rest_.data(), id.bytes.size());
  rest_ = rest_.subspan(id.bytes.size());
  return id;
}

std::uint32_t Reader::unsigned_varint(const char* field) {
  const auto decoded = decode_unsigned_varint<std::uint32_t>(rest_);
  if (!decoded) {
    reject("ends inside a varint, or it does not fit in 32 bits", field);
    return 0;
  }
  rest_ = rest_.subspan(decoded->size);
  return decoded->value;
}

std::int64_t Reader::length(bool flexible, bool is_string, const char* field) {
  const std::int64_t size = flexible    ? static_cast<std::int64_t>(unsigned_varint(field)) - 1
                            : is_string ? static_cast<std::int64_t>(int16(field))
                                        : static_cast<std::int64_t>(int32(field));
  if (failed()) return -1;
  if (size < -1) {
    reject("negative length", field);
  } else if (is_string && size > static_cast<std::int64_t>(kStringBytesMax)) {
    reject("a string is longer than 32767 bytes", field);
  } else if (size > static_cast<std::int64_t>(rest_.size())) {
    reject("a length is larger than what is left", field);
  } else {
    return size;
  }
  return -1;
}

std::string Reader::string(bool flexible, const char* field) {
  const auto size = length(flexible, true, field);
  if (size < 0) {
    reject("null where a string is required", field);
    return {};
  }
  auto text = text_of(rest_.first(static_cast<std::size_t>(size)));
  rest_ = rest_.subspan(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::string> Reader::nullable_string(bool flexible, const char* field) {
  const auto size = length(flexible, true, field);
  if (size < 0) return std::nullopt;
  auto text = text_of(rest_.first(static_cast<std::size_t>(size)));
  rest_ = rest_.subspan(static_cast<std::size_t>(size));
  return text;
}

SharedBytes Reader::bytes(bool flexible, const char* field) {
  auto value = nullable_bytes(flexible, field);
  if (!value) reject("null where bytes are required", field);
  return std::move(value).value_or(SharedBytes());
}

std::optional<SharedBytes> Reader::nullable_bytes(bool flexible, const char* field) {
  const auto size = length(flexible, false, field);
  if (size < 0) return std::nullopt;
  auto taken = bytes_.slice(bytes_.size() - rest_.size(), static_cast<std::size_t>(size));
  rest_ = rest_.subspan(static_cast<std::size_t>(size));
  return taken;
}

std::optional<Payload> Reader::records(bool flexible, const char* field) {
  auto value = nullable_bytes(flexible, field);
  if (!value) return std::nullopt;
  return Payload(std::move(*value));
}

void Reader::charge(std::size_t memory_bytes, const char* field) {
  if (memory_bytes > memory_left_) {
    reject("the message would take more than 64 MiB once decoded", field);
    return;
  }
  memory_left_ -= memory_bytes;
}

std::optional<std::uint32_t> Reader::nullable_array(bool flexible, Element element, const char* field) {
  const std::int64_t count = flexible ? static_cast<std::int64_t>(unsigned_varint(field)) - 1 : int32(field);
  if (count < -1) reject("negative number of elements", field);
  if (failed() || count < 0) return std::nullopt;
  const auto elements = static_cast<std::uint64_t>(count);
  if (elements * element.wire_bytes_min > rest_.size()) {
    reject("more elements than the bytes left can hold", field);
    return std::nullopt;
  }
  charge(elements * element.memory_bytes, field);
  if (failed()) return std::nullopt;
  return static_cast<std::uint32_t>(elements);
}

std::uint32_t Reader::array(bool flexible, Element element, const char* field) {
  const auto count = nullable_array(flexible, element, field);
  if (!count) reject("null where an array is required", field);
  return count.value_or(0);
}

std::uint32_t Reader::tags(const char* field) {
  const auto count = unsigned_varint(field);
  if (count > rest_.size() / 2) {
    reject("more tagged fields than the bytes left can hold", field);
    return 0;
  }
  return count;
}

Reader::Tag Reader::tag(const char* field) {
  Tag tag;
  tag.tag = unsigned_varint(field);
  const auto size = unsigned_varint(field);
  if (size > rest_.size()) {
    reject("a tagged field is longer than what is left", field);
    return tag;
  }
  tag.left_after = rest_.size() - size;
  return tag;
}

void Reader::keep_unknown(const Tag& tag, std::vector<UnknownTag>& unknown, const char* field) {
  charge(sizeof(UnknownTag), field);
  if (failed()) return;
  const auto size = rest_.size() - tag.left_after;
  unknown.push_back({tag.tag, bytes_.slice(bytes_.size() - rest_.size(), size)});
  rest_ = rest_.subspan(size);
}

void Reader::end_known(const Tag& tag, const char* field) {
  if (!failed() && rest_.size() != tag.left_after) reject("a tagged field does not have the length it says", field);
}

void Reader::unknown_tags(std::vector<UnknownTag>& unknown, const char* field) {
  for (auto count = tags(field); count > 0 && !failed(); --count) keep_unknown(tag(field), unknown, field);
}

std::unexpected<Error> undescribed_version(std::string_view message, std::int16_t version, std::int16_t lowest,
                                           std::int16_t highest) {
  return fail(Code::Unsupported, "{}: version {} is not described; use {} to {}", message, version, lowest, highest);
}

}  // namespace myelin::kafka
