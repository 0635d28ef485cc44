// APIs that change a topic which exists: its partitions, its settings, where its log begins.
#include <algorithm>

#include "governance/access.h"
#include "governance/refuse.h"
#include "governance/topic_contract.h"
#include "kafka/refusal.h"

namespace myelin::governance {
namespace {

using policy::Operation;
using policy::Resource;

constexpr std::int8_t kTopicConfig = 2;      // Kafka's ConfigResource.Type
constexpr std::int8_t kDeleteOperation = 1;  // IncrementalAlterConfigs: back to the default

Resource topic(const std::string& name) { return {policy::ResourceKind::Topic, name}; }

std::optional<std::string> contradiction(const model::Topic& declared,
                                         const kafka::CreatePartitionsRequest::CreatePartitionsTopic& asked) {
  return contradicts_partitions(declared, asked.count);
}

// It replaces everything, so what it leaves out goes back to the default.
std::optional<std::string> contradiction(const model::Topic& declared,
                                         const kafka::AlterConfigsRequest::AlterConfigsResource& asked) {
  std::map<std::string, std::optional<std::string>> values;
  for (const auto& config : asked.configs) values.insert_or_assign(config.name, config.value);
  return contradicts_settings(declared, values);
}

std::optional<std::string> contradiction(const model::Topic& declared,
                                         const kafka::IncrementalAlterConfigsRequest::AlterConfigsResource& asked) {
  for (const auto& config : asked.configs) {
    const auto value = config.config_operation == kDeleteOperation ? std::nullopt : config.value;
    if (auto found = contradicts_setting(declared, config.name, value)) return found;
  }
  return std::nullopt;
}

void tell(const kafka::CreatePartitionsRequest::CreatePartitionsTopic& asked, AskedOfTopic& told) {
  told.partitions = asked.count;
}
void tell(const kafka::AlterConfigsRequest::AlterConfigsResource& asked, AskedOfTopic& told) {
  for (const auto& config : asked.configs) told.configs.insert_or_assign(config.name, config.value);
}
void tell(const kafka::IncrementalAlterConfigsRequest::AlterConfigsResource& asked, AskedOfTopic& told) {
  for (const auto& config : asked.configs) {
    told.configs.insert_or_assign(config.name,
                                  config.config_operation == kDeleteOperation ? std::nullopt : config.value);
  }
}

const std::string& name_of(const kafka::CreatePartitionsRequest::CreatePartitionsTopic& asked) { return asked.name; }
const std::string& name_of(const auto& asked) { return asked.resource_name; }

bool is_about_a_topic(const kafka::CreatePartitionsRequest::CreatePartitionsTopic&) { return true; }
bool is_about_a_topic(const auto& asked) { return asked.resource_type == kTopicConfig; }

std::optional<std::string> over_quota(Access& access,
                                      const kafka::CreatePartitionsRequest::CreatePartitionsTopic& asked) {
  return access.over_partitions(asked.name, static_cast<std::uint64_t>(std::max(asked.count, 0)));
}
std::optional<std::string> over_quota(Access&, const auto&) { return std::nullopt; }

// Takes out of `elements` what its principal may not alter, what contradicts a contract, and what a rule refuses;
// returns their answers.
template <typename Element>
auto take_refused_changes(Access& access, std::vector<Element>& elements) {
  std::vector<decltype(kafka::refused(elements.front(), 0))> refused;
  std::vector<Element> kept;
  const auto refuse = [&](const Element& asked, std::int16_t code, std::string why) {
    refused.push_back(kafka::refused(asked, code));
    refused.back().error_message = std::move(why);
  };
  for (auto& asked : elements) {
    const auto& name = name_of(asked);
    if (!is_about_a_topic(asked)) {
      if (access.may(Operation::Alter, Resource::cluster())) {
        kept.push_back(std::move(asked));
      } else {
        refuse(asked, kClusterRefused, "the settings of brokers are for the role platform");
      }
      continue;
    }
    if (!access.may(Operation::Alter, topic(name))) {
      refuse(asked, kTopicRefused, "only the owner of a topic may change it; `myelin who " + name + "` names it");
      continue;
    }
    const auto* declared = access.declared(name);
    auto why = declared == nullptr ? std::nullopt : contradiction(*declared, asked);
    if (!why) {
      AskedOfTopic told{.name = name, .partitions = {}, .configs = {}, .is_declared = declared != nullptr};
      tell(asked, told);
      why = access.against_rules(model::RuleAbout::TopicChange, Operation::Alter, told);
    }
    if (!why) why = over_quota(access, asked);
    if (why) {
      refuse(asked, kPolicyViolated, *std::move(why));
    } else {
      kept.push_back(std::move(asked));
    }
  }
  elements = std::move(kept);
  return refused;
}

template <typename Response>
Ruling rule_on_settings(Access& access, auto& request) {
  Ruling ruling;
  auto refused = take_refused_changes(access, request.resources);
  if (!request.validate_only) {
    ruling.changes = listed("settings of", request.resources, [](const auto& asked) {
      return (is_about_a_topic(asked) ? "topic " : "broker ") + asked.resource_name;
    });
  }
  put_back(ruling, std::move(refused), &Response::responses, request.resources.empty());
  return ruling;
}

}  // namespace

Ruling rule_on_api(const AccessPtr& access, kafka::DeleteRecordsRequest& request) {
  Ruling ruling;
  auto refused = take_refused(request.topics,
                              [&](const auto& entry) { return access->may(Operation::Delete, topic(entry.name)); });
  ruling.changes = listed("records of topic", request.topics, &kafka::DeleteRecordsRequest::DeleteRecordsTopic::name);
  put_back(ruling, std::move(refused), kTopicRefused, &kafka::DeleteRecordsResponse::topics, request.topics.empty());
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::CreatePartitionsRequest& request) {
  Ruling ruling;
  auto refused = take_refused_changes(*access, request.topics);
  if (!request.validate_only) {
    ruling.changes =
        listed("partitions of topic", request.topics, &kafka::CreatePartitionsRequest::CreatePartitionsTopic::name);
  }
  put_back(ruling, std::move(refused), &kafka::CreatePartitionsResponse::results, request.topics.empty());
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::AlterConfigsRequest& request) {
  return rule_on_settings<kafka::AlterConfigsResponse>(*access, request);
}

Ruling rule_on_api(const AccessPtr& access, kafka::IncrementalAlterConfigsRequest& request) {
  return rule_on_settings<kafka::IncrementalAlterConfigsResponse>(*access, request);
}

}  // namespace myelin::governance
