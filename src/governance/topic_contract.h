#pragma once
// A topic is created as its contract says: what the request leaves open is taken from the contract, and a request that
// says otherwise is refused. What exists already is never changed; how it differs is for `myelin doctor`. Pure.
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
