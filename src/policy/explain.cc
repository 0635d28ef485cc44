#include <fmt/core.h>

#include "model/ownership.h"
#include "model/timestamp.h"
#include "policy/tables.h"

namespace myelin::policy {
namespace {

// "application marketing-insights of squad marketing", "ada.okafor", "unknown principal legacy-etl".
std::string described(const Subject& subject) {
  if (!subject.known && !subject.platform) {
    return fmt::format("principal {}, which the model does not know,", subject.principal.text());
  }
  if (subject.squad.empty()) return subject.principal.text();
  return fmt::format("{} of squad {}", subject.principal.text(), subject.squad.text());
}

std::string described(Resource resource) {
  if (resource.kind == ResourceKind::Cluster) return "the cluster";
  return fmt::format("{} {}", name_of(resource.kind), resource.name);
}

std::string validity_of(const model::Grant& grant) {
  if (grant.status != model::GrantStatus::Approved) return fmt::format("is {}", model::name_of(grant.status));
  std::string text = "is valid";
  if (grant.start) text += " from " + model::short_timestamp(*grant.start);
  if (grant.end) text += " until " + model::short_timestamp(*grant.end);
  return text;
}

struct Owner {
  std::string text;  // "squad central-data"
  std::optional<model::Place> place;
};

Owner owner_of(const model::Model& model, Resource resource) {
  if (resource.kind == ResourceKind::Topic) {
    const auto owner = model::topic_owner(model, TopicName(resource.name));
    if (!owner) return {"nobody", std::nullopt};
    return {"squad " + owner->squad.text(), owner->place};
  }
  const model::Application* application = model::prefix_owner(model, resource.name);
  if (application == nullptr) return {"nobody", std::nullopt};
  return {"squad " + application->squad.text(), application->place};
}

// How to get what was denied for want of a grant.
std::string remedy(const model::Model& model, Resource resource, const Owner& owner) {
  const auto topic = model.topics.find(TopicName(resource.name));
  if (topic == model.topics.end()) return fmt::format("it belongs to {}", owner.text);
  if (!topic->second.product) {
    return fmt::format("{} owns it and offers it through no data product", owner.text);
  }
  return fmt::format("ask {} for one on product {}", owner.text, topic->second.product->text());
}

}  // namespace

std::string provenance_of(const model::DirectGrant& grant) {
  if (!grant.is_made()) return "direct grant " + grant.id;
  return fmt::format("made by API by {} at {}", grant.made_by.text(), model::short_timestamp(grant.made_at));
}

Explanation Snapshot::explain(const Subject& subject, Operation operation, Resource resource,
                              const Decision& decision) const {
  const model::Model& model = *tables_->model;
  const std::string who = described(subject);
  const std::string what = fmt::format("{} {}", name_of(operation), described(resource));
  const Owner owner = owner_of(model, resource);
  switch (decision.reason) {
    case Reason::Owner:
      return {fmt::format("{} may {}: {} owns it", who, what, owner.text), owner.place};
    case Reason::Grant:
      return {fmt::format("{} may {}: grant {}", who, what, decision.grant->id), decision.grant->place};
    case Reason::DirectGrant:
      return {fmt::format("{} may {}: {}", who, what, provenance_of(*decision.direct_grant)),
              decision.direct_grant->is_made() ? std::nullopt : std::optional(decision.direct_grant->place)};
    case Reason::Platform:
      return {fmt::format("{} may {}: role platform", who, what), model.policy.place};
    case Reason::DevMode:
      return {fmt::format("{} may {}: development mode", who, what), std::nullopt};
    case Reason::ReportedDenial:
      return {
          fmt::format("{} would be denied to {}: authorise is report; {}", who, what, remedy(model, resource, owner)),
          owner.place};
    case Reason::ReportedUndeclared:
      return {
          fmt::format("{} would be denied to {}: no document declares it, and undeclared_topics is report", who, what),
          model.policy.place};
    case Reason::InternalTopic:
      return {fmt::format("{} may not {}: names that start with __ are internal", who, what), std::nullopt};
    case Reason::NotOwner:
      return {fmt::format("{} may not {}: {} owns it", who, what, owner.text), owner.place};
    case Reason::NoGrant:
      return {fmt::format("{} may not {}: no grant; {}", who, what, remedy(model, resource, owner)), owner.place};
    case Reason::GrantNotLive:
      return {fmt::format("{} may not {}: grant {} {}", who, what, decision.grant->id, validity_of(*decision.grant)),
              decision.grant->place};
    case Reason::Undeclared:
      return {fmt::format("{} may not {}: no document declares it, and undeclared_topics is closed", who, what),
              model.policy.place};
    case Reason::PlatformOnly:
      return {fmt::format("{} may not {}: role platform only", who, what), model.policy.place};
  }
  return {};
}

}  // namespace myelin::policy
