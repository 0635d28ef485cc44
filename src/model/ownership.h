#pragma once
// Questions about who stands behind a name. All of them take names as they come from the wire.
#include <string_view>

#include "model/model.h"

namespace myelin::model {

// Whether `name` belongs to `prefix`: equal to it, or the prefix followed by '.', '-' or '_' (or by anything, when the
// prefix itself ends with one of these). So "pos" owns "pos.sales" and not "postal".
[[nodiscard]] bool has_prefix(std::string_view name, std::string_view prefix);

// The application whose declared prefix the topic, group or transactional id carries; the longest prefix wins.
[[nodiscard]] const Application* prefix_owner(const Model& model, std::string_view name);

enum class OwnedThrough { Product, Contract, Prefix };
[[nodiscard]] std::string_view name_of(OwnedThrough through);

struct TopicOwner {
  SquadName squad;
  DomainName domain;
  OwnedThrough through = OwnedThrough::Prefix;
  Place place;  // of the declaration that makes it the owner
};
// nullopt for a topic that nothing declares.
[[nodiscard]] std::optional<TopicOwner> topic_owner(const Model& model, const TopicName& topic);

// The squad that a contract belongs to: the owner of its topics, else its team; empty when it has neither.
[[nodiscard]] SquadName contract_owner(const Model& model, const Contract& contract);

// Who a squad is today: the name itself, unless it is one that a squad had before it was renamed or merged.
[[nodiscard]] SquadName present_squad(const Model& model, const SquadName& name);

// What a principal belongs to. An application has one squad; a user any number; an unknown principal nothing.
struct Identity {
  bool known = false;
  std::optional<ApplicationName> application;
  std::vector<SquadName> squads;     // of a user in the order declared
  std::optional<DomainName> domain;  // of the application, or of the first squad
};
[[nodiscard]] Identity identify(const Model& model, const PrincipalName& principal);

}  // namespace myelin::model
