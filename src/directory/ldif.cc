#include "directory/ldif.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/utf8.h"

namespace myelin::directory {
namespace {

constexpr std::size_t kValueBytesMax = 1U << 20;

std::optional<std::string> decoded(std::string_view text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char letter : text) {
    const auto index = kAlphabet.find(letter);
    if (index == std::string_view::npos) return std::nullopt;
    bits = (bits << 6U) | static_cast<std::uint32_t>(index);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>((bits >> static_cast<unsigned>(count)) & 0xFFU);
  }
  if (count >= 6) return std::nullopt;  // a letter that holds no whole byte
  return bytes;
}

// One line with those that go on with it.
struct Line {
  std::string text;
  std::uint32_t number = 1;
};

class LdifReader {
 public:
  explicit LdifReader(const document::Source& file) : file_(file), rest_(file.text) {
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
  }

  Ldif all() {
    while (auto line = next()) {
      if (line->text.empty()) {
        is_open_ = false;
      } else if (!line->text.starts_with('#')) {
        take(*line);
      }
    }
    return std::move(read_);
  }

 private:
  std::optional<std::string_view> physical() {
    if (rest_.empty()) return std::nullopt;
    const auto end = std::min(rest_.find('\n'), rest_.size());
    auto line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    ++number_;
    return line;
  }

  std::optional<Line> next() {
    const auto first = physical();
    if (!first) return std::nullopt;
    Line line{std::string(*first), number_};
    while (rest_.starts_with(' ') && !line.text.empty()) line.text += physical()->substr(1);
    return line;
  }

  void note(const Line& line, std::size_t column, std::string message) {
    const document::Position position{line.number, static_cast<std::uint32_t>(column + 1)};
    read_.problems.push_back({{file_.file, position}, std::move(message)});
  }

  // "name: value", "name:: base64"; nullopt, and noted, when it is neither.
  std::optional<LdifValue> value_of(const Line& line) {
    const auto colon = line.text.find(':');
    if (colon == std::string::npos || colon == 0) {
      note(line, 0, "expected an attribute: a name, a colon and a value");
      return std::nullopt;
    }
    LdifValue value{line.text.substr(0, std::min(colon, line.text.find(';'))), {}, {file_.file, {line.number, 1}}};
    std::ranges::transform(value.attribute, value.attribute.begin(),
                           [](char letter) { return letter >= 'A' && letter <= 'Z' ? char(letter | 0x20) : letter; });
    std::string_view text = std::string_view(line.text).substr(colon + 1);
    const bool is_base64 = text.starts_with(':');
    if (text.starts_with('<')) {
      note(line, colon + 1, "the value stands in another file, which is not read; export the value itself");
      return std::nullopt;
    }
    if (is_base64) text.remove_prefix(1);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.size() > kValueBytesMax) {
      note(line, colon + 1, fmt::format("a value of {} bytes; at most {} are read", text.size(), kValueBytesMax));
      return std::nullopt;
    }
    auto bytes = is_base64 ? decoded(text) : std::string(text);
    if (!bytes) {
      note(line, colon + 2, fmt::format("the value of {} is not base64", value.attribute));
      return std::nullopt;
    }
    value.value = *std::move(bytes);
    return value;
  }

  void take(const Line& line) {
    auto value = value_of(line);
    if (!value) return;
    if (is_open_) return add(line, *std::move(value));
    if (value->attribute == "version") {
      if (value->value != "1") note(line, 0, fmt::format("version \"{}\" is not read; expected 1", value->value));
      return;
    }
    is_open_ = true;
    is_skipped_ = value->attribute != "dn";
    if (is_skipped_) {
      note(line, 0, "an entry begins with dn; is this an export of entries, as ldapsearch -LLL makes it?");
    } else {
      read_.entries.push_back({std::move(value->value), {}, {file_.file, {line.number, 1}}});
    }
  }

  void add(const Line& line, LdifValue value) {
    if (is_skipped_) return;
    if (value.attribute == "changetype") {
      note(line, 0, "a change of an entry is not read; export the entries as they are, such as with ldapsearch -LLL");
      read_.entries.pop_back();
      is_skipped_ = true;
      return;
    }
    read_.entries.back().values.push_back(std::move(value));
  }

  const document::Source& file_;
  std::string_view rest_;
  std::uint32_t number_ = 0;  // of the line read last
  bool is_open_ = false;      // an entry has begun
  bool is_skipped_ = false;
  Ldif read_;
};

}  // namespace

const LdifValue* LdifEntry::find(std::string_view attribute) const {
  const auto found = std::ranges::find(values, attribute, &LdifValue::attribute);
  return found == values.end() ? nullptr : &*found;
}

Ldif parse_ldif(const document::Source& file) { return LdifReader(file).all(); }

}  // namespace myelin::directory
