#pragma once
// What a contract declares about how its topic is kept, in Kafka's words.
#include <string>
#include <vector>

#include "model/model.h"

namespace myelin::model {

struct TopicSetting {
  std::string name;  // of a topic config
  std::string value;
  bool operator==(const TopicSetting&) const = default;
};

// "cleanup.policy", "myelin.durability" and "retention.ms", in this order, each only when the contract says something
// about it. A compacted topic with a retention is both compacted and deleted from. `partitions` is no config.
[[nodiscard]] std::vector<TopicSetting> declared_settings(const Topic& topic);

// Whether two values of a topic config mean the same: lists do in any order.
[[nodiscard]] bool same_setting(std::string_view left, std::string_view right);

}  // namespace myelin::model
