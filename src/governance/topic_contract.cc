#include "governance/topic_contract.h"

#include <fmt/core.h>

#include <algorithm>

#include "model/topic_settings.h"

namespace myelin::governance {
namespace {

std::string contradiction(const model::Topic& declared, std::string_view setting, std::string_view value,
                          std::string_view asked) {
  return fmt::format(
      "contract {} ({}) says {}={} for topic {}, this request says {}; ask for what the contract says, leave it open, "
      "or change the contract first",
      declared.contract, declared.place.text(), setting, value, declared.name.text(), asked);
}

std::int32_t partitions_of(const AskedTopic& asked) {
  return asked.assignments.empty() ? asked.num_partitions : static_cast<std::int32_t>(asked.assignments.size());
}

}  // namespace

std::optional<std::string> agree_with_contract(const model::Topic& declared, AskedTopic& asked) {
  const auto partitions = partitions_of(asked);
  if (declared.partitions && partitions >= 0 && partitions != *declared.partitions) {
    return contradiction(declared, "partitions", std::to_string(*declared.partitions), std::to_string(partitions));
  }
  const auto settings = model::declared_settings(declared);
  std::vector<model::TopicSetting> left_open;
  for (const auto& setting : settings) {
    const auto config = std::ranges::find(asked.configs, setting.name, [](const auto& each) { return each.name; });
    if (config == asked.configs.end()) {
      left_open.push_back(setting);
    } else if (!config->value || !model::same_setting(*config->value, setting.value)) {
      return contradiction(declared, setting.name, setting.value, config->value.value_or("nothing"));
    }
  }
  if (declared.partitions && partitions < 0) asked.num_partitions = *declared.partitions;
  for (const auto& setting : left_open) {
    auto& config = asked.configs.emplace_back();
    config.name = setting.name;
    config.value = setting.value;
  }
  return std::nullopt;
}

std::optional<std::string> contradicts_partitions(const model::Topic& declared, std::int32_t count) {
  if (!declared.partitions || *declared.partitions == count) return std::nullopt;
  return contradiction(declared, "partitions", std::to_string(*declared.partitions), std::to_string(count));
}

std::optional<std::string> contradicts_setting(const model::Topic& declared, std::string_view name,
                                               const std::optional<std::string>& value) {
  for (const auto& setting : model::declared_settings(declared)) {
    if (setting.name != name || (value && model::same_setting(*value, setting.value))) continue;
    return contradiction(declared, setting.name, setting.value, value.value_or("its default"));
  }
  return std::nullopt;
}

std::optional<std::string> contradicts_settings(const model::Topic& declared,
                                                const std::map<std::string, std::optional<std::string>>& values) {
  for (const auto& setting : model::declared_settings(declared)) {
    const auto asked = values.find(setting.name);
    auto found = contradicts_setting(declared, setting.name, asked == values.end() ? std::nullopt : asked->second);
    if (found) return found;
  }
  return std::nullopt;
}

engine::FirstUse first_use_of(const model::Topic& declared) {
  engine::FirstUse first_use;
  first_use.topic = declared.name;
  first_use.partitions = declared.partitions;
  for (const auto& setting : model::declared_settings(declared)) first_use.configs.emplace(setting.name, setting.value);
  return first_use;
}

std::vector<ContractDifference> differences(const model::Topic& declared, std::int32_t partitions,
                                            const std::map<std::string, std::string>& configs) {
  std::vector<ContractDifference> found;
  if (declared.partitions && *declared.partitions != partitions) {
    found.push_back({"partitions", std::to_string(*declared.partitions), std::to_string(partitions)});
  }
  for (const auto& setting : model::declared_settings(declared)) {
    const auto config = configs.find(setting.name);
    const bool is_same = config != configs.end() && model::same_setting(config->second, setting.value);
    if (is_same) continue;
    found.push_back({setting.name, setting.value, config == configs.end() ? "" : config->second});
  }
  return found;
}

}  // namespace myelin::governance
