#include "plan/judged.h"

#include <fmt/core.h>

#include <charconv>
#include <chrono>

#include "plan/consent.h"
#include "plan/entity.h"

namespace myelin::plan {
namespace {

using cel::Value;
using document::Node;
using document::NodeKind;
using model::Model;
using model::RuleAbout;

// As CEL has it: whole numbers are int, others double.
Value number_of(const std::string& text) {
  std::int64_t whole = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error == std::errc() && end == text.data() + text.size()) return Value::integer(whole);
  double real = 0;
  std::from_chars(text.data(), text.data() + text.size(), real);
  return Value::real(real);
}

Value value_of(const Node& node) {
  switch (node.kind) {
    case NodeKind::Null:
      return Value::null();
    case NodeKind::Boolean:
      return Value::boolean(document::as_boolean(node).value_or(false));
    case NodeKind::Number:
      return number_of(node.text);
    case NodeKind::String:
      return Value::string(node.text);
    case NodeKind::List: {
      cel::List items;
      for (const Node& item : node.items) items.push_back(value_of(item));
      return Value::list(std::move(items));
    }
    case NodeKind::Map: {
      cel::Map entries;
      for (const auto& member : node.members) entries.emplace_back(Value::string(member.key), value_of(member.value));
      return Value::map(std::move(entries));
    }
  }
  return Value::null();
}

// The members of a thing; what is not declared is not there.
class Members {
 public:
  void add(std::string_view key, Value value) { entries_.emplace_back(Value::string(key), std::move(value)); }
  void add_text(std::string_view key, std::string_view text) {
    if (!text.empty()) add(key, Value::string(text));
  }
  void add_number(std::string_view key, std::int64_t number) { add(key, Value::integer(number)); }
  template <typename Names>
  void add_names(std::string_view key, const Names& names) {
    cel::List items;
    for (const auto& name : names) items.push_back(Value::string(name));
    add(key, Value::list(std::move(items)));
  }
  [[nodiscard]] Value value() && { return Value::map(std::move(entries_)); }

 private:
  cel::Map entries_;
};

template <typename Names>
std::vector<std::string_view> texts_of(const Names& names) {
  std::vector<std::string_view> texts;
  for (const auto& name : names) texts.push_back(name.text());
  return texts;
}

Value members_of(const model::Topic& topic) {
  Members members;
  members.add_text("name", topic.name.text());
  members.add_text("title", topic.title);
  members.add_text("description", topic.description);
  members.add_text("contract", topic.contract);
  if (topic.product) members.add_text("product", topic.product->text());
  if (topic.partitions) members.add_number("partitions", *topic.partitions);
  if (topic.durability) members.add_text("durability", model::name_of(*topic.durability));
  if (topic.retention) {
    members.add_number("retention_hours", std::chrono::duration_cast<std::chrono::hours>(*topic.retention).count());
  }
  if (topic.compacted) members.add("compacted", Value::boolean(*topic.compacted));
  return std::move(members).value();
}

Value members_of(const model::Contract& contract) {
  Members members;
  members.add_text("id", contract.id);
  members.add_text("version", contract.version);
  members.add_text("status", contract.status);
  members.add_names("topics", texts_of(contract.topics));
  return std::move(members).value();
}

Value members_of(const model::Product& product) {
  Members members;
  members.add_text("name", product.name.text());
  members.add_text("id", product.id);
  members.add_text("status", product.status);
  members.add_text("description", product.description);
  if (product.mode) members.add_text("mode", *product.mode);
  std::vector<std::string_view> ports;
  for (const auto& port : product.ports) ports.push_back(port.name);
  members.add_names("ports", ports);
  return std::move(members).value();
}

Value members_of(const model::Grant& grant) {
  Members members;
  members.add_text("id", grant.id);
  members.add_text("product", grant.product.text());
  members.add_text("port", grant.port);
  members.add_names("topics", texts_of(grant.topics));
  if (grant.squad) members.add_text("squad", grant.squad->text());
  if (grant.application) members.add_text("application", grant.application->text());
  if (grant.user) members.add_text("user", grant.user->text());
  members.add_text("purpose", grant.purpose);
  members.add_text("status", model::name_of(grant.status));
  if (grant.start && grant.end) {
    members.add_number("days", std::chrono::ceil<std::chrono::days>(*grant.end - *grant.start).count());
  }
  return std::move(members).value();
}

Value members_of(const model::DirectGrant& grant, const Model& model) {
  Members members;
  members.add_text("id", grant.id);
  members.add_text("principal", grant.right.principal.text());
  members.add_text("resource", model::name_of(grant.right.resource));
  members.add_text("name", grant.right.name);
  members.add_text("pattern", grant.right.is_prefix ? "prefixed" : "literal");
  std::vector<std::string_view> operations;
  for (const auto& one : model.direct_grants) {
    if (one.id == grant.id) operations.push_back(model::name_of(one.right.operation));
  }
  members.add_names("operations", operations);
  return std::move(members).value();
}

// The entry of a contract that declares the topic.
const Node* schema_of(const Node& contract, const TopicName& topic) {
  const auto* schemas = contract.find("schema");
  if (schemas == nullptr) return nullptr;
  for (const Node& schema : schemas->items) {
    const auto* name = schema.find("physicalName");
    if (name != nullptr && name->text == topic.text()) return &schema;
  }
  return nullptr;
}

class Collector {
 public:
  explicit Collector(const Model& model) : model_(model), documents_(entities_of(model.documents)) {}

