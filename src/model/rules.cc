#include "model/rules.h"

#include <fmt/core.h>

#include <algorithm>

#include "document/nearest.h"

namespace myelin::model {
namespace {

bool is_ours(const Fields& property) {
  const document::Node* vendor = property.find("vendor");
  return vendor != nullptr && vendor->text == "myelin";
}

}  // namespace

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
