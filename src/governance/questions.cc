#include "governance/questions.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "document/nearest.h"
#include "governance/direct_grants.h"
#include "governance/quota_list.h"
#include "governance/sight.h"
#include "model/ownership.h"

namespace myelin::governance {
namespace {

// What is asked about a squad by a name that it had before is about that squad.
std::optional<SquadName> of_today(const std::optional<SquadName>& squad, const model::Model& model) {
  if (!squad) return std::nullopt;
  return model::present_squad(model, *squad);
}

usage::Filter of_today(usage::Filter filter, const model::Model& model) {
  filter.squad = of_today(filter.squad, model);
  return filter;
}

// The principals a grant lets read: of its application, its user, or every application of its squad.
std::vector<PrincipalName> readers_of(const model::Model& model, const model::Grant& grant) {
  std::vector<PrincipalName> readers;
  if (grant.user) readers.push_back(*grant.user);
  for (const auto& [name, application] : model.applications) {
    const bool named =
        grant.application ? *grant.application == name : grant.squad && *grant.squad == application.squad;
    if (named && !grant.user) {
      readers.insert(readers.end(), application.principals.begin(), application.principals.end());
    }
  }
  return readers;
}

std::vector<UnusedGrant> unused_grants(const Sight& sight, const Measurement::Edges& edges,
                                       const std::optional<TopicName>& topic) {
  std::set<std::pair<PrincipalName, TopicName>> read;
  for (const auto& edge : edges.reads) read.emplace(edge.principal, edge.topic);
  std::vector<UnusedGrant> unused;
  for (const auto& grant : sight.model().grants) {
    if (!grant.live_at(sight.now())) continue;
    const auto readers = readers_of(sight.model(), grant);
    for (const auto& name : grant.topics) {
      if ((topic && *topic != name) || !sight.topic(name)) continue;
      const bool used = std::ranges::any_of(readers, [&](const auto& reader) { return read.contains({reader, name}); });
      if (used) continue;
      const auto consumer = grant.application ? *grant.application
                            : grant.squad     ? ApplicationName(grant.squad->text())
                            : grant.user      ? ApplicationName(grant.user->text())
                                              : ApplicationName();
      unused.push_back({grant.id, consumer, name, grant.place});
    }
  }
  return unused;
}

// The squads that build, run and approve a product by the mode in force.
std::set<SquadName> duty_holders(const model::Model& model, const organisation::ModeDrift& drift) {
  std::set<SquadName> holders;
  const auto mode = drift.mode.empty() ? std::nullopt : std::optional(drift.mode);
  for (const auto duty : model::kDuties) {
    if (const auto squad = model::on_duty(model, {drift.owner, mode}, duty)) holders.insert(*squad);
  }
  return holders;
}

std::vector<UnknownPrincipal> unknown_principals(const Sight& sight, const Measurement::Edges& edges) {
  std::map<PrincipalName, UnknownPrincipal> unknown;
  const auto see = [&](const PrincipalName& principal, const TopicName& topic, WallTime last, bool writes) {
    if (sight.snapshot().subject(principal).known || principal == kLostInPowerCut) return;
    auto& entry = unknown[principal];
    entry.principal = principal;
    (writes ? entry.writes : entry.reads).push_back(topic);
    entry.last_seen = std::max(entry.last_seen, last);
  };
  for (const auto& edge : edges.writes) see(edge.principal, edge.topic, edge.last_seen, true);
  for (const auto& edge : edges.reads) see(edge.principal, edge.topic, edge.last_seen, false);
  std::vector<UnknownPrincipal> listed;
  for (auto& [name, entry] : unknown) {
    for (auto* topics : {&entry.writes, &entry.reads}) {
      std::ranges::sort(*topics);
      topics->erase(std::unique(topics->begin(), topics->end()), topics->end());
    }
    listed.push_back(std::move(entry));
  }
  return listed;
}

// Whether a measured half-edge touches the thing that was asked for.
bool touches(const model::Who& thing, const Sight& sight, const PrincipalName& principal, const TopicName& topic,
             const std::vector<GroupName>& groups) {
  using enum model::ThingKind;
  const auto subject = sight.snapshot().subject(principal);
  switch (thing.kind) {
    case Principal:
      return principal.text() == thing.name;
    case Application:
      return subject.application.text() == thing.name;
    case Topic:
      return topic.text() == thing.name;
    case Group:
      return std::ranges::find(groups, GroupName(thing.name)) != groups.end();
    case Product: {
      const auto found = sight.model().topics.find(topic);
      return found != sight.model().topics.end() && found->second.product &&
             found->second.product->text() == thing.name;
    }
    case Squad:
      return subject.squad.text() == thing.name;
    case Domain:
      return subject.domain.text() == thing.name;
  }
  return false;
}

// Direct grants to the principal, or on the topic as far as the asker may see who uses it.
void add_direct_grants(model::Who& who, const Sight& sight) {
  const bool is_topic = who.kind == model::ThingKind::Topic;
  const bool is_principal = who.kind == model::ThingKind::Principal;
  for (const auto* grant : direct_grants(sight.snapshot())) {
    const auto& right = grant->right;
    const bool is_about = (is_principal && right.principal.text() == who.name) ||
                          (is_topic && takes_in(right, who.name) && sight.flow(right.principal, TopicName(who.name)));
    if (!is_about) continue;
    who.grants.push_back(
        fmt::format("{} may {}: {}", right.principal.text(), model::described(right), policy::provenance_of(*grant)));
  }
}

lineage::Declared declared_of(const Sight& sight) {
  lineage::Declared declared;
  const auto& model = sight.model();
  for (const auto& [name, domain] : model.domains) declared.domains.push_back({name, domain.title});
  for (const auto& [name, topic] : model.topics) {
    declared.topics.push_back(
        {name, topic.domain, topic.owner, topic.product.value_or(ProductName()), topic.place.text()});
  }
  for (const auto& [name, application] : model.applications) {
    declared.applications.push_back(
        {name, application.squad, application.domain, application.principals, application.place.text()});
    for (const auto& [topic_name, topic] : model.topics) {
      if (topic.owner != application.squad) continue;
      for (const auto direction : {lineage::Direction::Write, lineage::Direction::Read}) {
        declared.accesses.push_back({name, topic_name, direction, "ownership", topic.place.text(), false});
      }
    }
  }
  for (const auto& grant : model.grants) {
    if (!grant.live_at(sight.now())) continue;
    for (const auto& [name, application] : model.applications) {
      const bool named =
          grant.application ? *grant.application == name : grant.squad && *grant.squad == application.squad;
      if (!named) continue;
      for (const auto& topic : grant.topics) {
        declared.accesses.push_back({name, topic, lineage::Direction::Read, "grant " + grant.id, grant.place.text(),
                                     grant.application.has_value()});
      }
    }
  }
  add_direct_accesses(declared, sight.snapshot());
  return declared;
}

std::string key_of(const policy::Allowance& allowance) {
  const auto& [pattern, principal, operations, decision] = allowance;
  const auto* direct = decision.direct_grant;
  return fmt::format("{}{}\x1f{}\x1f{}\x1f{:02}{}", static_cast<int>(pattern.kind), pattern.name,
                     static_cast<int>(pattern.extent), principal.text(), static_cast<int>(decision.reason),
                     direct == nullptr ? 0 : static_cast<int>(direct->right.operation));
}

}  // namespace

std::string_view to_text(Role role) {
  switch (role) {
    case Role::Platform:
      return "platform";
    case Role::Squad:
      return "squad";
    case Role::Application:
      return "application";
    case Role::Unknown:
      return "unknown";
  }
  return "?";
}

Me Questions::me(const PrincipalName& asker) const {
  const Sight sight(policy_.current(), asker, clock_.moment());
  const auto identity = model::identify(sight.model(), asker);
  Me me{asker, Role::Unknown, identity.squads, identity.domain.value_or(DomainName()), false};
  me.dev_mode = sight.snapshot().settings().dev_mode;
  if (sight.everything()) {
    me.role = Role::Platform;
  } else if (identity.application) {
    me.role = Role::Application;
  } else if (identity.known) {
    me.role = Role::Squad;
  }
  return me;
}

Result<std::vector<WhoAnswer>> Questions::who(const PrincipalName& asker, std::string_view name,
                                              std::optional<model::ThingKind> kind) const {
  const Sight sight(policy_.current(), asker, clock_.moment());
  const auto edges = measurement_.edges();
  auto declared = model::who(sight.model(), name, sight.now());
  std::vector<WhoAnswer> answers;
  if (declared) {
    for (auto& one : *declared) {
      add_direct_grants(one, sight);
      answers.push_back({std::move(one), true, false, {}, {}, {}});
    }
  }
  // What was only ever seen: a principal or a topic that no document names.
  for (const auto seen : {model::ThingKind::Principal, model::ThingKind::Topic, model::ThingKind::Group}) {
    if (std::ranges::any_of(answers, [&](const auto& answer) { return answer.declared.kind == seen; })) continue;
    WhoAnswer observed;
    observed.declared.kind = seen;
    observed.declared.name = std::string(name);
    answers.push_back(std::move(observed));
  }
  for (auto& answer : answers) {
    for (const auto& edge : edges.writes) {
      if (!sight.flow(edge.principal, edge.topic)) continue;
      if (touches(answer.declared, sight, edge.principal, edge.topic, {})) answer.writes.push_back(edge);
    }
    for (const auto& edge : edges.reads) {
      if (!sight.flow(edge.principal, edge.topic)) continue;
      if (touches(answer.declared, sight, edge.principal, edge.topic, edge.groups)) answer.reads.push_back(edge);
    }
    answer.is_observed = !answer.writes.empty() || !answer.reads.empty();
    for (auto& accountable : model::accountable_for(sight.model(), answer.declared)) {
      const auto squad = sight.model().squads.find(accountable.squad);
      const bool is_known = squad != sight.model().squads.end();
      const auto profile = sight.model().team_profiles.find(accountable.squad);
      auto on_call = profile == sight.model().team_profiles.end() ? std::string() : profile->second.on_call;
      answer.calls.push_back({std::move(accountable), is_known ? squad->second.channels : std::vector<model::Channel>(),
                              std::move(on_call)});
    }
  }
  std::erase_if(answers, [&](const auto& answer) {
    return (!answer.is_declared && !answer.is_observed) || (kind && answer.declared.kind != *kind);
  });
  if (!answers.empty()) return answers;
  if (!declared) return pass(declared);
  return fail(Code::NotFound, "no {} is called \"{}\"", kind ? model::name_of(*kind) : "thing", name);
}

std::vector<usage::Line> Questions::usage(const PrincipalName& asker, const usage::Filter& filter,
                                          const usage::GroupBy& group_by) const {
  const Sight sight(policy_.current(), asker, clock_.moment());
  auto rows = measurement_.usage_rows();
  const auto hidden = [&](const auto& row) { return !sight.flow(row.key.principal, row.key.topic); };
  std::erase_if(rows.writes, hidden);
  std::erase_if(rows.reads, hidden);
  std::erase_if(rows.consumers, hidden);
  std::erase_if(rows.callers, hidden);
  return usage::report(rows, of_today(filter, sight.model()), group_by,
                       [&](const PrincipalName& principal) { return sight.squad_of(principal); });
}

LineageAnswer Questions::lineage(const PrincipalName& asker, const std::optional<TopicName>& topic) const {
  const Sight sight(policy_.current(), asker, clock_.moment());
  const auto edges = measurement_.edges();
  const auto wanted = [&](const PrincipalName& principal, const TopicName& name) {
    return (!topic || *topic == name) && sight.flow(principal, name);
  };
  LineageAnswer answer;
  for (const auto& edge : edges.writes) {
    if (!wanted(edge.principal, edge.topic)) continue;
    answer.writes.push_back({edge, sight.squad_of(edge.principal),
                             sight.is_declared(edge.principal, policy::Operation::Write, edge.topic)});
  }
  for (const auto& edge : edges.reads) {
    if (!wanted(edge.principal, edge.topic)) continue;
    answer.reads.push_back(
        {edge, sight.squad_of(edge.principal), sight.is_declared(edge.principal, policy::Operation::Read, edge.topic)});
  }
  for (const auto& triple : edges.triples) {
    if (wanted(triple.producer, triple.topic) || wanted(triple.consumer, triple.topic))
      answer.triples.push_back(triple);
  }
  answer.unused_grants = unused_grants(sight, edges, topic);
  if (sight.everything()) answer.unknown_principals = unknown_principals(sight, edges);
  return answer;
}

Result<std::vector<AclAnswer>> Questions::acls(const PrincipalName& asker,
                                               const std::optional<PrincipalName>& principal,
                                               const std::optional<TopicName>& topic) const {
  const Sight sight(policy_.current(), asker, clock_.moment());
  if (sight.snapshot().settings().dev_mode) return fail(Code::Unsupported, "{}", kNothingIsChecked);
  const auto filter = topic ? filter_of_topic(topic->text()) : AclFilter();
  std::vector<AclAnswer> answers;
  for (auto& acl : governance::acls(sight.snapshot(), filter, sight.now())) {
    const auto& [pattern, holder, operations, decision] = acl.allowance;
    if (principal && !holder.empty() && holder != *principal) continue;
    const auto about = pattern.kind == policy::ResourceKind::Topic ? TopicName(pattern.name) : TopicName();
    if (holder != asker && !sight.flow(holder, about)) continue;
    auto source = source_of(sight.snapshot(), acl, sight.now());
    auto key = key_of(acl.allowance);
    answers.push_back({std::move(acl), std::move(source), std::move(key)});
  }
  std::ranges::sort(answers, {}, &AclAnswer::key);
  return answers;
}

Result<organisation::Organisation> Questions::organisation(const PrincipalName& asker,
                                                           const std::optional<SquadName>& asked) const {
  const Sight sight(policy_.current(), asker, clock_.moment());
  const auto squad = of_today(asked, sight.model());
  const auto& squads = sight.model().squads;
  if (squad && !squads.contains(*squad)) {
    std::vector<std::string> names;
    for (const auto& [name, declared] : squads) names.push_back(name.text());
    return fail(Code::NotFound, "no squad is called \"{}\"{}", squad->text(),
                document::suggestion(squad->text(), names));
  }
  auto answer = organisation::organisation(sight.model(), sight.flows(measurement_.edges()), sight.now().reached);
  return squad ? organisation::only_of(std::move(answer), *squad) : answer;
}

Questions::ModeDrifts Questions::mode_drift(const PrincipalName& asker, const std::optional<SquadName>& asked) const {
  const Sight sight(policy_.current(), asker, clock_.moment());
  const auto squad = of_today(asked, sight.model());
  const auto acts = audit_.acts();
  std::vector<organisation::Action> actions;
  actions.reserve(acts.counted.size());
  for (const auto& [act, operation, count, last_seen] : acts.counted) {
    actions.push_back({ProductName(act.product), act.mode, act.duty,
                       model::present_squad(sight.model(), SquadName(act.squad)),
                       model::present_squad(sight.model(), SquadName(act.due)), operation, count, last_seen});
  }
  ModeDrifts drifts{organisation::mode_drift(sight.model(), actions), acts.left_out};
  std::erase_if(drifts.products, [&](const organisation::ModeDrift& drift) {
    const auto holders = duty_holders(sight.model(), drift);
    const bool is_seen =
        sight.everything() || std::ranges::any_of(holders, [&](const auto& one) { return sight.squad(one); });
    return !is_seen || (squad && !holders.contains(*squad));
  });
  return drifts;
}

lineage::Map Questions::map(const PrincipalName& asker) const {
  const Sight sight(policy_.current(), asker, clock_.moment());
  auto edges = measurement_.edges();
  std::erase_if(edges.writes, [&](const auto& edge) { return !sight.flow(edge.principal, edge.topic); });
  std::erase_if(edges.reads, [&](const auto& edge) { return !sight.flow(edge.principal, edge.topic); });
  auto declared = declared_of(sight);
  std::erase_if(declared.topics, [&](const auto& topic) { return !sight.topic(topic.name); });
  std::erase_if(declared.accesses, [&](const auto& access) { return !sight.topic(access.topic); });
  return lineage::lay_out(lineage::build_map(declared, {std::move(edges.writes), std::move(edges.reads)}));
}

Result<std::vector<state::AuditRecord>> Questions::audit(const PrincipalName& asker, std::size_t most) const {
  const Sight sight(policy_.current(), asker, clock_.moment());
  if (!sight.everything()) return fail(Code::Denied, "the audit is for the role platform");
  return audit_.newest(most);
}

Result<std::vector<state::AuditLog::Denied>> Questions::denied(const PrincipalName& asker) const {
  const Sight sight(policy_.current(), asker, clock_.moment());
  if (!sight.everything()) return fail(Code::Denied, "the list of denials is for the role platform");
  return audit_.denied();
}

Result<std::vector<ClientSeen>> Questions::clients(const PrincipalName& asker) const {
  const Sight sight(policy_.current(), asker, clock_.moment());
  auto clients = measurement_.clients();
  std::erase_if(clients, [&](const auto& client) { return !sight.flow(client.principal, TopicName()); });
  return clients;
}

std::vector<HeldBack> Questions::held_back(const PrincipalName& asker) const {
  const Sight sight(policy_.current(), asker, clock_.moment());
  auto all = measurement_.held_back().newest_first();
  std::erase_if(all, [&sight](const HeldBack& one) { return !sight.squad(one.squad); });
  return all;
}

std::vector<QuotaAnswer> Questions::quotas(const PrincipalName& asker) const {
  const Sight sight(policy_.current(), asker, clock_.moment());
  auto quotas = quota_list(sight.model().policy, *quotas_.table());
  std::erase_if(quotas, [&sight](const QuotaAnswer& quota) {
    return !sight.everything() && std::ranges::any_of(quota.entity, [&sight](const QuotaAnswer::Part& part) {
      if (!part.name || part.type == "client-id") return false;
      if (part.type == "squad") return !sight.squad(SquadName(*part.name));
      return part.type == "ip" || !sight.principal(PrincipalName(*part.name));
    });
  });
  return quotas;
}

}  // namespace myelin::governance
