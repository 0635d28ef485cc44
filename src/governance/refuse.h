#pragma once
// Small parts of the authorise step that several APIs share: taking refused elements out, putting errors back.
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "governance/access.h"
#include "kafka/error_code.h"
#include "kafka/refusal.h"

namespace myelin::governance {

// Removes the elements for which `allowed` is false and returns them, both in their order.
template <typename Element, typename Allowed>
[[nodiscard]] std::vector<Element> take_refused(std::vector<Element>& elements, Allowed allowed) {
  std::vector<Element> refused;
  auto kept = elements.begin();
  for (auto element = elements.begin(); element != elements.end(); ++element) {
    if (!allowed(*element)) {
      refused.push_back(std::move(*element));
    } else if (kept == element) {
      ++kept;
    } else {
      *kept++ = std::move(*element);
    }
  }
  elements.erase(kept, elements.end());
  return refused;
}

// What was taken out of a request is answered with `code`, behind what the engine answers to the rest. When nothing is
// left the engine is not asked.
template <typename Response, typename Element, typename Answer>
void put_back(Ruling& ruling, std::vector<Element> refused, std::int16_t code, std::vector<Answer> Response::* answers,
              bool nothing_is_left) {
  if (refused.empty()) return;
  ruling.amend = [refused = std::move(refused), code, answers](kafka::Response& response) {
    kafka::refuse_each(refused, code, std::get<Response>(response).*answers);
  };
  if (nothing_is_left) ruling.answer.emplace(Response());
}

// The same, where each answer is ready.
template <typename Response, typename Answer>
void put_back(Ruling& ruling, std::vector<Answer> refused, std::vector<Answer> Response::* answers,
              bool nothing_is_left) {
  if (refused.empty()) return;
  ruling.amend = [refused = std::move(refused), answers](kafka::Response& response) {
    auto& all = std::get<Response>(response).*answers;
    all.insert(all.end(), refused.begin(), refused.end());
  };
  if (nothing_is_left) ruling.answer.emplace(Response());
}

// For the audit record: "topic a, topic b".
template <typename Element, typename NameOf = std::identity>
[[nodiscard]] std::string listed(std::string_view kind, const std::vector<Element>& elements, NameOf name_of = {}) {
  std::string text;
  for (const auto& element : elements) {
    text.append(text.empty() ? "" : ", ").append(kind).append(" ").append(std::invoke(name_of, element));
  }
  return text;
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
