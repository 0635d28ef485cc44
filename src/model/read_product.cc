// Bitol ODPS data products, 0.9 and 1.x.
#include <fmt/core.h>

#include <array>

#include "model/drafts.h"
#include "model/rules.h"

namespace myelin::model {
namespace {

// ODPS 0.9 lists members and names no team.
bool has_team(const Fields& document) {
  const document::Node* team = document.find("team");
  return team != nullptr && !team->is(document::NodeKind::List);
}

Text read_owner(const Fields& document) {
  const auto team = has_team(document) ? document.map("team") : std::nullopt;
  if (!team) return {};
  Text name = team->required_text("name");
  return name.empty() ? Text{} : entity_reference(document, std::move(name), "Group");
}

// The mode of operation: who builds and who runs the product.
std::optional<std::string> read_mode(const Fields& document) {
  static const std::array<std::string, 1> kProperties{"mode"};
  static const std::array<std::string, 4> kModes{"growth", "optimise", "sustain", "consumption"};
  allow_only_own_properties(document, kProperties);
  const auto property = own_property(document, "mode");
  const auto mode = property ? property->choice("value", kModes) : std::nullopt;
  if (!mode) return std::nullopt;
  return mode->value;
}

std::string description_of(const Fields& document) {
  const document::Node* description = document.find("description");
  if (description != nullptr && description->is(document::NodeKind::String)) return description->text;
  const auto fields = document.map("description");
  return fields ? fields->text_or_empty("purpose") : std::string();
}

}  // namespace

void read_product(const Fields& document, Drafts& drafts) {
  static const std::array<std::string, 1> kKinds{"DataProduct"};
  static const std::array<std::string, 5> kStatuses{"proposed", "draft", "active", "deprecated", "retired"};
  if (document.required_text("kind").empty() || !document.choice("kind", kKinds)) return;
  const Text api_version = document.required_text("apiVersion");
  if (!api_version.empty() && !api_version.value.starts_with("v1.") && api_version.value != "v0.9.0") {
    document.note(api_version.place,
                  fmt::format("apiVersion \"{}\" is not read; use v1.0.0, v1.1.0 or v0.9.0", api_version.value));
  }
  ProductDraft product;
  product.id = document.required_text("id");
  const auto name = document.text("name");
  product.name = name && !name->empty() ? *name : product.id;
  if (const auto status = document.choice("status", kStatuses)) product.status = status->value;
  product.description = description_of(document);
  product.mode = read_mode(document);
  product.has_team = has_team(document);
  product.team = read_owner(document);
  if (auto domain = document.text("domain")) product.domain = entity_reference(document, std::move(*domain), "Domain");
  product.channels = read_support(document);
  for (const Fields& port : document.maps("outputPorts")) {
    const Text port_name = port.required_text("name");
    if (port_name.empty()) continue;
    product.ports.push_back({port_name, port.text_or_empty("version"), port.text("contractId")});
  }
  if (!product.id.empty()) drafts.products.push_back(std::move(product));
}

}  // namespace myelin::model
