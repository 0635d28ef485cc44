#include "state/fields.h"

#include "base/varint.h"

namespace myelin::state {

void FieldWriter::number(std::int64_t value) {
  std::byte encoded[kVarint64SizeMax];
  const auto size = encode_unsigned_varint(encoded, zigzag(value));
  bytes_.append(reinterpret_cast<const char*>(encoded), size);
}

void FieldWriter::text(std::string_view value) {
  number(static_cast<std::int64_t>(value.size()));
  bytes_ += value;
}

FieldReader::FieldReader(std::string_view bytes, std::uint8_t version) : rest_(bytes) {
  if (rest_.empty()) {
    problem_ = "no bytes";
  } else if (static_cast<std::uint8_t>(rest_.front()) != version) {
    problem_ = "written by another version";
  } else {
    rest_.remove_prefix(1);
  }
}

std::int64_t FieldReader::number() {
  if (!problem_.empty()) return 0;
  const auto decoded = decode_unsigned_varint<std::uint64_t>(as_bytes(rest_));
  if (!decoded) {
    problem_ = "ends inside a number";
    return 0;
  }
  rest_.remove_prefix(decoded->size);
  return unzigzag(decoded->value);
}

std::string FieldReader::text() {
  const auto size = number();
  if (!problem_.empty()) return {};
  if (size < 0 || static_cast<std::uint64_t>(size) > rest_.size()) {
    problem_ = "ends inside a text";
    return {};
  }
  std::string text(rest_.substr(0, static_cast<std::size_t>(size)));
  rest_.remove_prefix(static_cast<std::size_t>(size));
  return text;
}

}  // namespace myelin::state
