#include "policy/snapshot.h"

#include <algorithm>

#include "policy/tables.h"

namespace myelin::policy {
namespace {

Decision allow(Reason reason) { return {.allowed = true, .would_deny = false, .reason = reason, .grant = nullptr}; }
// Describe follows from read and write, which are counted when they come.
Decision report(Reason reason, Operation operation) {
  return {.allowed = true, .would_deny = operation != Operation::Describe, .reason = reason, .grant = nullptr};
}
Decision deny(Reason reason) { return {.allowed = false, .would_deny = false, .reason = reason, .grant = nullptr}; }

bool belongs_to(const Subject& subject, std::uint32_t squad) {
  return squad != kNobody && std::ranges::find(subject.squads, squad) != subject.squads.end();
}

bool concerns(const GrantRule& rule, const Subject& subject) {
  if (rule.application != kNobody) return rule.application == subject.application_number;
  if (rule.user != nullptr) return *rule.user == subject.principal;
  return belongs_to(subject, rule.squad);
}

// The best grant that the subject holds on a topic: a live one if there is any.
Decision by_grant(const TopicRule& rule, const Subject& subject, WallTime now) {
  Decision decision = deny(Reason::NoGrant);
  for (const GrantRule& grant : rule.grants) {
    if (!concerns(grant, subject)) continue;
    const bool live = grant.grant->live_at(now);
    decision = live ? allow(Reason::Grant) : deny(Reason::GrantNotLive);
    decision.grant = grant.grant;
    if (live) break;
  }
  return decision;
}

bool is_reading(Operation operation) { return operation == Operation::Read || operation == Operation::Describe; }
// What a rule that only reports lets pass: never the change or deletion of something.
bool is_reportable(Operation operation) { return is_reading(operation) || operation == Operation::Write; }

}  // namespace

std::string_view name_of(Operation operation) {
  switch (operation) {
    case Operation::Read:
      return "read";
    case Operation::Write:
      return "write";
    case Operation::Create:
      return "create";
    case Operation::Delete:
      return "delete";
    case Operation::Alter:
      return "alter";
    case Operation::Describe:
      return "describe";
  }
  return "";
}

std::string_view name_of(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::Topic:
      return "topic";
    case ResourceKind::Group:
      return "group";
    case ResourceKind::TransactionalId:
      return "transactional id";
    case ResourceKind::Cluster:
      return "cluster";
  }
  return "";
}

Snapshot::Snapshot(std::shared_ptr<const model::Model> model, Settings settings)
    : tables_(std::make_unique<const Tables>(std::move(model), std::move(settings))) {}
Snapshot::~Snapshot() = default;

std::shared_ptr<const Snapshot> Snapshot::build(std::shared_ptr<const model::Model> model, const Settings& settings) {
  return std::shared_ptr<const Snapshot>(new Snapshot(std::move(model), settings));
}

Subject Snapshot::subject(const PrincipalName& principal) const {
  const auto found = tables_->subjects.find(principal.text());
  if (found != tables_->subjects.end()) return found->second;
  Subject unknown;
  unknown.principal = principal;
  return unknown;
}

Decision Snapshot::decide(const Subject& subject, Operation operation, Resource resource, WallTime now) const {
  if (resource.kind == ResourceKind::Topic) return decide_topic(subject, operation, resource.name, now);
  if (tables_->settings.dev_mode) return allow(Reason::DevMode);
  if (resource.kind == ResourceKind::Cluster) {
    return subject.platform ? allow(Reason::Platform) : deny(Reason::PlatformOnly);
  }
  return decide_prefixed(subject, operation, resource.name);
}

Decision Snapshot::decide_topic(const Subject& subject, Operation operation, std::string_view name,
                                WallTime now) const {
  if (name.starts_with("__")) {
    return subject.platform && is_reading(operation) ? allow(Reason::Platform) : deny(Reason::InternalTopic);
  }
  if (tables_->settings.dev_mode) return allow(Reason::DevMode);
  const auto declared = tables_->topics.find(name);
  if (declared == tables_->topics.end()) return decide_undeclared_topic(subject, operation, name);
  if (belongs_to(subject, declared->second.owner)) return allow(Reason::Owner);
  Decision decision = is_reading(operation) ? by_grant(declared->second, subject, now) : deny(Reason::NotOwner);
  if (decision.allowed) return decision;
  if (operation == Operation::Describe && subject.platform) return allow(Reason::Platform);
  if (tables_->settings.authorise == Authorise::Report && is_reportable(operation)) {
    return report(Reason::ReportedDenial, operation);
  }
  return decision;
}

// A topic without a contract belongs to the squad whose prefix it carries, like groups and transactional ids.
Decision Snapshot::decide_undeclared_topic(const Subject& subject, Operation operation, std::string_view name) const {
  const Decision decision = decide_prefixed(subject, operation, name);
  const bool is_reported = tables_->report_undeclared && decision.reason == Reason::Undeclared &&
                           (is_reportable(operation) || operation == Operation::Create);
  return is_reported ? report(Reason::ReportedUndeclared, operation) : decision;
}

Decision Snapshot::decide_prefixed(const Subject& subject, Operation operation, std::string_view name) const {
  const std::uint32_t owner = tables_->prefix_owner(name);
  if (belongs_to(subject, owner)) return allow(Reason::Owner);
  if (subject.platform && (owner == kNobody || operation == Operation::Describe)) return allow(Reason::Platform);
  return deny(owner == kNobody ? Reason::Undeclared : Reason::NotOwner);
}

bool Snapshot::sees_topic(const Subject& subject, std::string_view topic, WallTime now) const {
  return decide(subject, Operation::Describe, Resource{ResourceKind::Topic, topic}, now).allowed;
}

const model::Quota& Snapshot::quota(const SquadName& squad) const {
  const auto found = tables_->quotas.find(squad.text());
  return found == tables_->quotas.end() ? tables_->model->policy.default_quota : found->second;
}

SquadName Snapshot::owner_of_topic(std::string_view topic) const {
  const auto declared = tables_->topics.find(topic);
  const std::uint32_t owner = declared == tables_->topics.end() ? tables_->prefix_owner(topic) : declared->second.owner;
  return owner == kNobody ? SquadName() : tables_->squads[owner];
}

const model::Model& Snapshot::model() const { return *tables_->model; }
const Settings& Snapshot::settings() const { return tables_->settings; }

}  // namespace myelin::policy
