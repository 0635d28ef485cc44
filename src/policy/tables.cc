#include "policy/tables.h"

#include <algorithm>

namespace myelin::policy {

Snapshot::Tables::Tables(std::shared_ptr<const model::Model> from_model, Settings with_settings)
    : model(std::move(from_model)), settings(std::move(with_settings)) {
  const auto rule = settings.undeclared_topics.value_or(model->policy.undeclared_topics);
  report_undeclared = rule == model::UndeclaredTopics::Report;
  number_squads();
  add_subjects();
  add_platform();
  add_topics();
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
