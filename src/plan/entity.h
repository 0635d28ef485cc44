#pragma once
// What a document declares, by kind and name: the unit in which a plan counts, owns and compares.
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/parse.h"

namespace myelin::plan {

// In the order in which a plan lists them.
enum class EntityKind : std::uint8_t {
  Domain,
  Squad,
  User,
  System,
  Application,
  Contract,
  Product,
  Grant,
  DirectGrant,
  Policy,
  AccountabilityModel,
  TeamProfile,
};
[[nodiscard]] std::string_view name_of(EntityKind kind);

struct EntityName {
  EntityKind kind = EntityKind::Domain;
  std::string name;
  auto operator<=>(const EntityName&) const = default;

  // "contract stores-sale"
  [[nodiscard]] std::string text() const;
};

// nullopt for a document of a kind that Myelin keeps and does not read.
[[nodiscard]] std::optional<EntityName> entity_of(const document::Document& document);

// Borrows the documents; of two documents with one name, the first.
using Entities = std::map<EntityName, const document::Document*>;
[[nodiscard]] Entities entities_of(const std::vector<document::Document>& documents);

}  // namespace myelin::plan
