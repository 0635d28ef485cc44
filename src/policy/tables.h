#pragma once
// The model, arranged for lookups by names from the wire. Internal to the module.
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/snapshot.h"

namespace myelin::policy {

inline constexpr std::uint32_t kNobody = 0xffffffff;

struct TextHash {
  using is_transparent = void;
  [[nodiscard]] std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
template <typename Value>
using ByName = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

// A grant's consumer as numbers: exactly one of the three is set.
struct GrantRule {
  const model::Grant* grant = nullptr;
  std::uint32_t squad = kNobody;
  std::uint32_t application = kNobody;
  const PrincipalName* user = nullptr;
};

// What one principal may by direct grants, arranged by name.
struct DirectRights {
  ByName<std::vector<const model::DirectGrant*>> named;
  std::vector<const model::DirectGrant*> prefixed;

  // The one that allows it; nullptr: none does.
  [[nodiscard]] const model::DirectGrant* giving(Operation operation, Resource resource) const;
};

struct TopicRule {
  std::uint32_t owner = kNobody;
  const model::Topic* topic = nullptr;
  std::vector<GrantRule> grants;
};

// Whether the right takes in the operation: most take in describe, too.
[[nodiscard]] bool gives(model::RightOperation given, Operation operation);
[[nodiscard]] bool is_reported(const Decision& decision);
[[nodiscard]] bool belongs_to(const Subject& subject, std::uint32_t squad);
[[nodiscard]] bool concerns(const GrantRule& rule, const Subject& subject);

// All that the rules know of a name. Names with the same standing are decided alike.
struct Snapshot::Standing {
  ResourceKind kind = ResourceKind::Cluster;
  bool is_internal = false;             // a topic that starts with __
  const TopicRule* declared = nullptr;  // a topic of a contract
  std::uint32_t owner = kNobody;        // squad number
};

struct Snapshot::Tables {
  Tables(std::shared_ptr<const model::Model> from_model, Settings with_settings);

  std::shared_ptr<const model::Model> model;
  Settings settings;
  bool report_undeclared = false;
  std::vector<SquadName> squads;  // by number
  ByName<TopicRule> topics;
  ByName<std::uint32_t> prefixes;  // squad number
  ByName<DirectRights> rights;     // by principal
  ByName<Subject> subjects;
  ByName<model::Quota> quotas;  // by squad

  // The squad whose prefix the name carries, the longest first; kNobody when there is none.
  [[nodiscard]] std::uint32_t prefix_owner(std::string_view name) const;

 private:
  void number_squads();
  void add_subjects();
  void add_platform();
  void add_topics();
  void add_direct_grants();
  void add_direct_grant(const model::DirectGrant& grant);
  [[nodiscard]] std::uint32_t number_of(const SquadName& squad) const;
  std::unordered_map<SquadName, std::uint32_t> numbers_;
  std::unordered_map<ApplicationName, std::uint32_t> application_numbers_;
};

}  // namespace myelin::policy
