#include "plan/entity.h"

#include <algorithm>
#include <array>

namespace myelin::plan {
namespace {

struct Known {
  std::string_view document_kind;  // the document's own word
  EntityKind kind;
  std::string_view name_at;  // the member that names it; "metadata" for metadata.name
};
constexpr std::array<Known, 12> kKnown{{{"Domain", EntityKind::Domain, "metadata"},
                                        {"Group", EntityKind::Squad, "metadata"},
                                        {"User", EntityKind::User, "metadata"},
                                        {"System", EntityKind::System, "metadata"},
                                        {"Component", EntityKind::Application, "metadata"},
                                        {"DataContract", EntityKind::Contract, "id"},
                                        {"DataProduct", EntityKind::Product, "name"},
                                        {"AccessAgreement", EntityKind::Grant, "id"},
                                        {"DirectGrant", EntityKind::DirectGrant, "metadata"},
                                        {"Policy", EntityKind::Policy, "metadata"},
                                        {"AccountabilityModel", EntityKind::AccountabilityModel, "metadata"},
                                        {"TeamProfile", EntityKind::TeamProfile, "metadata"}}};

std::string text_at(const document::Node& root, std::string_view key) {
  const auto* node = root.find(key);
  return node == nullptr ? std::string() : node->text;
}

std::string named(const document::Node& root, std::string_view name_at) {
  if (name_at == "metadata") {
    const auto* metadata = root.find("metadata");
    return metadata == nullptr ? std::string() : text_at(*metadata, "name");
  }
  auto name = text_at(root, name_at);
  return name.empty() ? text_at(root, "id") : name;  // a product without a name goes by its id
}

}  // namespace

std::string_view name_of(EntityKind kind) {
  switch (kind) {
    case EntityKind::Domain:
      return "domain";
    case EntityKind::Squad:
      return "squad";
    case EntityKind::User:
      return "user";
    case EntityKind::System:
      return "system";
    case EntityKind::Application:
      return "application";
    case EntityKind::Contract:
      return "contract";
    case EntityKind::Product:
      return "product";
    case EntityKind::Grant:
      return "grant";
    case EntityKind::DirectGrant:
      return "direct grant";
    case EntityKind::Policy:
      return "policy";
    case EntityKind::AccountabilityModel:
      return "accountability model";
    case EntityKind::TeamProfile:
      return "team profile";
  }
  return "";
}

std::string EntityName::text() const { return std::string(name_of(kind)) + " " + name; }

std::optional<EntityName> entity_of(const document::Document& document) {
  const auto kind = text_at(*document.root, "kind");
  const auto known = std::ranges::find(kKnown, kind, &Known::document_kind);
  if (known == kKnown.end()) return std::nullopt;
  return EntityName{known->kind, named(*document.root, known->name_at)};
}

Entities entities_of(const std::vector<document::Document>& documents) {
  Entities entities;
  for (const auto& document : documents) {
    if (auto name = entity_of(document)) entities.emplace(*std::move(name), &document);
  }
  return entities;
}

}  // namespace myelin::plan
