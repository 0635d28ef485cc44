#include "base/uuid.h"

#include <sys/random.h>

#include "base/check.h"

namespace myelin {
namespace {
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kTextLength = 22;
}  // namespace

Uuid Uuid::random() {
  Uuid id;
  do {
    const auto filled = ::getrandom(id.bytes.data(), id.bytes.size(), 0);
    CHECK(filled == static_cast<ssize_t>(id.bytes.size()));
    id.bytes[6] = (id.bytes[6] & std::byte{0x0f}) | std::byte{0x40};
    id.bytes[8] = (id.bytes[8] & std::byte{0x3f}) | std::byte{0x80};
  } while (id.text().front() == '-');
  return id;
}

Result<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != kTextLength) return fail(Code::Invalid, "\"{}\" is not a 22-character base64 id", text);
  Uuid id;
  std::uint32_t bits = 0;
  int held = 0;
  std::size_t next = 0;
  for (const char letter : text) {
    const auto value = kAlphabet.find(letter);
    if (value == std::string_view::npos) return fail(Code::Invalid, "\"{}\" is not a 22-character base64 id", text);
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8 && next < id.bytes.size()) {
      held -= 8;
      id.bytes[next++] = static_cast<std::byte>((bits >> held) & 0xff);
    }
  }
  return id;
}

std::string Uuid::text() const {
  std::string text;
  std::uint32_t bits = 0;
  int held = 0;
  for (const auto byte : bytes) {
    bits = (bits << 8) | std::to_integer<std::uint32_t>(byte);
    held += 8;
    while (held >= 6) {
      held -= 6;
      text.push_back(kAlphabet[(bits >> held) & 0x3f]);
    }
  }
  text.push_back(kAlphabet[(bits << (6 - held)) & 0x3f]);
  return text;
}

}  // namespace myelin
