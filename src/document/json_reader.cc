#include "document/json_reader.h"

#include <fmt/core.h>

#include <set>

#include "base/utf8.h"
#include "document/scalar.h"

namespace myelin::document {
namespace {

using Outcome = std::expected<Node, JsonFault>;

// Reads one value; a fault ends the reading, so no state needs repair.
class JsonReader {
 public:
  JsonReader(std::string_view text, const Limits& limits) : rest_(text), limits_(limits) {}

  Outcome document() {
    Outcome root = value(0);
    if (!root) return root;
    skip_space();
    if (!rest_.empty()) return fault("text after the end of the value");
    return root;
  }

 private:
  std::unexpected<JsonFault> fault(std::string message) const {
    return std::unexpected(JsonFault{position_, std::move(message)});
  }

  void advance(std::size_t bytes) {
    for (std::size_t done = 0; done < bytes;) {
      const CodePoint point = code_point_at(rest_.substr(done));
      if (point.value == '\n') {
        ++position_.line;
        position_.column = 1;
      } else {
        ++position_.column;
      }
      done += point.size;
    }
    rest_.remove_prefix(bytes);
  }

  void skip_space() {
    std::size_t length = 0;
    while (length < rest_.size() && std::string_view(" \t\r\n").find(rest_[length]) != std::string_view::npos) ++length;
    advance(length);
  }

  bool take(char expected) {
    if (!rest_.starts_with(expected)) return false;
    advance(1);
    return true;
  }

  Outcome value(std::size_t depth) {
    skip_space();
    if (++nodes_ > limits_.nodes_max) return fault(fmt::format("more than {} values", limits_.nodes_max));
    if (rest_.empty()) return fault("the text ends where a value is expected");
    const Position position = position_;
    Outcome node = fault("");
    switch (rest_.front()) {
      case '{':
        node = map(depth);
        break;
      case '[':
        node = list(depth);
        break;
      case '"':
        node = string();
        break;
      default:
        node = word();
    }
    if (node) node->position = position;
    return node;
  }

  Outcome word() {
    const std::size_t length = std::min(rest_.find_first_of(" \t\r\n,:]}[{\""), rest_.size());
    const std::string_view text = rest_.substr(0, length);
    Node node;
    node.text = text;
    if (text == "null") {
      node.text.clear();
    } else if (text == "true" || text == "false") {
      node.kind = NodeKind::Boolean;
    } else if (is_json_number(text)) {
      node.kind = NodeKind::Number;
    } else {
      return fault("expected a value: an object, a list, a string in double quotes, a number, true, false or null");
    }
    advance(length);
    return node;
  }

  Outcome list(std::size_t depth) {
    if (depth >= limits_.depth_max) return fault(fmt::format("nested deeper than {} levels", limits_.depth_max));
    Node node = Node::list({});
    advance(1);
    skip_space();
    if (take(']')) return node;
    while (true) {
      Outcome item = value(depth + 1);
      if (!item) return item;
      node.items.push_back(std::move(*item));
      skip_space();
      if (take(']')) return node;
      if (!take(',')) return fault("expected ',' or ']' in a list");
    }
  }

  Outcome map(std::size_t depth) {
    if (depth >= limits_.depth_max) return fault(fmt::format("nested deeper than {} levels", limits_.depth_max));
    Node node = Node::map({});
    std::set<std::string> keys;
    advance(1);
    skip_space();
    if (take('}')) return node;
    while (true) {
      skip_space();
      if (!rest_.starts_with('"')) return fault("expected a key in double quotes");
      const Position key_position = position_;
      Outcome key = string();
      if (!key) return key;
      if (!keys.insert(key->text).second) {
        position_ = key_position;
        return fault(fmt::format("key \"{}\" is there twice", key->text));
      }
      skip_space();
      if (!take(':')) return fault("expected ':' after a key");
      Outcome member = value(depth + 1);
      if (!member) return member;
      node.members.push_back(Member{std::move(key->text), key_position, std::move(*member)});
      skip_space();
      if (take('}')) return node;
      if (!take(',')) return fault("expected ',' or '}' in an object");
    }
  }

  Outcome string() {
    Node node = Node::string("");
    advance(1);
    while (!rest_.empty()) {
      const std::size_t plain = std::min(rest_.find_first_of("\"\\"), rest_.size());
      const std::string_view part = rest_.substr(0, plain);
      for (std::size_t at = 0; at < part.size(); ++at) {
        if (static_cast<unsigned char>(part[at]) < 0x20) {
          advance(at);
          return fault("a control character in a string must be written as an escape");
        }
      }
      node.text += part;
      advance(plain);
      if (take('"')) return node;
      if (rest_.empty()) break;
      if (auto escaped = escape(node.text); !escaped) return std::unexpected(std::move(escaped).error());
    }
    return fault("the text ends inside a string");
  }

  // At a backslash.
  std::expected<void, JsonFault> escape(std::string& to) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const char letter = rest_.size() > 1 ? rest_[1] : '\0';
    if (letter == 'u') return unicode_escape(to);
    const std::size_t index = kLetters.find(letter);
    if (letter == '\0' || index == std::string_view::npos) return fault("unknown escape in a string");
    to += kMeanings[index];
    advance(2);
    return {};
  }

  std::expected<void, JsonFault> unicode_escape(std::string& to) {
    const auto unit = code_unit();
    if (!unit) return fault("expected four hexadecimal digits after \\u");
    char32_t value = *unit;
    advance(6);
    if (value >= 0xd800 && value <= 0xdbff) {
      const auto low = code_unit();
      if (!low || *low < 0xdc00 || *low > 0xdfff) return fault("half of a surrogate pair in a string");
      value = 0x10000 + ((value - 0xd800) << 10) + (*low - 0xdc00);
      advance(6);
    } else if (value >= 0xdc00 && value <= 0xdfff) {
      return fault("half of a surrogate pair in a string");
    }
    append_utf8(to, value);
    return {};
  }

  // The number of \uXXXX at the start of what is left.
  std::optional<char32_t> code_unit() const {
    if (rest_.size() < 6 || !rest_.starts_with("\\u")) return std::nullopt;
    char32_t value = 0;
    for (const char digit : rest_.substr(2, 4)) {
      constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
      const std::size_t index = kDigits.find(digit);
      if (index == std::string_view::npos) return std::nullopt;
      value = value * 16 + static_cast<char32_t>(index < 16 ? index : index - 6);
    }
    return value;
  }

  std::string_view rest_;
  const Limits& limits_;
  Position position_{1, 1};
  std::size_t nodes_ = 0;
};

}  // namespace

Outcome read_json(std::string_view text, const Limits& limits) {
  if (text.size() > limits.bytes_max) {
    return std::unexpected(JsonFault{{}, fmt::format("{} bytes; at most {} are read", text.size(), limits.bytes_max)});
  }
  if (utf8_prefix(text) != text.size()) return std::unexpected(JsonFault{{}, "the text is not UTF-8"});
  return JsonReader(text, limits).document();
}

}  // namespace myelin::document
