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

// The best grant that the subject holds on a topic: a live one if there is any.
Decision by_grant(const TopicRule& rule, const Subject& subject, Moment now) {
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

Decision allow_by(const model::DirectGrant& grant) {
  auto decision = allow(Reason::DirectGrant);
  decision.direct_grant = &grant;
  return decision;
}

bool is_reading(Operation operation) { return operation == Operation::Read || operation == Operation::Describe; }
// What a rule that only reports lets pass: never the change or deletion of something.
bool is_reportable(Operation operation) { return is_reading(operation) || operation == Operation::Write; }

}  // namespace

bool is_reported(const Decision& decision) {
  return decision.reason == Reason::ReportedDenial || decision.reason == Reason::ReportedUndeclared;
}

bool belongs_to(const Subject& subject, std::uint32_t squad) {
  return squad != kNobody && std::ranges::find(subject.squads, squad) != subject.squads.end();
}

bool concerns(const GrantRule& rule, const Subject& subject) {
  if (rule.application != kNobody) return rule.application == subject.application_number;
  if (rule.user != nullptr) return *rule.user == subject.principal;
  return belongs_to(subject, rule.squad);
}

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

Decision Snapshot::decide(const Subject& subject, Operation operation, Resource resource, Moment now) const {
  const auto standing = standing_of(resource);
  const auto decision = decide_by(standing, subject, operation, now);
  if (subject.rights == nullptr || standing.is_internal || (decision.allowed && !is_reported(decision)))
    return decision;
  const auto* given = subject.rights->giving(operation, resource);
  return given == nullptr ? decision : allow_by(*given);
}

Snapshot::Standing Snapshot::standing_of(Resource resource) const {
  Standing standing;
  standing.kind = resource.kind;
  if (resource.kind == ResourceKind::Cluster) return standing;
  if (resource.kind == ResourceKind::Topic) {
    standing.is_internal = resource.name.starts_with("__");
    if (standing.is_internal) return standing;
    const auto declared = tables_->topics.find(resource.name);
    if (declared != tables_->topics.end()) {
      standing.declared = &declared->second;
      standing.owner = declared->second.owner;
      return standing;
    }
  }
  standing.owner = tables_->prefix_owner(resource.name);
  return standing;
}

Decision Snapshot::decide_by(const Standing& standing, const Subject& subject, Operation operation, Moment now) const {
  if (standing.is_internal) {
    return subject.platform && is_reading(operation) ? allow(Reason::Platform) : deny(Reason::InternalTopic);
  }
  if (tables_->settings.dev_mode) return allow(Reason::DevMode);
  if (standing.kind == ResourceKind::Cluster) {
    return subject.platform ? allow(Reason::Platform) : deny(Reason::PlatformOnly);
  }
  if (standing.declared != nullptr) return decide_declared(standing, subject, operation, now);
  return decide_prefixed(standing, subject, operation);
}

Decision Snapshot::decide_declared(const Standing& standing, const Subject& subject, Operation operation,
                                   Moment now) const {
  if (belongs_to(subject, standing.owner)) return allow(Reason::Owner);
  Decision decision = is_reading(operation) ? by_grant(*standing.declared, subject, now) : deny(Reason::NotOwner);
  if (decision.allowed) return decision;
  if (operation == Operation::Describe && subject.platform) return allow(Reason::Platform);
  if (tables_->settings.authorise == Authorise::Report && is_reportable(operation)) {
    return report(Reason::ReportedDenial, operation);
  }
  return decision;
}

// By the prefix that the name carries: topics without a contract, groups and transactional ids.
Decision Snapshot::decide_prefixed(const Standing& standing, const Subject& subject, Operation operation) const {
  if (belongs_to(subject, standing.owner)) return allow(Reason::Owner);
  const bool is_nobodys = standing.owner == kNobody;
  if (subject.platform && (is_nobodys || operation == Operation::Describe)) return allow(Reason::Platform);
  const bool is_reported = is_nobodys && standing.kind == ResourceKind::Topic && tables_->report_undeclared &&
                           (is_reportable(operation) || operation == Operation::Create);
  if (is_reported) return report(Reason::ReportedUndeclared, operation);
  return deny(is_nobodys ? Reason::Undeclared : Reason::NotOwner);
}

bool Snapshot::sees_topic(const Subject& subject, std::string_view topic, Moment now) const {
  return decide(subject, Operation::Describe, Resource{ResourceKind::Topic, topic}, now).allowed;
}

const model::Quota& Snapshot::quota(const SquadName& squad) const {
  const auto found = tables_->quotas.find(squad.text());
  return found == tables_->quotas.end() ? tables_->model->policy.default_quota : found->second;
}

SquadName Snapshot::owner_of_topic(std::string_view topic) const {
  const std::uint32_t owner = standing_of({ResourceKind::Topic, topic}).owner;
  return owner == kNobody ? SquadName() : tables_->squads[owner];
}

const model::Model& Snapshot::model() const { return *tables_->model; }
const Settings& Snapshot::settings() const { return tables_->settings; }

}  // namespace myelin::policy
