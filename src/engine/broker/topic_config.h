#pragma once
// The settings a topic can have: Kafka's names, types, defaults and ranges (Kafka documentation, "Topic-Level
// Configs"), and Myelin's own, which begin with "myelin.". What a setting does is decided where LogConfig is read;
// settings that have no effect on a single broker are accepted, kept and described, so that tools written for Kafka
// work.
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/log_config.h"

namespace myelin::engine::broker {

// As numbered in DescribeConfigs.
enum class ConfigType : std::int8_t { Boolean = 1, String = 2, Int = 3, Long = 5, Double = 6, List = 7 };

struct ConfigDefinition {
  std::string_view name;
  ConfigType type;
  std::string_view default_value;
  // The broker's setting of the same meaning, shown as a synonym; empty when there is none.
  std::string_view broker_name;
  std::string_view documentation;
  double lowest = 0;         // of numbers
  double highest = 0;        // of numbers
  std::string_view choices;  // of texts and lists, separated by '|'; empty: anything
};

// Where a value comes from, as numbered in DescribeConfigs and CreateTopics.
enum class ConfigSource : std::int8_t { Topic = 1, Broker = 4, Default = 5 };

// Values that a topic sets itself, by name.
using ConfigOverrides = std::map<std::string, std::string, std::less<>>;

// Sorted by name.
[[nodiscard]] std::span<const ConfigDefinition> topic_config_definitions();
[[nodiscard]] const ConfigDefinition* find_topic_config(std::string_view name);

// Whether the name is known and the value of its type and range. The message is for the client.
[[nodiscard]] Result<void> check_topic_config(std::string_view name, const std::optional<std::string>& value);

// Overrides have passed check_topic_config, or come from this program.
[[nodiscard]] storage::LogConfig to_log_config(const ConfigOverrides& overrides);

}  // namespace myelin::engine::broker
