#pragma once
// The broker's settings under Kafka's names, read-only: what tools ask for before they create topics or groups.
#include <string>
#include <string_view>
#include <vector>

#include "engine/broker/broker.h"
#include "engine/broker/topic_config.h"

namespace myelin::engine::broker {

struct BrokerSetting {
  std::string_view name;
  std::string value;
  ConfigType type;
  ConfigSource source;
  std::string_view documentation;
};

// Sorted by name. The defaults of topic settings are among them.
[[nodiscard]] std::vector<BrokerSetting> describe_broker_configs(const BrokerOptions& options);

}  // namespace myelin::engine::broker
