#include "model/ownership.h"

namespace myelin::model {
namespace {

constexpr std::string_view kSeparators = ".-_";

const Place& place_of_owner(const Model& model, const Topic& topic) {
  if (topic.product) return model.products.at(*topic.product).place;
  return model.contracts.at(topic.contract).team_place;
}

}  // namespace

bool has_prefix(std::string_view name, std::string_view prefix) {
  if (prefix.empty() || !name.starts_with(prefix)) return false;
  const bool ends_with_separator = kSeparators.find(prefix.back()) != std::string_view::npos;
  return ends_with_separator || name.size() == prefix.size() ||
         kSeparators.find(name[prefix.size()]) != std::string_view::npos;
}

const Application* prefix_owner(const Model& model, std::string_view name) {
  const Application* owner = nullptr;
  std::size_t longest = 0;
  for (const auto& [application_name, application] : model.applications) {
    for (const std::string& prefix : application.prefixes) {
      if (prefix.size() <= longest || !has_prefix(name, prefix)) continue;
      longest = prefix.size();
      owner = &application;
    }
  }
  return owner;
}

std::string_view name_of(OwnedThrough through) {
  switch (through) {
    case OwnedThrough::Product:
      return "product";
    case OwnedThrough::Contract:
      return "contract";
    case OwnedThrough::Prefix:
      return "prefix";
  }
  return "";
}

std::optional<TopicOwner> topic_owner(const Model& model, const TopicName& topic) {
  const auto declared = model.topics.find(topic);
  if (declared != model.topics.end()) {
    const Topic& found = declared->second;
    return TopicOwner{found.owner, found.domain, found.product ? OwnedThrough::Product : OwnedThrough::Contract,
                      place_of_owner(model, found)};
  }
  const Application* application = prefix_owner(model, topic.text());
  if (application == nullptr) return std::nullopt;
  return TopicOwner{application->squad, application->domain, OwnedThrough::Prefix, application->place};
}

SquadName contract_owner(const Model& model, const Contract& contract) {
  for (const auto& name : contract.topics) {
    const auto topic = model.topics.find(name);
    if (topic != model.topics.end()) return topic->second.owner;
  }
  return contract.team.value_or(SquadName());
}

SquadName present_squad(const Model& model, const SquadName& name) {
  const auto former = model.former_squads.find(name);
  return former == model.former_squads.end() ? name : former->second;
}

Identity identify(const Model& model, const PrincipalName& principal) {
  Identity identity;
  const auto application_name = model.principals.find(principal);
  if (application_name != model.principals.end()) {
    const Application& application = model.applications.at(application_name->second);
    identity.known = true;
    identity.application = application.name;
    identity.squads = {application.squad};
    identity.domain = application.domain;
    return identity;
  }
  const auto user = model.users.find(principal);
  if (user == model.users.end()) return identity;
  identity.known = true;
  identity.squads = user->second.squads;
  if (!identity.squads.empty()) identity.domain = model.squads.at(identity.squads.front()).domain;
  return identity;
}

}  // namespace myelin::model
