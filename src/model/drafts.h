#pragma once
// Documents after their fields were read and before their references are resolved. Internal to the module. A draft
// whose name could not be read is dropped; its problem has been noted.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "document/problem.h"
#include "model/fields.h"
#include "model/model.h"
#include "model/unread.h"

namespace myelin::model {

struct DomainDraft {
  Text name;
  std::string title;
  std::string description;
  std::optional<Text> owner;
};

struct GroupDraft {
  Text name;
  std::string title;
  std::string description;
  Text type;
  std::optional<Text> parent;
  std::optional<Text> domain;
  std::vector<Text> members;
  std::vector<Channel> channels;
  std::optional<Text> directory_id;
  std::vector<Text> formerly;
  [[nodiscard]] bool is_squad() const { return type.value == "team"; }
};

struct UserDraft {
  Text name;
  std::string title;
  std::vector<Text> member_of;
  struct Key {
    signature::PublicKey key;
    document::Place place;
  };
  std::vector<Key> keys;
  std::optional<Text> directory_id;
};

struct SystemDraft {
  Text name;
  std::string title;
  Text owner;
  std::optional<Text> domain;
};

struct ComponentDraft {
  Text name;
  std::string title;
  std::string description;
  Text owner;
  std::optional<Text> system;
  std::vector<Text> principals;
  std::vector<Text> prefixes;
};

struct TopicDraft {
  Text name;
  Topic topic;  // what needs no reference
};

struct ContractDraft {
  Text id;
  std::string version;
  std::string status;
  std::optional<Text> team;
  std::vector<TopicDraft> topics;
  std::vector<Channel> channels;
};

struct PortDraft {
  Text name;
  std::string version;
  std::optional<Text> contract;
};

struct ProductDraft {
  Text id;
  Text name;
  std::string status;
  std::string description;
  std::optional<std::string> mode;
  Text team;              // empty as well when what is written there can't be read
  bool has_team = false;  // something is written there
  std::optional<Text> domain;
  std::vector<PortDraft> ports;
  std::vector<Channel> channels;
};

struct GrantDraft {
  Text id;
  Text provider_team;
  Text product;
  Text port;
  std::optional<Text> contract;
  std::optional<Text> consumer_team;
  std::optional<Text> consumer_product;
  std::optional<Text> consumer_user;
  std::optional<Text> application;
  std::string purpose;
  GrantStatus status = GrantStatus::Requested;
  std::optional<WallTime> start;
  std::optional<WallTime> end;
};

struct SquadQuotaDraft {
  Text squad;
  Quota quota;
};

struct RuleDraft {
  Text name;
  std::optional<RuleAbout> about;
  std::vector<Text> squads;
  std::vector<Text> domains;
  Text owner;
  std::string principle;
  std::optional<cel::Expression> must;
  std::string expression;
  std::string message;
  Rung rung = Rung::Report;
};

struct PolicyDraft {
  Text name;
  std::optional<Text> platform_group;
  UndeclaredTopics undeclared_topics = UndeclaredTopics::Closed;
  std::optional<int> break_glass_hours_max;
  std::optional<std::chrono::days> recertify_days;
  Quota default_quota;
  std::vector<SquadQuotaDraft> squad_quotas;
  std::vector<RuleDraft> rules;
};

struct DirectGrantDraft {
  Text id;
  Text principal;
  Right right;  // but for its principal and operation
  std::vector<RightOperation> operations;
};

struct AccountabilityDraft {
  Text name;
  AccountabilityStream stream = AccountabilityStream::Engineering;
  Holder holder = Holder::Owner;
  std::vector<std::pair<Failure, document::Place>> failures;
};

struct AccountabilityModelDraft {
  Text name;
  std::optional<Text> central;
  std::optional<Text> governance;
  std::optional<Text> facilitation;
  std::optional<Text> steering;
  std::vector<AccountabilityDraft> accountabilities;  // empty: the default catalogue
};

struct InteractionDraft {
  Text with;
  std::optional<InteractionMode> mode;
  std::string purpose;
  std::optional<WallTime> until;
  document::Place place;
};

struct TeamProfileDraft {
  Text name;
  Text squad;
  SquadType type = SquadType::StreamAligned;
  std::optional<std::int64_t> headcount;
  std::string on_call;
  std::vector<InteractionDraft> interactions;
};

struct Drafts {
  std::vector<DomainDraft> domains;
  std::vector<GroupDraft> groups;
  std::vector<UserDraft> users;
  std::vector<SystemDraft> systems;
  std::vector<ComponentDraft> components;
  std::vector<ContractDraft> contracts;
  std::vector<ProductDraft> products;
  std::vector<GrantDraft> grants;
  std::vector<PolicyDraft> policies;
  std::vector<DirectGrantDraft> direct_grants;
  std::vector<AccountabilityModelDraft> accountability_models;
  std::vector<TeamProfileDraft> team_profiles;
  Unread unread;
};

inline constexpr std::string_view kKeysAnnotation = "myelin.dev/signing-keys";

// One reader for each folder: `document` is the root map of a document.
void read_org(const Fields& document, Drafts& drafts);
// Of a User's annotations.
[[nodiscard]] std::vector<UserDraft::Key> read_keys(const Fields& annotations, const std::string& user);
void read_contract(const Fields& document, Drafts& drafts);
void read_product(const Fields& document, Drafts& drafts);
void read_grant(const Fields& document, Drafts& drafts);
void read_own(const Fields& document, Drafts& drafts);
// `spec` of a Policy.
void read_policy(const Fields& spec, PolicyDraft& policy);
// Of `spec` of a Policy.
[[nodiscard]] std::vector<RuleDraft> read_rules(const Fields& spec);
// `spec` of an AccountabilityModel.
void read_accountability(const Fields& spec, AccountabilityModelDraft& model);
// `spec` of a TeamProfile.
void read_team(const Fields& spec, TeamProfileDraft& profile);

// Resolve references, in this order, each over what the ones before it built.
void resolve_org(const Drafts& drafts, Model& model, document::Problems& problems);
void resolve_directory(const Drafts& drafts, Model& model, document::Problems& problems);
void resolve_prefixes(const Drafts& drafts, document::Problems& problems);
void resolve_data(const Drafts& drafts, Model& model, document::Problems& problems);
void resolve_grants(const Drafts& drafts, Model& model, document::Problems& problems);
void resolve_direct_grants(const Drafts& drafts, Model& model, document::Problems& problems);
void resolve_policy(const Drafts& drafts, Model& model, document::Problems& problems);
void resolve_rules(const Drafts& drafts, Model& model, document::Problems& problems);
void resolve_accountability(const Drafts& drafts, Model& model, document::Problems& problems);
void resolve_teams(const Drafts& drafts, Model& model, document::Problems& problems);

}  // namespace myelin::model
