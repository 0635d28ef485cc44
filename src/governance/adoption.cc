// What is adopted: documents for what was seen or granted over Kafka's API and none declares. Needs the engine.
#include <utility>

#include "adopt/folder.h"
#include "adopt/made_grants.h"
#include "governance/adoption_facts.h"
#include "governance/live_topics.h"
#include "governance/questions.h"

namespace myelin::governance {
namespace {

Result<void> allow_platform(const policy::Snapshot& snapshot, const PrincipalName& asker) {
  if (snapshot.settings().dev_mode || snapshot.subject(asker).platform) return {};
  return fail(Code::Denied, "what was seen or granted by API, as documents, is shown to the role platform only");
}

}  // namespace

Result<adopt::MadeGrants> Questions::adoption(const PrincipalName& asker) const {
  const auto snapshot = policy_.current();
  if (auto allowed = allow_platform(*snapshot, asker); !allowed) return pass(allowed);
  return adopt::made_grants(*snapshot);
}

Result<adopt::Facts> adoption_facts(engine::Engine& engine, Measurement& measurement,
                                    std::shared_ptr<const policy::Snapshot> snapshot, WallTime now) {
  adopt::Facts facts;
  facts.policy = std::move(snapshot);
  facts.now = now;
  const auto& declared = facts.policy->model().topics;
  auto topics = live_topics(engine, [&](const TopicName& name) { return !declared.contains(name); });
  if (!topics) return pass(topics);
  for (auto& [name, topic] : *topics) facts.topics[name] = {topic.partitions, std::move(topic.settings)};
  const auto edges = measurement.edges();
  for (const auto& edge : edges.writes)
    facts.writes.push_back({edge.principal, edge.topic, edge.records, edge.last_seen});
  for (const auto& edge : edges.reads)
    facts.reads.push_back({edge.principal, edge.topic, edge.offsets, edge.last_seen});
  for (const auto& edge : edges.commits) facts.commits.push_back({edge.principal, edge.group, edge.last_seen});
  return facts;
}

Result<adopt::Folder> Questions::adoption_folder(const PrincipalName& asker) const {
  auto snapshot = policy_.current();
  if (auto allowed = allow_platform(*snapshot, asker); !allowed) return pass(allowed);
  const auto facts = adoption_facts(engine_, measurement_, std::move(snapshot), clock_.moment().reached);
  if (!facts) return std::unexpected(facts.error());
  return adopt::folder_of(*facts);
}

}  // namespace myelin::governance
