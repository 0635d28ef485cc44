// APIs about topics, their settings and the cluster.
#include <algorithm>

#include "governance/access.h"
#include "governance/refuse.h"
#include "governance/topic_contract.h"
#include "kafka/refusal.h"

namespace myelin::governance {
namespace {

using policy::Operation;
using policy::Resource;

constexpr std::int8_t kTopicConfig = 2;  // Kafka's ConfigResource.Type

Resource topic(const std::string& name) { return {policy::ResourceKind::Topic, name}; }

void keep_seen(const Access& access, kafka::MetadataResponse& metadata) {
  std::erase_if(metadata.topics, [&](const auto& entry) { return entry.name && !access.sees_topic(*entry.name); });
}

// What was asked for by id and may not be seen answers as if no topic had that id.
void hide_unseen(const Access& access, kafka::MetadataResponse& metadata) {
  for (auto& entry : metadata.topics) {
    if (!entry.name || access.sees_topic(*entry.name)) continue;
    const auto id = entry.topic_id;
    entry = {};
    entry.topic_id = id;
    entry.name.reset();
    entry.error_code = kTopicIdUnknown;
  }
}

std::vector<engine::FirstUse> first_uses(const Access& access, const kafka::MetadataRequest& request) {
  std::vector<engine::FirstUse> declared;
  for (const auto& entry : *request.topics) {
    if (const auto* topic = access.declared(*entry.name)) declared.push_back(first_use_of(*topic));
  }
  return declared;
}

// What is left to the server counts as one.
std::uint64_t first_partitions(const Access& access, const std::string& name) {
  const auto* declared = access.declared(name);
  return declared == nullptr ? 1 : static_cast<std::uint64_t>(declared->partitions.value_or(1));
}

using RefusedTopic = kafka::CreateTopicsResponse::CreatableTopicResult;

RefusedTopic refused_topic(const AskedTopic& asked, std::int16_t code, std::string why) {
  auto answer = kafka::refused(asked, code);
  answer.error_message = std::move(why);
  return answer;
}

// What is left to the server counts as one.
std::uint64_t partitions_of(const AskedTopic& asked) {
  if (!asked.assignments.empty()) return asked.assignments.size();
  return static_cast<std::uint64_t>(std::max(asked.num_partitions, 1));
}

AskedOfTopic told_of(const AskedTopic& asked, bool is_declared) {
  AskedOfTopic told{.name = asked.name, .partitions = {}, .configs = {}, .is_declared = is_declared};
  if (!asked.assignments.empty()) {
    told.partitions = static_cast<std::int64_t>(asked.assignments.size());
  } else if (asked.num_partitions >= 0) {
    told.partitions = asked.num_partitions;
  }
  for (const auto& config : asked.configs) told.configs.insert_or_assign(config.name, config.value);
  return told;
}

// Takes out of the request what its principal may not create, what contradicts its contract, and what a rule refuses.
std::vector<RefusedTopic> take_refused_topics(Access& access, kafka::CreateTopicsRequest& request) {
  std::vector<RefusedTopic> refused;
  std::vector<AskedTopic> kept;
  for (auto& asked : request.topics) {
    if (!access.may(Operation::Create, topic(asked.name))) {
      refused.push_back(refused_topic(
          asked, kTopicRefused, "only the owner of a topic may create it; `myelin who " + asked.name + "` names it"));
      continue;
    }
    const auto* declared = access.declared(asked.name);
    auto why = declared == nullptr ? std::nullopt : agree_with_contract(*declared, asked);
    if (!why) {
      why =
          access.against_rules(model::RuleAbout::TopicCreation, Operation::Create, told_of(asked, declared != nullptr));
    }
    if (!why && !request.validate_only) why = access.over_partitions(asked.name, partitions_of(asked));
    if (why) {
      refused.push_back(refused_topic(asked, kPolicyViolated, *std::move(why)));
    } else {
      kept.push_back(std::move(asked));
    }
  }
  request.topics = std::move(kept);
  return refused;
}

}  // namespace

Ruling rule_on_api(const AccessPtr& access, kafka::MetadataRequest& request) {
  Ruling ruling;
  // Version 0 asks for all topics with an empty list; the engine treats both the same, so only a filled list names
  // some.
  const bool all = !request.topics || request.topics->empty();
  if (all) {
    ruling.amend = [access](kafka::Response& response) {
      keep_seen(*access, std::get<kafka::MetadataResponse>(response));
    };
    return ruling;
  }
  // Kafka's Java consumer asks for the topics that a pattern brought it by id with an empty name, and means none.
  for (auto& entry : *request.topics) {
    if (entry.name && entry.name->empty() && !entry.topic_id.is_zero()) entry.name.reset();
  }
  auto refused = take_refused(
      *request.topics, [&](const auto& entry) { return !entry.name || access->may_describe_topic(*entry.name); });
  const bool nothing_left = request.topics->empty();
  // One request has one switch, so topics are made only when the principal may create all it names.
  ruling.may_create_topics = request.allow_auto_topic_creation;
  for (const auto& entry : *request.topics) {
    ruling.may_create_topics = ruling.may_create_topics && entry.name && access->may_create(*entry.name) &&
                               !access->over_partitions(*entry.name, first_partitions(*access, *entry.name));
  }
  if (ruling.may_create_topics) ruling.first_uses = first_uses(*access, request);
  ruling.amend = [access, refused = std::move(refused), nothing_left](kafka::Response& response) {
    auto& metadata = std::get<kafka::MetadataResponse>(response);
    if (nothing_left) metadata.topics.clear();
    hide_unseen(*access, metadata);
    kafka::refuse_each(refused, kTopicRefused, metadata.topics);
  };
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::CreateTopicsRequest& request) {
  Ruling ruling;
  auto refused = take_refused_topics(*access, request);
  if (!request.validate_only) ruling.changes = listed("topic", request.topics, &AskedTopic::name);
  put_back(ruling, std::move(refused), &kafka::CreateTopicsResponse::topics, request.topics.empty());
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::DeleteTopicsRequest& request) {
  Ruling ruling;
  auto refused_names =
      take_refused(request.topic_names, [&](const auto& name) { return access->may(Operation::Delete, topic(name)); });
  auto refused = take_refused(request.topics, [&](const auto& entry) {
    const auto* name = entry.name ? &*entry.name : access->name_of(entry.topic_id);
    return name != nullptr && access->may(Operation::Delete, topic(*name));
  });
  std::vector<std::string> names = request.topic_names;
  for (const auto& entry : request.topics) names.push_back(entry.name ? *entry.name : *access->name_of(entry.topic_id));
  ruling.changes = listed("topic", names);
  if (refused.empty() && refused_names.empty()) return ruling;
  ruling.amend = [access, refused = std::move(refused),
                  refused_names = std::move(refused_names)](kafka::Response& response) {
    auto& deleted = std::get<kafka::DeleteTopicsResponse>(response);
    for (const auto& name : refused_names) {
      deleted.responses.push_back(kafka::refused_deletion(name, kTopicRefused));
    }
    for (const auto& entry : refused) {
      const auto code = entry.name ? kTopicRefused : access->code_of_refused_id(entry.topic_id);
      deleted.responses.push_back(kafka::refused(entry, code));
    }
  };
  if (request.topics.empty() && request.topic_names.empty()) ruling.answer.emplace(kafka::DeleteTopicsResponse());
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::DescribeConfigsRequest& request) {
  Ruling ruling;
  auto refused = take_refused(request.resources, [&](const auto& entry) {
    return entry.resource_type == kTopicConfig ? access->may_describe_topic(entry.resource_name)
                                               : access->may(Operation::Describe, Resource::cluster());
  });
  std::vector<kafka::DescribeConfigsResponse::DescribeConfigsResult> answers;
  for (const auto& entry : refused) {
    const bool is_topic = entry.resource_type == kTopicConfig;
    auto& answer = answers.emplace_back(kafka::refused(entry, is_topic ? kTopicRefused : kClusterRefused));
    answer.error_message = is_topic ? "only who may read or write a topic may see its settings"
                                    : "the settings of brokers are for the role platform";
  }
  put_back(ruling, std::move(answers), &kafka::DescribeConfigsResponse::results, request.resources.empty());
  return ruling;
}

}  // namespace myelin::governance
