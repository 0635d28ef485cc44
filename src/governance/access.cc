#include "governance/access.h"

#include <variant>

#include "base/sabotage.h"
#include "governance/holdings.h"
#include "governance/refuse.h"

namespace myelin::governance {

bool Access::may(policy::Operation operation, policy::Resource resource) {
  const auto decision = snapshot_->decide(subject_, operation, resource, now_);
  if (decision.allowed && !decision.would_deny) return true;
  auto explanation = snapshot_->explain(subject_, operation, resource, decision);
  denials_.push_back(
      {operation, resource.kind, std::string(resource.name), std::move(explanation.text), decision.allowed});
  return decision.allowed;
}

std::optional<std::string> Access::against_rules(model::RuleAbout about, policy::Operation operation,
                                                 const AskedOfTopic& asked) {
  auto hits = rule_hits(*snapshot_, subject_, about, members_of(asked));
  auto refusal = refusal_of(hits);
  for (auto& hit : hits) {
    const bool is_refused = hit.rule->rung == model::Rung::Block;
    denials_.push_back({operation, policy::ResourceKind::Topic, asked.name, std::move(hit.why), !is_refused, hit.rule});
  }
  return refusal;
}

const std::string* Access::name_of(const Uuid& id) const {
  if (topic_names_) {
    const auto* name = topic_names_->name_of(id);
    return name == nullptr ? nullptr : &name->text();
  }
  const auto found = names_.find(id);
  return found == names_.end() ? nullptr : &found->second;
}

void Access::complete_names(kafka::Request& request) const {
  if (!topic_names_) return;
  const auto complete = [this](std::string& name, const Uuid& id) {
    const auto* found = name.empty() ? name_of(id) : nullptr;
    if (found != nullptr) name = *found;
  };
  if (auto* fetch = std::get_if<kafka::FetchRequest>(&request)) {
    for (auto& entry : fetch->topics) complete(entry.topic, entry.topic_id);
  } else if (auto* produce = std::get_if<kafka::ProduceRequest>(&request)) {
    for (auto& entry : produce->topic_data) complete(entry.name, entry.topic_id);
  }
}

std::int16_t Access::code_of_refused(const std::string& name) const {
  if (!topic_names_) return kTopicRefused;
  return !name.empty() && sees_topic(name) ? kTopicRefused : kTopicIdUnknown;
}

std::int16_t Access::code_of_refused_id(const Uuid& id) const {
  if (unnamed_for_now_.contains(id)) return kTopicUnnamedForNow;
  const auto* name = name_of(id);
  return name != nullptr && sees_topic(*name) ? kTopicRefused : kTopicIdUnknown;
}

Access Access::later(std::shared_ptr<const policy::Snapshot> snapshot, Moment now) const {
  auto subject = snapshot->subject(subject_.principal);
  Access later(std::move(snapshot), std::move(subject), sabotaged(Sabotage::KeepRevokedGrant) ? now_ : now, holdings_);
  later.topic_names_ = topic_names_;
  return later;
}

std::optional<std::string> Access::over_partitions(std::string_view topic, std::uint64_t partitions) {
  auto why = holdings_ == nullptr ? std::nullopt : holdings_->take_partitions(*snapshot_, topic, partitions);
  if (why)
    denials_.push_back({policy::Operation::Create, policy::ResourceKind::Topic, std::string(topic), *why, false});
  return why;
}

std::optional<std::string> Access::over_storage(std::string_view topic) {
  auto why = holdings_ == nullptr ? std::nullopt : holdings_->why_full(*snapshot_, topic);
  if (why) denials_.push_back({policy::Operation::Write, policy::ResourceKind::Topic, std::string(topic), *why, false});
  return why;
}

bool Access::may_describe_topic(std::string_view topic) {
  if (snapshot_->sees_topic(subject_, topic, now_)) return true;
  return may(policy::Operation::Describe, {policy::ResourceKind::Topic, topic});
}

bool Access::may_create(std::string_view topic) const {
  if (!snapshot_->decide(subject_, policy::Operation::Create, {policy::ResourceKind::Topic, topic}, now_).allowed) {
    return false;
  }
  // What a contract declares was judged when it was applied.
  if (snapshot_->model().policy.rules.empty() || declared(topic) != nullptr) return true;
  const AskedOfTopic asked{.name = std::string(topic), .partitions = {}, .configs = {}};
  return !refusal_of(rule_hits(*snapshot_, subject_, model::RuleAbout::TopicCreation, members_of(asked)));
}

const model::Topic* Access::declared(std::string_view topic) const {
  const auto& topics = snapshot_->model().topics;
  const auto found = topics.find(TopicName(topic));
  return found == topics.end() ? nullptr : &found->second;
}

bool Access::sees_topic(std::string_view topic) const { return snapshot_->sees_topic(subject_, topic, now_); }

bool Access::sees_group(std::string_view group) const {
  return snapshot_->decide(subject_, policy::Operation::Describe, {policy::ResourceKind::Group, group}, now_).allowed;
}

bool Access::sees_transactional_id(std::string_view id) const {
  return snapshot_->decide(subject_, policy::Operation::Describe, policy::Resource::transactional_id(id), now_).allowed;
}

bool may_name_by_id(kafka::ApiKey key, std::int16_t version) {
  constexpr std::int16_t kProduceById = 13;
  constexpr std::int16_t kFetchById = 13;
  constexpr std::int16_t kDeleteTopicsById = 6;
  return (key == kafka::ApiKey::Produce && version >= kProduceById) ||
         (key == kafka::ApiKey::Fetch && version >= kFetchById) ||
         (key == kafka::ApiKey::DeleteTopics && version >= kDeleteTopicsById);
}

namespace {

template <typename Request>
concept Ruled = requires(const AccessPtr& access, Request& request) { rule_on_api(access, request); };

}  // namespace

Ruling rule_on(const AccessPtr& access, kafka::Request& request) {
  auto ruling = std::visit(
      [&]<typename Request>(Request& typed) -> Ruling {
        if constexpr (Ruled<Request>) {
          return rule_on_api(access, typed);
        } else {
          Ruling refused;
          refused.is_refused_whole = true;
          return refused;
        }
      },
      request);
  ruling.denials = access->take_denials();
  return ruling;
}

}  // namespace myelin::governance
