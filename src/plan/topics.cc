#include "plan/topics.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

#include "model/ownership.h"
#include "model/topic_settings.h"
#include "plan/among.h"

namespace myelin::plan {
namespace {

constexpr std::string_view kPartitions = "partitions";

std::vector<model::TopicSetting> declared(const model::Topic& topic) {
  auto settings = model::declared_settings(topic);
  if (topic.partitions)
    settings.insert(settings.begin(), {std::string(kPartitions), std::to_string(*topic.partitions)});
  return settings;
}

std::optional<std::string> found(const LiveTopic& live, const std::string& setting) {
  if (setting == kPartitions) return std::to_string(live.partitions);
  const auto at = live.settings.find(setting);
  return at == live.settings.end() ? std::nullopt : std::optional(at->second);
}

std::vector<FieldChange> settings_of(const model::Topic& topic, const LiveTopic* live) {
  std::vector<FieldChange> changes;
  for (const auto& setting : declared(topic)) {
    auto is = live == nullptr ? std::nullopt : found(*live, setting.name);
    if (is && model::same_setting(*is, setting.value)) continue;
    changes.push_back({setting.name, std::move(is), setting.value});
  }
  return changes;
}

bool makes_topics(const model::Model& model, const model::Topic& topic) {
  static constexpr std::array<std::string_view, 3> kIdle{"proposed", "draft", "retired"};
  const auto contract = model.contracts.find(topic.contract);
  return contract == model.contracts.end() || !is_among(kIdle, contract->second.status);
}

// What is in force says the same as what is to be, and the topic is otherwise.
bool is_drift(const model::Model& before, const model::Topic& topic) {
  const auto was = before.topics.find(topic.name);
  return was != before.topics.end() && declared(was->second) == declared(topic);
}

std::int64_t number(const std::string& text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

std::vector<TopicChange> topic_changes(const Question& question) {
  std::vector<TopicChange> changes;
  for (const auto& [name, topic] : question.after->topics) {
    if (!question.applier.speaks_for(topic.owner)) continue;
    const auto live = question.live.topics.find(name);
    const bool exists = live != question.live.topics.end();
    if (!exists && !makes_topics(*question.after, topic)) continue;
    TopicChange change;
    change.action = exists ? Action::Change : Action::Create;
    change.topic = name;
    change.squad = topic.owner;
    change.place = topic.place;
    change.settings = settings_of(topic, exists ? &live->second : nullptr);
    if (exists && change.settings.empty()) continue;
    change.is_drift = exists && is_drift(*question.before, topic);
    changes.push_back(std::move(change));
  }
  std::ranges::sort(changes, {}, [](const TopicChange& change) { return std::tie(change.squad, change.topic); });
  return changes;
}

std::vector<std::string> impossible(const std::vector<TopicChange>& changes) {
  std::vector<std::string> refusals;
  for (const auto& change : changes) {
    if (change.action != Action::Change) continue;
    for (const auto& setting : change.settings) {
      if (setting.path != kPartitions || number(*setting.before) <= number(*setting.after)) continue;
      refusals.push_back(fmt::format(
          "topic {} has {} partitions and {} says {}: partitions can't be taken away; declare {}, or make a topic of "
          "another name and move its clients",
          change.topic.text(), *setting.before, change.place.text(), *setting.after, *setting.before));
    }
  }
  return refusals;
}

std::vector<TopicName> undeclared_topics(const Question& question) {
  std::vector<TopicName> undeclared;
  for (const auto& [name, live] : question.live.topics) {
    if (!name.text().starts_with("__") && !model::topic_owner(*question.after, name)) undeclared.push_back(name);
  }
  return undeclared;
}

}  // namespace myelin::plan
