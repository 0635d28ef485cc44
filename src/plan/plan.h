#pragma once
// What an apply would change, and for whom: the difference between what is in force and what a folder declares, beside
// what exists and who uses it. Pure: the same input gives the same plan, and the plan counts what an apply does.
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "model/model.h"
#include "plan/comparison.h"
#include "plan/consent.h"
#include "plan/entity.h"
#include "plan/rules.h"
#include "policy/snapshot.h"

namespace myelin::plan {

// A topic as it is.
struct LiveTopic {
  std::int32_t partitions = 0;
  std::map<std::string, std::string> settings;  // topic configs by name
};

// Somebody who writes or reads, as measured.
struct Use {
  PrincipalName principal;
  TopicName topic;
  policy::Operation operation = policy::Operation::Read;  // or Write
  WallTime last_seen;
  double bytes_per_second = 0;  // lately
};

struct Live {
  std::map<TopicName, LiveTopic> topics;
  std::vector<Use> uses;
  WallTime now;
  Tallies tallies{};  // of the rules in force
};

enum class Action : std::uint8_t { Create, Change, Delete };
[[nodiscard]] std::string_view name_of(Action action);

// One entity.
struct EntityChange {
  Action action = Action::Create;
  EntityName entity;
  SquadName squad;                  // whose it is, after the change where it still is; empty: the platform group's
  model::Place place;               // in the new document, or the old one of what goes
  std::vector<FieldChange> fields;  // of Change
  std::vector<Consent> consents;
  ProductName product;  // that it is about, where that was there before and keeps its squad and mode; else empty
};

// One topic that is not as its contract says.
struct TopicChange {
  Action action = Action::Create;  // or Change
  TopicName topic;
  SquadName squad;
  model::Place place;                 // of the declaration
  std::vector<FieldChange> settings;  // "partitions" and topic configs; `before` is what it has, nullopt of a new topic
  bool is_drift = false;              // what is in force says the same: the topic was changed by hand
};

// Somebody who does today what the change would refuse.
struct Hit {
  Use use;
  SquadName squad;  // of the principal; empty when unknown
  std::string why;  // the refusal in words
};

struct Plan {
  std::uint64_t base = 0;  // the revision it was made against; 0: none yet
  std::string id;          // of everything that it would do: two plans with one id do the same
  std::string tree{};      // what a signature is over: documents before and after; empty: for nobody to sign
  std::vector<EntityChange> entities;  // by squad, then kind and name
  std::vector<TopicChange> topics;     // by squad and name
  std::vector<Hit> hits;
  RuleVerdicts rules;                 // what the Policy says of the documents
  std::vector<Consent> missing;       // consents that the asker can't give
  std::vector<std::string> refusals;  // why an apply would refuse it as it is; empty: it would go through
  std::vector<TopicName> undeclared;  // topics that exist and no document declares: listed, never touched
  std::size_t left_out = 0;           // files in force that the folder does not have: they stay
  std::size_t reworded = 0;           // files whose text changes and nothing that is read

  [[nodiscard]] bool is_empty() const { return entities.empty() && topics.empty() && reworded == 0; }
};

// Who asks, and what they may.
struct Applier {
  std::vector<SquadName> squads;
  bool is_platform = false;
  bool may_delete = false;           // was asked for by --allow-delete
  std::set<SquadName> consenting{};  // others who agreed to the very documents; an empty name is the platform group
  // Somebody agreed in the platform group's place, for what the documents make of things that no squad holds.
  bool stands_in_for_platform = false;
  [[nodiscard]] bool speaks_for(const SquadName& squad) const;
};

// A use that was seen within it counts: who reads once a month is a reader.
inline constexpr std::chrono::days kSeason{35};

struct Question {
  std::uint64_t base = 0;
  std::shared_ptr<const model::Model> before;  // in force
  std::shared_ptr<const model::Model> after;   // complete
  policy::Settings settings;
  const Live& live;
  Applier applier;
  std::size_t left_out = 0;
};
[[nodiscard]] Plan made(const Question& question);

// For a terminal: grouped by squad, what needs attention last. And the same for a pull request, in Markdown.
[[nodiscard]] std::string rendered(const Plan& plan, WallTime now);
[[nodiscard]] std::string as_markdown(const Plan& plan, WallTime now);

}  // namespace myelin::plan
