#include "model/rules.h"

#include <fmt/core.h>

#include <algorithm>

#include "document/nearest.h"

namespace myelin::model {
namespace {

bool is_alphanumeric(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
}

bool is_name_letter(char letter) { return is_alphanumeric(letter) || letter == '-' || letter == '_' || letter == '.'; }

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) { return (a | 0x20) == (b | 0x20); });
}

bool is_ours(const Fields& property) {
  const document::Node* vendor = property.find("vendor");
  return vendor != nullptr && vendor->text == "myelin";
}

}  // namespace

std::optional<std::string> wrong_entity_name(std::string_view name) {
  constexpr std::size_t kLengthMax = 63;
  const bool fits = !name.empty() && name.size() <= kLengthMax && is_alphanumeric(name.front()) &&
                    is_alphanumeric(name.back()) && std::ranges::all_of(name, is_name_letter);
  if (fits) return std::nullopt;
  return "expected up to 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends";
}

std::optional<std::string> wrong_principal(std::string_view name) {
  constexpr std::size_t kLengthMax = 128;
  if (name.find_first_of("()") != std::string_view::npos) {
    return "parentheses are kept for Myelin's own, such as (anonymous)";
  }
  if (name.starts_with("__") || equal_ignoring_case(name, "anonymous") || equal_ignoring_case(name, "myelin")) {
    return "the name is reserved; use another than anonymous, myelin and names that start with __";
  }
  const bool printable = std::ranges::all_of(name, [](char letter) { return letter > ' ' && letter != 0x7f; });
  if (name.empty() || name.size() > kLengthMax || !printable) return "expected 1 to 128 printable ASCII characters";
  return std::nullopt;
}

std::optional<std::string> wrong_topic(std::string_view name) {
  constexpr std::size_t kLengthMax = 249;
  if (name.starts_with("__")) return "names that start with __ are internal";
  const bool fits = !name.empty() && name.size() <= kLengthMax && std::ranges::all_of(name, is_name_letter) &&
                    name != "." && name != "..";
  if (fits) return std::nullopt;
  return "expected up to 249 letters, digits, '.', '_' and '-'";
}

std::vector<std::string> words_of(std::string_view text) {
  constexpr std::string_view kSeparators = ", \t\r\n";
  std::vector<std::string> words;
  while (true) {
    const std::size_t start = text.find_first_not_of(kSeparators);
    if (start == std::string_view::npos) return words;
    const std::size_t end = std::min(text.find_first_of(kSeparators, start), text.size());
    words.emplace_back(text.substr(start, end - start));
    text.remove_prefix(end);
  }
}

Text entity_reference(const Fields& fields, Text reference, std::string_view kind) {
  std::string_view rest = reference.value;
  if (const std::size_t colon = rest.find(':'); colon != std::string_view::npos) {
    if (!equal_ignoring_case(rest.substr(0, colon), kind)) {
      fields.note(reference.place,
                  fmt::format("\"{}\" refers to another kind; expected {}:NAME or NAME", reference.value, kind));
      return {};
    }
    rest.remove_prefix(colon + 1);
  }
  if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos) {
    if (rest.substr(0, slash) != "default") {
      fields.note(reference.place,
                  fmt::format("\"{}\" refers to another namespace; only \"default\" is read", reference.value));
      return {};
    }
    rest.remove_prefix(slash + 1);
  }
  if (rest.empty() && !reference.value.empty()) {
    fields.note(reference.place, fmt::format("\"{}\" names nothing; expected {}:NAME or NAME", reference.value, kind));
  }
  return {std::string(rest), reference.place};
}

std::optional<Text> optional_group(const Fields& fields, std::string_view key) {
  auto text = fields.text(key);
  if (!text) return std::nullopt;
  if (text->empty()) {
    fields.note(text->place, fields.name_of(key) + " is empty; expected a Group's name, or leave it out");
    return std::nullopt;
  }
  return entity_reference(fields, std::move(*text), "Group");
}

std::optional<WallTime> read_time(const Fields& fields, std::string_view key, DateMeans date_means) {
  const auto text = fields.text(key);
  if (!text) return std::nullopt;
  const auto time = parse_timestamp(text->value, date_means);
  if (!time) {
    fields.note(text->place, fmt::format("{} \"{}\" is not a time; expected a form like 2026-07-01T00:00:00Z or "
                                         "2026-07-01",
                                         fields.name_of(key), text->value));
  }
  return time;
}

std::vector<Channel> read_support(const Fields& document) {
  std::vector<Channel> channels;
  for (const Fields& item : document.maps("support")) {
    const Text name = item.required_text("channel");
    if (!name.empty()) channels.push_back({name.value, item.text_or_empty("url"), item.text_or_empty("tool")});
  }
  return channels;
}

std::optional<Fields> own_property(const Fields& owner, std::string_view property) {
  for (const Fields& item : owner.maps("customProperties")) {
    if (is_ours(item) && item.text_or_empty("property") == property) return item;
  }
  return std::nullopt;
}

void allow_only_own_properties(const Fields& owner, std::span<const std::string> known) {
  for (const Fields& item : owner.maps("customProperties")) {
    if (!is_ours(item) || item.required_text("property").empty()) continue;
    static_cast<void>(item.choice("property", known));
  }
}

}  // namespace myelin::model
