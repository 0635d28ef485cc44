#pragma once
// What rules of the Policy say of a request. Pure.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cel/value.h"
#include "governance/access_request.h"
#include "model/policy_rule.h"
#include "policy/snapshot.h"

namespace myelin::governance {

// A rule that a request does not obey.
struct RuleHit {
  const model::PolicyRule* rule = nullptr;  // of the snapshot
  std::string why;                          // "rule topic-names: call it ...; ask squad platform-team"
};

// Of those that are about it and cover whoever asks, in the Policy's order. `members` is what the kind of request is
// called by: topic, request or client.
[[nodiscard]] std::vector<RuleHit> rule_hits(const policy::Snapshot& snapshot, const policy::Subject& subject,
                                             model::RuleAbout about, cel::Value members);
// Of the first that refuses; nullopt: none does.
[[nodiscard]] std::optional<std::string> refusal_of(const std::vector<RuleHit>& hits);

// What is asked of a topic; what the request leaves open is not there.
struct AskedOfTopic {
  std::string name;
  std::optional<std::int64_t> partitions;
  std::map<std::string, std::optional<std::string>> configs;  // nullopt: back to the default, null for a rule
  bool is_declared = false;                                   // by a contract
};
[[nodiscard]] cel::Value members_of(const AskedOfTopic& asked);
[[nodiscard]] cel::Value members_of(const AccessRequest& asked);
// `major` and `minor` are there where the version begins with them.
[[nodiscard]] cel::Value client_members(std::string_view library, std::string_view version);

}  // namespace myelin::governance
