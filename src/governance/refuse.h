#pragma once
// Small parts of the authorise step that several APIs share: taking refused elements out, putting errors back.
#include <vector>

#include "kafka/error_code.h"

namespace myelin::governance {

// Removes the elements for which `allowed` is false and returns them, both in their order.
template <typename Element, typename Allowed>
[[nodiscard]] std::vector<Element> take_refused(std::vector<Element>& elements, Allowed allowed) {
  std::vector<Element> kept;
  std::vector<Element> refused;
  for (auto& element : elements) (allowed(element) ? kept : refused).push_back(std::move(element));
  elements = std::move(kept);
  return refused;
}

inline constexpr std::int16_t kTopicRefused = kafka::code_of(kafka::ErrorCode::TopicAuthorizationFailed);
inline constexpr std::int16_t kTopicIdUnknown = kafka::code_of(kafka::ErrorCode::UnknownTopicId);
inline constexpr std::int16_t kTopicUnnamedForNow = kafka::code_of(kafka::ErrorCode::RequestTimedOut);  // ask again
inline constexpr std::int16_t kPolicyViolated = kafka::code_of(kafka::ErrorCode::PolicyViolation);
inline constexpr std::int16_t kGroupRefused = kafka::code_of(kafka::ErrorCode::GroupAuthorizationFailed);
inline constexpr std::int16_t kClusterRefused = kafka::code_of(kafka::ErrorCode::ClusterAuthorizationFailed);
inline constexpr std::int16_t kTransactionalIdRefused =
    kafka::code_of(kafka::ErrorCode::TransactionalIdAuthorizationFailed);

}  // namespace myelin::governance
