#pragma once
// Bytes as hexadecimal text, for tests: spaces are ignored.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace myelin {

inline ByteBuffer from_hex(std::string_view text) {
  ByteBuffer bytes;
  int high = -1;
  for (const char letter : text) {
    if (letter == ' ') continue;
    const int digit = letter >= 'a' ? letter - 'a' + 10 : letter - '0';
    EXPECT_TRUE(digit >= 0 && digit < 16) << "not a hexadecimal digit: " << letter;
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<std::byte>(high * 16 + digit));
      high = -1;
    }
  }
  EXPECT_EQ(high, -1) << "an odd number of digits";
  return bytes;
}

inline std::string to_hex(ByteSpan bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += kDigits[std::to_integer<unsigned>(byte) >> 4];
    text += kDigits[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

}  // namespace myelin
