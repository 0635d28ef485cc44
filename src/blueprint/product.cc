#include <fmt/core.h>

#include <utility>

#include "blueprint/blueprint.h"
#include "blueprint/clients.h"
#include "blueprint/declared.h"
#include "blueprint/documents.h"
#include "model/name_rules.h"

namespace myelin::blueprint {
namespace {

Result<void> check_new(const model::Model& model, const std::string& product, const TopicName& topic) {
  if (auto valid = check_entity_name("product", product); !valid) return valid;
  const auto same_product = model.products.find(ProductName(product));
  if (same_product != model.products.end()) return exists("product", product, same_product->second.place);
  const auto same_contract = model.contracts.find(product);
  if (same_contract != model.contracts.end()) return exists("contract", product, same_contract->second.place);
  if (const auto wrong = model::wrong_topic(topic.text())) {
    return fail(Code::Invalid, "topic \"{}\": {}", topic.text(), *wrong);
  }
  const auto same_topic = model.topics.find(topic);
  if (same_topic != model.topics.end()) return exists("topic", topic.text(), same_topic->second.place);
  return {};
}

}  // namespace

Result<Blueprint> product_blueprint(const model::Model& model, const NewProduct& wanted) {
  const TopicName topic(wanted.topic.empty() ? wanted.name : wanted.topic);
  const auto application = wanted.application.empty() ? wanted.name + "-producer" : wanted.application;
  if (auto valid = check_new(model, wanted.name, topic); !valid) return pass(valid);
  auto squad = declared(model.squads, wanted.squad, "squad");
  if (!squad) return pass(squad);
  auto is_new = is_new_application(model, application, (*squad)->name);
  if (!is_new) return pass(is_new);
  auto principal = principal_of(model, application);
  if (!principal) return pass(principal);
  Blueprint blueprint;
  blueprint.clients = "clients/" + application;
  if (*is_new) {
    blueprint.new_principal = *principal;
    blueprint.files.push_back(
        {fmt::format("org/{}.yaml", application), application_document(application, wanted.squad)});
  }
  blueprint.files.push_back(
      {fmt::format("contracts/{}.odcs.yaml", wanted.name), contract_document(wanted, topic.text())});
  blueprint.files.push_back({fmt::format("products/{}.odps.yaml", wanted.name), product_document(wanted)});
  auto clients = client_files({ClientKind::Producer, ApplicationName(application), *principal, {topic}});
  blueprint.files.insert(blueprint.files.end(), clients.begin(), clients.end());
  return checked(model, std::move(blueprint));
}

}  // namespace myelin::blueprint
