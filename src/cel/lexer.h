#pragma once
// CEL's tokens. Internal to the module.
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "cel/fault.h"

namespace myelin::cel {

enum class TokenKind { End, Identifier, QuotedIdentifier, Integer, UnsignedInteger, Real, String, Bytes, Symbol };

struct Token {
  TokenKind kind = TokenKind::End;
  std::size_t offset = 0;
  std::string text;  // as written; of strings, bytes and quoted identifiers what they stand for; numbers without "u"
};

// The last one is End. Strings are decoded, and are UTF-8 where the text is.
[[nodiscard]] std::expected<std::vector<Token>, Fault> tokens_of(std::string_view text);

}  // namespace myelin::cel
