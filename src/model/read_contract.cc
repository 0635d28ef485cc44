// Bitol ODCS 3.0 to 3.2. Kafka's share stands in schema objects of physicalType topic and their customProperties of
// vendor myelin; everything else is kept and not read.
#include <fmt/core.h>

#include <array>

#include "model/drafts.h"
#include "model/rules.h"

namespace myelin::model {
namespace {

// The standard leaves them open; these are those of its text and of its examples.
const std::array<std::string, 8> kStatuses{"proposed", "draft",       "active",         "deprecated",
                                           "retired",  "development", "in development", "production"};

bool is_served_version(std::string_view version) {
  return version.starts_with("v3.0.") || version.starts_with("v3.1.") || version.starts_with("v3.2.");
}

bool is_topic(const Fields& schema) {
  const std::string type = schema.text_or_empty("physicalType");
  return type == "topic" || type == "Topic" || type == "TOPIC";
}

void read_topic_properties(const Fields& schema, Topic& topic) {
  static const std::array<std::string, 4> kProperties{"partitions", "durability", "retentionHours", "compacted"};
  static const std::array<std::string, 3> kLevels{"synced", "interval", "os"};
  constexpr std::int64_t kPartitionsMax = 1'000;
  constexpr std::int64_t kRetentionHoursMax = 24 * 3'660;
  allow_only_own_properties(schema, kProperties);
  if (const auto property = own_property(schema, "partitions")) {
    const auto partitions = property->integer("value", {1, kPartitionsMax});
    if (partitions) topic.partitions = static_cast<std::int32_t>(*partitions);
  }
  if (const auto property = own_property(schema, "retentionHours")) {
    const auto hours = property->integer("value", {1, kRetentionHoursMax});
    if (hours) topic.retention = std::chrono::hours(*hours);
  }
  if (const auto property = own_property(schema, "compacted")) {
    topic.compacted = property->boolean("value");
  }
  if (const auto property = own_property(schema, "durability")) {
    const auto level = property->choice("value", kLevels);
    for (const Durability known : {Durability::Synced, Durability::Interval, Durability::Os}) {
      if (level && level->value == name_of(known)) topic.durability = known;
    }
  }
}

std::optional<TopicDraft> read_topic(const Fields& schema) {
  TopicDraft draft;
  draft.name = schema.required_text("physicalName");
  read_topic_properties(schema, draft.topic);
  if (draft.name.empty()) return std::nullopt;
  if (const auto wrong = wrong_topic(draft.name.value)) {
    schema.note(draft.name.place, fmt::format("topic \"{}\": {}", draft.name.value, *wrong));
    return std::nullopt;
  }
  draft.topic.name = TopicName(draft.name.value);
  draft.topic.title = schema.text_or_empty("businessName");
  draft.topic.description = schema.text_or_empty("description");
  draft.topic.place = draft.name.place;
  return draft;
}

// ODCS 3.1 made `team` a map with a name; in 3.0 it is a list of people, which names no squad.
std::optional<Text> read_team(const Fields& document) {
  const document::Node* team = document.find("team");
  if (team == nullptr || team->is(document::NodeKind::List)) return std::nullopt;
  const auto fields = document.map("team");
  const auto name = fields ? fields->text("name") : std::nullopt;
  if (!name) return std::nullopt;
  Text squad = entity_reference(document, *name, "Group");
  if (squad.empty()) return std::nullopt;
  return squad;
}

}  // namespace

void read_contract(const Fields& document, Drafts& drafts) {
  static const std::array<std::string, 1> kKinds{"DataContract"};
  if (document.required_text("kind").empty() || !document.choice("kind", kKinds)) return;
  const Text api_version = document.required_text("apiVersion");
  if (!api_version.empty() && !is_served_version(api_version.value)) {
    document.note(api_version.place,
                  fmt::format("apiVersion \"{}\" is not read; use v3.0.x, v3.1.0 or v3.2.0", api_version.value));
  }
  ContractDraft contract;
  contract.id = document.required_text("id");
  contract.version = document.required_text("version").value;
  if (const auto status = document.choice("status", kStatuses)) contract.status = status->value;
  contract.team = read_team(document);
  contract.channels = read_support(document);
  for (const Fields& schema : document.maps("schema")) {
    if (!is_topic(schema)) continue;
    if (auto topic = read_topic(schema)) contract.topics.push_back(std::move(*topic));
  }
  if (!contract.id.empty()) drafts.contracts.push_back(std::move(contract));
}

}  // namespace myelin::model
