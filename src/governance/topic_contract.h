#pragma once
// A topic is created as its contract says: what the request leaves open is taken from the contract, and a request that
// says otherwise is refused, at the creation and at every change. What differs already is left as it is; how it differs
// is for `myelin doctor`. Pure.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "kafka/messages.h"
#include "model/model.h"

namespace myelin::governance {

using AskedTopic = decltype(kafka::CreateTopicsRequest::topics)::value_type;

// Completes the request from the contract. Set: it contradicts the contract, in words for its sender; nothing was
// changed then.
[[nodiscard]] std::optional<std::string> agree_with_contract(const model::Topic& declared, AskedTopic& asked);

// The same for a change of a topic that exists: more partitions, one setting (nullopt: back to its default), or all
// that it sets itself. Set: what contradicts the contract.
[[nodiscard]] std::optional<std::string> contradicts_partitions(const model::Topic& declared, std::int32_t count);
[[nodiscard]] std::optional<std::string> contradicts_setting(const model::Topic& declared, std::string_view name,
                                                             const std::optional<std::string>& value);
[[nodiscard]] std::optional<std::string> contradicts_settings(
    const model::Topic& declared, const std::map<std::string, std::optional<std::string>>& values);

// How the topic begins when it is made on first use.
[[nodiscard]] engine::FirstUse first_use_of(const model::Topic& declared);

// One setting of an existing topic that is not what the contract says.
struct ContractDifference {
  std::string setting;  // "partitions", or the name of a topic config
  std::string declared;
  std::string found;  // empty: the engine does not know the setting
};
[[nodiscard]] std::vector<ContractDifference> differences(const model::Topic& declared, std::int32_t partitions,
                                                          const std::map<std::string, std::string>& configs);

}  // namespace myelin::governance
