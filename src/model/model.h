#pragma once
// The operating model: who the company is (domains, squads, users, systems, applications), what it promises (contracts,
// products) and who may use what (grants), as declared in a folder of documents. A Model is complete and free of
// contradictions: every reference in it resolves, every topic has one owner. It never changes; load again to change it.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "document/parse.h"
#include "document/problem.h"
#include "model/accountability.h"
#include "model/direct_grant.h"
#include "model/policy_rule.h"
#include "model/quota.h"
#include "model/team.h"
#include "signature/public_key.h"

namespace myelin::model {

using document::Place;

// Where to reach somebody: an ODCS or ODPS support channel, or a link of a Backstage Group.
struct Channel {
  std::string name;  // "#fulfilment-help"
  std::string url;   // empty when not declared
  std::string tool;  // "slack", "email", ...; empty when not declared
};

struct Domain {
  DomainName name;
  std::string title;
  std::string description;
  std::optional<SquadName> owner;  // Backstage spec.owner
  Place place;
};

// A Backstage Group of type team.
struct Squad {
  SquadName name;
  std::string title;
  std::string description;
  DomainName domain;
  std::vector<Channel> channels;
  Place place;
  std::vector<SquadName> formerly{};  // names that it had, and those of squads that became part of it
};

// A person, who signs in under this name.
struct User {
  PrincipalName name;
  std::string title;
  std::vector<SquadName> squads;  // may be empty
  Place place;
  std::vector<signature::PublicKey> keys{};  // by which plans are signed; each is one person's
};

struct System {
  std::string name;
  std::string title;
  DomainName domain;
  SquadName owner;
  Place place;
};

// A Backstage Component.
struct Application {
  ApplicationName name;
  std::string title;
  std::string description;
  SquadName squad;
  DomainName domain;  // of its system when it names one, else of its squad
  std::optional<std::string> system;
  std::vector<PrincipalName> principals;
  std::vector<std::string> prefixes;  // of names of topics, groups and transactional ids that belong to its squad
  Place place;
};

enum class Durability { Synced, Interval, Os };
[[nodiscard]] std::string_view name_of(Durability durability);

// A topic that a contract declares.
struct Topic {
  TopicName name;
  std::string title;
  std::string description;
  std::string contract;                // id
  std::optional<ProductName> product;  // whose output port names the contract
  SquadName owner;                     // of the product, else the contract's team
  DomainName domain;                   // of the owner
  std::optional<std::int32_t> partitions;
  std::optional<Durability> durability;
  std::optional<std::chrono::milliseconds> retention;
  std::optional<bool> compacted;
  Place place;  // the physicalName
};

struct Contract {
  std::string id;
  std::string version;
  std::string status;
  std::optional<SquadName> team;
  std::vector<TopicName> topics;
  std::vector<Channel> channels;
  Place place;
  Place team_place;
};

struct OutputPort {
  std::string name;
  std::string version;
  std::optional<std::string> contract;  // id; ports of other systems than Kafka may have none
  Place place;
};

struct Product {
  ProductName name;  // also what outputs and grants call it
  std::string id;
  std::string status;
  std::string description;
  std::optional<std::string> mode;  // growth, optimise, sustain, consumption
  SquadName owner;
  DomainName domain;
  std::vector<OutputPort> ports;
  std::vector<Channel> channels;
  Place place;
};

enum class GrantStatus { Requested, Approved, Rejected };
[[nodiscard]] std::string_view name_of(GrantStatus status);

// Who may read the topics of one output port. Exactly one of the three consumers is the narrowest that is set:
// application before user before squad.
struct Grant {
  std::string id;
  ProductName product;
  std::string port;
  std::vector<TopicName> topics;  // behind the port
  std::optional<SquadName> squad;
  std::optional<ApplicationName> application;
  std::optional<PrincipalName> user;
  std::string purpose;
  GrantStatus status = GrantStatus::Requested;
  std::optional<WallTime> start;  // from here on
  std::optional<WallTime> end;    // before this instant
  Place place;

  // Approved, begun and not over.
  [[nodiscard]] bool live_at(Moment now) const;
};

enum class UndeclaredTopics { Closed, Report };
[[nodiscard]] std::string_view name_of(UndeclaredTopics rule);

// The one document of kind Policy, or these defaults.
struct PolicyDocument {
  std::optional<SquadName> platform_group;
  UndeclaredTopics undeclared_topics = UndeclaredTopics::Closed;
  std::optional<int> break_glass_hours_max;         // nullopt: nobody may break the glass
  std::optional<std::chrono::days> recertify_days;  // nullopt: no grant is ever due
  Quota default_quota;                              // of each squad, and of all unknown principals together
  std::map<SquadName, Quota> squad_quotas;  // the default's limits filled in where a squad declares none of its own
  std::vector<PolicyRule> rules;            // as written
  Place place;
};

struct Model {
  std::map<DomainName, Domain> domains;
  std::map<SquadName, Squad> squads;
  std::map<PrincipalName, User> users;
  std::map<std::string, System> systems;
  std::map<ApplicationName, Application> applications;
  std::map<PrincipalName, ApplicationName> principals;  // of applications; a user's principal is the user's name
  std::map<std::string, Contract> contracts;            // by id
  std::map<TopicName, Topic> topics;
  std::map<ProductName, Product> products;
  std::vector<Grant> grants;                                      // by file and line
  std::map<std::string, std::size_t, std::less<>> grant_numbers;  // of `grants`, by id
  std::vector<DirectGrant> direct_grants;                         // one for each operation, by file and line
  PolicyDocument policy;
  AccountabilityModel accountability;
  std::map<SquadName, TeamProfile> team_profiles;  // by the squad that each describes
  std::map<SquadName, SquadName> former_squads;    // who a squad is today, by a name that none has any more
  std::vector<document::Document> documents;       // verbatim, in the order of their files' names

  // nullptr when there is none.
  [[nodiscard]] const Grant* grant(std::string_view id) const;
};

}  // namespace myelin::model
