#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "blueprint/blueprint.h"
#include "blueprint/clients.h"
#include "blueprint/declared.h"
#include "blueprint/documents.h"
#include "blueprint/grant.h"

namespace myelin::blueprint {
namespace {

Result<std::vector<TopicName>> topics_behind(const model::Model& model, const model::Product& product,
                                             const model::OutputPort& port) {
  if (port.contract) {
    const auto contract = model.contracts.find(*port.contract);
    if (contract != model.contracts.end() && !contract->second.topics.empty()) return contract->second.topics;
  }
  return fail(Code::Invalid, "output port \"{}\" of product \"{}\" has no topic, at {}", port.name, product.name.text(),
              port.place.text());
}

// nullopt when the squad owns what it reads.
Result<std::optional<NewGrant>> new_grant(const model::Model& model, const NewConsumer& wanted,
                                          const model::Product& product, const model::OutputPort& port) {
  if (product.owner.text() == wanted.squad) return std::nullopt;
  if (wanted.purpose.empty()) {
    return fail(Code::Invalid, "a grant has a purpose: say what squad \"{}\" reads product \"{}\" for", wanted.squad,
                wanted.product);
  }
  NewGrant grant{product,        port,        SquadName(wanted.squad), ApplicationName(wanted.application),
                 wanted.purpose, wanted.until};
  const auto id = grant_id(grant);
  if (const auto* same = model.grant(id)) return exists("grant", id, same->place);
  return grant;
}

}  // namespace

Result<Blueprint> consumer_blueprint(const model::Model& model, const NewConsumer& wanted) {
  auto squad = declared(model.squads, wanted.squad, "squad");
  if (!squad) return pass(squad);
  auto product = declared(model.products, wanted.product, "product");
  if (!product) return pass(product);
  auto port = port_of(**product, wanted.port);
  if (!port) return pass(port);
  auto topics = topics_behind(model, **product, **port);
  if (!topics) return pass(topics);
  auto is_new = is_new_application(model, wanted.application, (*squad)->name);
  if (!is_new) return pass(is_new);
  auto principal = principal_of(model, wanted.application);
  if (!principal) return pass(principal);
  auto grant = new_grant(model, wanted, **product, **port);
  if (!grant) return pass(grant);
  Blueprint blueprint;
  blueprint.clients = "clients/" + wanted.application;
  blueprint.has_grant = grant->has_value();
  if (*is_new) {
    blueprint.new_principal = *principal;
    blueprint.files.push_back(
        {fmt::format("org/{}.yaml", wanted.application), application_document(wanted.application, wanted.squad)});
  }
  if (*grant) {
    const auto id = grant_id(**grant);
    blueprint.files.push_back({fmt::format("grants/{}.yaml", id), grant_document(id, **grant)});
  }
  auto clients = client_files({ClientKind::Consumer, ApplicationName(wanted.application), *principal, *topics});
  blueprint.files.insert(blueprint.files.end(), clients.begin(), clients.end());
  return checked(model, std::move(blueprint));
}

}  // namespace myelin::blueprint
