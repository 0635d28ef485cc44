#include "model/topic_settings.h"

#include <algorithm>

namespace myelin::model {
namespace {

std::vector<std::string> sorted_parts(std::string_view text) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : text) {
    if (c == ',') {
      parts.push_back(std::exchange(part, {}));
    } else if (c != ' ' && c != '\t') {
      part += c;
    }
  }
  parts.push_back(std::move(part));
  std::ranges::sort(parts);
  return parts;
}

}  // namespace

std::vector<TopicSetting> declared_settings(const Topic& topic) {
  std::vector<TopicSetting> settings;
  if (topic.compacted) {
    settings.push_back({"cleanup.policy", !*topic.compacted ? "delete"
                                          : topic.retention ? "compact,delete"
                                                            : "compact"});
  }
  if (topic.durability) settings.push_back({"myelin.durability", std::string(name_of(*topic.durability))});
  if (topic.retention) settings.push_back({"retention.ms", std::to_string(topic.retention->count())});
  return settings;
}

bool same_setting(std::string_view left, std::string_view right) { return sorted_parts(left) == sorted_parts(right); }

}  // namespace myelin::model