  std::map<std::string, Judged> all() && {
    for (const auto& [name, topic] : model_.topics) {
      auto& thing = add(RuleAbout::Topic, "topic " + name.text(), {EntityKind::Contract, topic.contract}, topic.owner,
                        topic.place, members_of(topic));
      const auto* document = documents_.at({EntityKind::Contract, topic.contract});
      if (const auto* schema = schema_of(*document->root, name)) thing.attributes["schema"] = value_of(*schema);
    }
    for (const auto& [id, contract] : model_.contracts) {
      add(RuleAbout::Contract, {EntityKind::Contract, id}, contract.place, members_of(contract));
    }
    for (const auto& [name, product] : model_.products) {
      add(RuleAbout::Product, {EntityKind::Product, name.text()}, product.place, members_of(product));
    }
    for (const auto& grant : model_.grants) {
      add(RuleAbout::Grant, {EntityKind::Grant, grant.id}, grant.place, members_of(grant));
    }
    for (const auto& grant : model_.direct_grants) {
      if (grant.is_made()) continue;  // over Kafka's API: no document
      const EntityName entity{EntityKind::DirectGrant, grant.id};
      if (!things_.contains(entity.text())) add(RuleAbout::DirectGrant, entity, grant.place, members_of(grant, model_));
    }
    return std::move(things_);
  }

 private:
  void add(RuleAbout about, const EntityName& entity, const model::Place& place, Value members) {
    add(about, entity.text(), entity, squad_of(entity, model_), place, std::move(members));
  }

  Judged& add(RuleAbout about, const std::string& name, const EntityName& entity, const SquadName& squad,
              const model::Place& place, Value members) {
    Judged& thing = things_[name];
    thing = {.about = about, .squad = squad, .domain = {}, .place = place, .attributes = {}};
    if (const auto found = model_.squads.find(squad); found != model_.squads.end()) thing.domain = found->second.domain;
    thing.attributes.emplace(model::name_of(about), std::move(members));
    thing.attributes.emplace("squad", Value::string(squad.text()));
    thing.attributes.emplace("domain", Value::string(thing.domain.text()));
    thing.attributes.emplace("document", document_of(entity));
    return thing;
  }

  // Converted once for a contract and all of its topics.
  Value document_of(const EntityName& entity) {
    const auto [found, is_new] = values_.try_emplace(entity);
    if (is_new) found->second = value_of(*documents_.at(entity)->root);
    return found->second;
  }

  const Model& model_;
  Entities documents_;
  std::map<EntityName, Value> values_;
  std::map<std::string, Judged> things_;
};

}  // namespace

std::map<std::string, Judged> judged_of(const Model& model) { return Collector(model).all(); }

}  // namespace myelin::plan
