#pragma once
// Who may do what, answered from memory. A Snapshot is built from a Model and settings, never changes, and is swapped
// whole: every request of one turn asks the same one. decide() allocates nothing; explain() words the answer for
// people.
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "model/model.h"

namespace myelin::policy {

enum class Operation : std::uint8_t { Read, Write, Create, Delete, Alter, Describe };
inline constexpr std::array kOperations{Operation::Read,   Operation::Write, Operation::Create,
                                        Operation::Delete, Operation::Alter, Operation::Describe};
[[nodiscard]] std::string_view name_of(Operation operation);

enum class ResourceKind : std::uint8_t { Topic, Group, TransactionalId, Cluster };
[[nodiscard]] std::string_view name_of(ResourceKind kind);

[[nodiscard]] ResourceKind kind_of(model::RightResource resource);

// Borrows its name.
struct Resource {
  ResourceKind kind = ResourceKind::Cluster;
  std::string_view name;  // empty for the cluster
  [[nodiscard]] static Resource topic(const TopicName& topic) { return {ResourceKind::Topic, topic.text()}; }
  [[nodiscard]] static Resource group(const GroupName& group) { return {ResourceKind::Group, group.text()}; }
  [[nodiscard]] static Resource transactional_id(std::string_view id) { return {ResourceKind::TransactionalId, id}; }
  [[nodiscard]] static Resource cluster() { return {}; }
};

// Which rule decided. The first group allows, the second allows and counts as "would deny", the third denies.
enum class Reason : std::uint8_t {
  Owner,
  Grant,
  DirectGrant,
  Platform,
  DevMode,
  ReportedDenial,      // authorise = report
  ReportedUndeclared,  // undeclared_topics = report
  InternalTopic,
  NotOwner,
  NoGrant,
  GrantNotLive,  // there is one, but it is not approved, not begun or over
  Undeclared,
  PlatformOnly,
};

struct Decision {
  bool allowed = false;
  bool would_deny = false;  // read, written or created only because a rule reports instead of enforcing
  Reason reason = Reason::PlatformOnly;
  const model::Grant* grant = nullptr;               // for Grant and GrantNotLive; lives as long as the snapshot
  const model::DirectGrant* direct_grant = nullptr;  // for DirectGrant; the same
};

// "direct grant markdown-reads-stock", "made by API by ada.okafor at 2026-11-22 03:00 UTC"
[[nodiscard]] std::string provenance_of(const model::DirectGrant& grant);

// A decision in words: what to tell the client's owner, and the document that says so.
struct Explanation {
  std::string text;
  std::optional<model::Place> place;
};

struct Allowance;     // allowances.h
struct DirectRights;  // tables.h

using DirectGrants = std::vector<model::DirectGrant>;

enum class Authorise { Enforce, Report };

struct Settings {
  Authorise authorise = Authorise::Enforce;
  // Overrides the model's Policy document when set.
  std::optional<model::UndeclaredTopics> undeclared_topics{};
  bool dev_mode = false;
  // Who acts as platform besides the members of the model's platform_group: whoever enrolled first.
  std::vector<PrincipalName> platform_principals{};
  // Made over Kafka's API, beside those that the model declares. Those of principals that it does not know do nothing.
  std::shared_ptr<const DirectGrants> made_grants{};
};

// A principal as this snapshot knows it. Ask again after a swap: one hash lookup.
struct Subject {
  PrincipalName principal;
  ApplicationName application;  // empty: a person, or unknown
  SquadName squad;              // the squad that is metered and limited; empty when unknown
  DomainName domain;
  bool known = false;
  bool platform = false;
  std::vector<std::uint32_t> squads;  // numbers within the snapshot
  std::uint32_t application_number = 0xffffffff;
  const DirectRights* rights = nullptr;  // by direct grants; nullptr: none
};

class Snapshot {
 public:
  [[nodiscard]] static std::shared_ptr<const Snapshot> build(std::shared_ptr<const model::Model> model,
                                                             const Settings& settings);
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  [[nodiscard]] Subject subject(const PrincipalName& principal) const;
  [[nodiscard]] Decision decide(const Subject& subject, Operation operation, Resource resource, Moment now) const;
  [[nodiscard]] Explanation explain(const Subject& subject, Operation operation, Resource resource,
                                    const Decision& decision) const;
  // What holds at `now`, for everybody that the model names, as a list: sorted by resource, then by principal. In dev
  // mode nothing is checked and the list is empty. What nobody owns has no names to list; `asked` adds that one name.
  [[nodiscard]] std::vector<Allowance> allowances(std::optional<std::string_view> asked, Moment now) const;
  // Whether the subject may see that the topic exists: it may read, write or describe it.
  [[nodiscard]] bool sees_topic(const Subject& subject, std::string_view topic, Moment now) const;

  // The squad's limits; those of unknown principals for an empty name.
  [[nodiscard]] const model::Quota& quota(const SquadName& squad) const;

  // Owner of a topic through product, contract or prefix; empty when undeclared.
  [[nodiscard]] SquadName owner_of_topic(std::string_view topic) const;

  [[nodiscard]] const model::Model& model() const;
  [[nodiscard]] const Settings& settings() const;

 private:
  struct Tables;
  Snapshot(std::shared_ptr<const model::Model> model, Settings settings);
  struct Standing;
  class Listing;
  [[nodiscard]] Standing standing_of(Resource resource) const;
  [[nodiscard]] Decision decide_by(const Standing& standing, const Subject& subject, Operation operation,
                                   Moment now) const;
  [[nodiscard]] Decision decide_declared(const Standing& standing, const Subject& subject, Operation operation,
                                         Moment now) const;
  [[nodiscard]] Decision decide_prefixed(const Standing& standing, const Subject& subject, Operation operation) const;
  std::unique_ptr<const Tables> tables_;
};

}  // namespace myelin::policy
