#include "cel/lexer.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>

#include "cel/literal.h"

namespace myelin::cel {
namespace {

constexpr std::array<std::string_view, 6> kLongSymbols{"==", "!=", "<=", ">=", "&&", "||"};
constexpr std::string_view kSymbols = "+-*/%!<>?:.,()[]{}";

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }
bool is_hex(char letter) {
  return is_digit(letter) || (letter >= 'a' && letter <= 'f') || (letter >= 'A' && letter <= 'F');
}
bool starts_word(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || letter == '_';
}
bool is_word(char letter) { return starts_word(letter) || is_digit(letter); }
bool is_space(char letter) { return std::string_view(" \t\n\r\f").find(letter) != std::string_view::npos; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::expected<std::vector<Token>, Fault> run() {
    for (;;) {
      skip_space();
      if (at_ >= text_.size()) break;
      auto token = next();
      if (!token) return std::unexpected(std::move(token).error());
      tokens_.push_back(std::move(*token));
    }
    tokens_.push_back({TokenKind::End, text_.size(), {}});
    return std::move(tokens_);
  }

 private:
  using One = std::expected<Token, Fault>;

  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void skip_space() {
    while (at_ < text_.size()) {
      if (is_space(text_[at_])) {
        ++at_;
      } else if (text_.substr(at_).starts_with("//")) {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else {
        return;
      }
    }
  }

  One next() {
    if (is_digit(peek()) || (peek() == '.' && is_digit(peek(1)))) return number();
    const auto prefix = prefix_length();
    if (peek(prefix) == '"' || peek(prefix) == '\'') return quoted(prefix);
    if (starts_word(peek())) return word();
    if (peek() == '`') return quoted_identifier();
    return symbol();
  }

  // Of "r", "b", "br" and "rb", in either case, before a string.
  std::size_t prefix_length() const {
    std::size_t length = 0;
    while (length < 2 && std::string_view("rRbB").find(peek(length)) != std::string_view::npos &&
           peek(length) != '\0') {
      ++length;
    }
    return length;
  }

  One word() {
    const auto start = at_;
    while (is_word(peek())) ++at_;
    return Token{TokenKind::Identifier, start, std::string(text_.substr(start, at_ - start))};
  }

  One quoted_identifier() {
    const auto start = at_;
    const auto end = text_.find('`', start + 1);
    const auto name = end == std::string_view::npos ? std::string_view() : text_.substr(start + 1, end - start - 1);
    const auto may_hold = [](char letter) { return is_word(letter) || std::string_view("-./ ").contains(letter); };
    if (name.empty() || !std::ranges::all_of(name, may_hold)) {
      return std::unexpected(Fault{start,
                                   "a name in backquotes holds letters, digits and \"_-./ \" and ends with a "
                                   "backquote"});
    }
    at_ = end + 1;
    return Token{TokenKind::QuotedIdentifier, start, std::string(name)};
  }

  void skip_digits() {
    while (is_digit(peek())) ++at_;
  }

  // Whether a fraction or an exponent follows, which is then taken.
  bool take_rest_of_real() {
    bool is_real = false;
    if (peek() == '.' && is_digit(peek(1))) {
      is_real = true;
      ++at_;
      skip_digits();
    }
    const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
    if ((peek() == 'e' || peek() == 'E') && is_digit(peek(1 + sign))) {
      is_real = true;
      at_ += 1 + sign;
      skip_digits();
    }
    return is_real;
  }

  One number() {
    const auto start = at_;
    auto kind = TokenKind::Integer;
    if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X') && is_hex(peek(2))) {
      at_ += 2;
      while (is_hex(peek())) ++at_;
    } else {
      skip_digits();
      if (take_rest_of_real()) kind = TokenKind::Real;
    }
    Token token{kind, start, std::string(text_.substr(start, at_ - start))};
    if (kind == TokenKind::Integer && (peek() == 'u' || peek() == 'U')) {
      token.kind = TokenKind::UnsignedInteger;
      ++at_;
    }
    if (is_word(peek())) return std::unexpected(Fault{start, fmt::format("\"{}{}\" is no number", token.text, peek())});
    return token;
  }

  One quoted(std::size_t prefix) {
    const auto start = at_;
    StringForm form;
    for (const char letter : text_.substr(start, prefix)) {
      (letter == 'r' || letter == 'R' ? form.is_raw : form.is_bytes) = true;
    }
    const std::string_view rest = text_.substr(start + prefix);
    const std::string_view quote =
        rest.starts_with("\"\"\"") || rest.starts_with("'''") ? rest.substr(0, 3) : rest.substr(0, 1);
    const auto end = end_of_quoted(start + prefix + quote.size(), quote, form.is_raw);
    if (!end) return std::unexpected(Fault{start, fmt::format("a string without its closing {}", quote)});
    const auto inside = start + prefix + quote.size();
    auto decoded = decoded_string(text_.substr(inside, *end - inside), form);
    if (!decoded) return std::unexpected(Fault{inside + decoded.error().offset, std::move(decoded).error().message});
    at_ = *end + quote.size();
    return Token{form.is_bytes ? TokenKind::Bytes : TokenKind::String, start, std::move(*decoded)};
  }

  std::optional<std::size_t> end_of_quoted(std::size_t from, std::string_view quote, bool is_raw) const {
    for (auto at = from; at < text_.size(); ++at) {
      if (text_.substr(at).starts_with(quote)) return at;
      if (text_[at] == '\\' && !is_raw) ++at;
      if (quote.size() == 1 && at < text_.size() && (text_[at] == '\n' || text_[at] == '\r')) return std::nullopt;
    }
    return std::nullopt;
  }

  One symbol() {
    const auto start = at_;
    const auto rest = text_.substr(start);
    for (const auto symbol : kLongSymbols) {
      if (!rest.starts_with(symbol)) continue;
      at_ += symbol.size();
      return Token{TokenKind::Symbol, start, std::string(symbol)};
    }
    if (kSymbols.find(peek()) == std::string_view::npos || peek() == '\0') {
      const auto* hint = peek() == '='                    ? "; to compare, write ==, <= or >="
                         : peek() == '&' || peek() == '|' ? "; write it twice"
                                                          : "";
      return std::unexpected(Fault{start, fmt::format("a character that means nothing here{}", hint)});
    }
    ++at_;
    return Token{TokenKind::Symbol, start, std::string(rest.substr(0, 1))};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::expected<std::vector<Token>, Fault> tokens_of(std::string_view text) { return Lexer(text).run(); }

}  // namespace myelin::cel
