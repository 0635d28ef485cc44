#include "policy/tables.h"

#include <algorithm>

namespace myelin::policy {

ResourceKind kind_of(model::RightResource resource) {
  switch (resource) {
    case model::RightResource::Topic:
      return ResourceKind::Topic;
    case model::RightResource::Group:
      return ResourceKind::Group;
    case model::RightResource::TransactionalId:
      return ResourceKind::TransactionalId;
  }
  return ResourceKind::Cluster;
}

bool gives(model::RightOperation given, Operation operation) {
  using Given = model::RightOperation;
  switch (operation) {
    case Operation::Read:
      return given == Given::All || given == Given::Read;
    case Operation::Write:
      return given == Given::All || given == Given::Write;
    case Operation::Create:
      return given == Given::All || given == Given::Create;
    case Operation::Delete:
      return given == Given::All || given == Given::Delete;
    case Operation::Alter:
      return given == Given::All || given == Given::Alter;
    case Operation::Describe:
      return given != Given::Create;
  }
  return false;
}

const model::DirectGrant* DirectRights::giving(Operation operation, Resource resource) const {
  const auto allows = [&](const model::DirectGrant* grant) {
    return kind_of(grant->right.resource) == resource.kind && gives(grant->right.operation, operation);
  };
  if (const auto found = named.find(resource.name); found != named.end()) {
    const auto grant = std::ranges::find_if(found->second, allows);
    if (grant != found->second.end()) return *grant;
  }
  const auto grant = std::ranges::find_if(prefixed, [&](const model::DirectGrant* one) {
    return resource.name.starts_with(one->right.name) && allows(one);
  });
  return grant == prefixed.end() ? nullptr : *grant;
}

Snapshot::Tables::Tables(std::shared_ptr<const model::Model> from_model, Settings with_settings)
    : model(std::move(from_model)), settings(std::move(with_settings)) {
  const auto rule = settings.undeclared_topics.value_or(model->policy.undeclared_topics);
  report_undeclared = rule == model::UndeclaredTopics::Report;
  number_squads();
  add_subjects();
  add_platform();
  add_topics();
  add_direct_grants();
  for (const auto& [squad, quota] : model->policy.squad_quotas) quotas.emplace(squad.text(), quota);
}

void Snapshot::Tables::number_squads() {
  for (const auto& [name, squad] : model->squads) {
    numbers_.emplace(name, static_cast<std::uint32_t>(squads.size()));
    squads.push_back(name);
  }
}

std::uint32_t Snapshot::Tables::number_of(const SquadName& squad) const { return numbers_.at(squad); }

void Snapshot::Tables::add_subjects() {
  for (const auto& [name, application] : model->applications) {
    const auto number = static_cast<std::uint32_t>(application_numbers_.size());
    application_numbers_.emplace(name, number);
    for (const PrincipalName& principal : application.principals) {
      Subject subject;
      subject.principal = principal;
      subject.application = name;
      subject.squad = application.squad;
      subject.domain = application.domain;
      subject.known = true;
      subject.squads = {number_of(application.squad)};
      subject.application_number = number;
      subjects.emplace(principal.text(), std::move(subject));
    }
    for (const std::string& prefix : application.prefixes) prefixes.emplace(prefix, number_of(application.squad));
  }
  for (const auto& [name, user] : model->users) {
    Subject subject;
    subject.principal = name;
    subject.known = true;
    for (const SquadName& squad : user.squads) subject.squads.push_back(number_of(squad));
    if (!user.squads.empty()) {
      subject.squad = user.squads.front();
      subject.domain = model->squads.at(subject.squad).domain;
    }
    subjects.emplace(name.text(), std::move(subject));
  }
}

// Members of the Group are Users; an application of that squad gets no power from it.
void Snapshot::Tables::add_platform() {
  if (const auto& group = model->policy.platform_group) {
    for (auto& [name, subject] : subjects) {
      const bool person = subject.application.empty();
      subject.platform = person && std::ranges::find(subject.squads, number_of(*group)) != subject.squads.end();
    }
  }
  for (const PrincipalName& principal : settings.platform_principals) {
    Subject& subject = subjects[principal.text()];
    subject.principal = principal;
    subject.platform = true;
  }
}

void Snapshot::Tables::add_topics() {
  for (const auto& [name, topic] : model->topics) {
    topics.emplace(name.text(), TopicRule{number_of(topic.owner), &topic, {}});
  }
  for (const model::Grant& grant : model->grants) {
    GrantRule rule;
    rule.grant = &grant;
    if (grant.application) {
      rule.application = application_numbers_.at(*grant.application);
    } else if (grant.user) {
      rule.user = &*grant.user;
    } else {
      rule.squad = number_of(*grant.squad);
    }
    for (const TopicName& topic : grant.topics) topics.at(topic.text()).grants.push_back(rule);
  }
}

void Snapshot::Tables::add_direct_grants() {
  for (const auto& grant : model->direct_grants) add_direct_grant(grant);
  if (!settings.made_grants) return;
  for (const auto& grant : *settings.made_grants) add_direct_grant(grant);
}

void Snapshot::Tables::add_direct_grant(const model::DirectGrant& grant) {
  const auto& principal = grant.right.principal.text();
  const auto subject = subjects.find(principal);
  if (subject == subjects.end() || !subject->second.known) return;
  auto& its = rights[principal];
  subject->second.rights = &its;
  auto& alike = grant.right.is_prefix ? its.prefixed : its.named[grant.right.name];
  const auto is_same = [&](const model::DirectGrant* other) { return other->right == grant.right; };
  if (!grant.is_made() && std::ranges::any_of(alike, is_same)) return;  // two documents say it
  alike.push_back(&grant);
}

std::uint32_t Snapshot::Tables::prefix_owner(std::string_view name) const {
  const auto owner_of = [&](std::string_view prefix) {
    const auto found = prefixes.find(prefix);
    return found == prefixes.end() ? kNobody : found->second;
  };
  std::uint32_t owner = owner_of(name);
  // A prefix ends before a separator or with one.
  for (std::size_t end = name.size(); owner == kNobody && end > 0; --end) {
    const char separator = name[end - 1];
    if (separator != '.' && separator != '-' && separator != '_') continue;
    owner = owner_of(name.substr(0, end));
    if (owner == kNobody) owner = owner_of(name.substr(0, end - 1));
  }
  return owner;
}

}  // namespace myelin::policy
