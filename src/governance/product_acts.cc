#include "governance/product_acts.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "model/ownership.h"

namespace myelin::governance {
namespace {

using model::Duty;
using state::AuditedAct;

constexpr std::int8_t kTopicConfig = 2;  // Kafka's ConfigResource.Type

// Each act once, whatever one change holds.
class Acts {
 public:
  explicit Acts(const Actor& actor)
      : actor_(actor), squads_(model::identify(actor.snapshot.model(), actor.principal).squads) {}

  // For whom the actor gives consent: for their own squads, the platform group for everybody.
  [[nodiscard]] bool speaks_for(const SquadName& squad) const {
    return is_of(squad) || actor_.snapshot.settings().dev_mode || actor_.snapshot.subject(actor_.principal).platform;
  }

  void add(const ProductName& name, Duty duty) {
    const auto* product = found(name);
    if (product == nullptr) return;
    const auto due = model::on_duty(actor_.snapshot.model(), {product->owner, product->mode}, duty);
    add(*product, duty, due.value_or(SquadName()));
  }
  void add_consent(const ProductName& name, const SquadName& due) {
    const auto* product = found(name);
    if (product != nullptr && !due.empty() && speaks_for(due)) add(*product, Duty::Approve, due);
  }
  void add_topic(const std::string& name, Duty duty) {
    const auto& topics = actor_.snapshot.model().topics;
    const auto topic = topics.find(TopicName(name));
    if (topic != topics.end() && topic->second.product) add(*topic->second.product, duty);
  }

  std::vector<AuditedAct> take() && { return {acts_.begin(), acts_.end()}; }

 private:
  [[nodiscard]] bool is_of(const SquadName& squad) const { return std::ranges::find(squads_, squad) != squads_.end(); }
  [[nodiscard]] const model::Product* found(const ProductName& name) const {
    const auto& products = actor_.snapshot.model().products;
    const auto product = products.find(name);
    return product == products.end() ? nullptr : &product->second;
  }
  // Of somebody's squads the one whose duty it is; else the first, as in usage.
  void add(const model::Product& product, Duty duty, const SquadName& due) {
    const auto squad = is_of(due) ? due : squads_.empty() ? SquadName() : squads_.front();
    acts_.insert(
        {product.name.text(), product.mode.value_or(""), std::string(model::name_of(duty)), squad.text(), due.text()});
  }

  const Actor& actor_;
  std::vector<SquadName> squads_;
  std::set<AuditedAct> acts_;
};

void add_named(Acts& acts, const auto& topics, Duty duty) {
  for (const auto& topic : topics) acts.add_topic(topic.name, duty);
}

void add_settings(Acts& acts, const auto& resources) {
  for (const auto& resource : resources) {
    if (resource.resource_type == kTopicConfig) acts.add_topic(resource.resource_name, Duty::Run);
  }
}

}  // namespace

std::vector<AuditedAct> acts_of_request(const Access& access, const kafka::Request& request) {
  const Actor actor{access.snapshot(), access.principal()};
  Acts acts(actor);
  if (const auto* create = std::get_if<kafka::CreateTopicsRequest>(&request)) {
    add_named(acts, create->topics, Duty::Build);
  } else if (const auto* remove = std::get_if<kafka::DeleteTopicsRequest>(&request)) {
    for (const auto& name : remove->topic_names) acts.add_topic(name, Duty::Build);
    for (const auto& topic : remove->topics) {
      const auto* name = topic.name ? &*topic.name : access.name_of(topic.topic_id);
      if (name != nullptr) acts.add_topic(*name, Duty::Build);
    }
  } else if (const auto* partitions = std::get_if<kafka::CreatePartitionsRequest>(&request)) {
    add_named(acts, partitions->topics, Duty::Run);
  } else if (const auto* records = std::get_if<kafka::DeleteRecordsRequest>(&request)) {
    add_named(acts, records->topics, Duty::Run);
  } else if (const auto* settings = std::get_if<kafka::AlterConfigsRequest>(&request)) {
    add_settings(acts, settings->resources);
  } else if (const auto* single = std::get_if<kafka::IncrementalAlterConfigsRequest>(&request)) {
    add_settings(acts, single->resources);
  }
  return std::move(acts).take();
}

std::vector<AuditedAct> acts_of_apply(const Actor& actor, const plan::Plan& plan, const std::set<SquadName>& others) {
  Acts acts(actor);
  for (const auto& change : plan.entities) {
    if (change.entity.kind == plan::EntityKind::Contract) {
      acts.add(change.product, Duty::Build);
      continue;
    }
    for (const auto& consent : change.consents) {
      if (!others.contains(consent.squad)) acts.add_consent(change.product, consent.squad);
    }
  }
  return std::move(acts).take();
}

std::vector<AuditedAct> acts_of_answer(const Actor& actor, const plan::Plan& plan) {
  Acts acts(actor);
  for (const auto& change : plan.entities) {
    for (const auto& consent : change.consents) {
      const bool is_missing = std::ranges::find(plan.missing, consent) != plan.missing.end();
      if (is_missing) acts.add_consent(change.product, consent.squad);
    }
  }
  return std::move(acts).take();
}

std::vector<AuditedAct> acts_of_answer(const Actor& actor, const ProductName& product,
                                       std::span<const plan::Consent> consents) {
  Acts acts(actor);
  for (const auto& consent : consents) acts.add_consent(product, consent.squad);
  return std::move(acts).take();
}

}  // namespace myelin::governance
