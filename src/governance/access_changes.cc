// APIs that change a topic which exists: its partitions, its settings, where its log begins.
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

std::string add(std::string text, std::string_view kind, const std::string& name) {
  return text + (text.empty() ? "" : ", ") + std::string(kind) + " " + name;
}

// Resources that are refused, with the answer for each.
template <typename Answer>
struct Refused {
  std::vector<Answer> answers;
  void put_into(std::vector<Answer>& all) const { all.insert(all.end(), answers.begin(), answers.end()); }
};

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

const std::string& name_of(const kafka::CreatePartitionsRequest::CreatePartitionsTopic& asked) { return asked.name; }
const std::string& name_of(const auto& asked) { return asked.resource_name; }

bool is_about_a_topic(const kafka::CreatePartitionsRequest::CreatePartitionsTopic&) { return true; }
bool is_about_a_topic(const auto& asked) { return asked.resource_type == kTopicConfig; }

// Takes out of `elements` what its principal may not alter, and what contradicts a contract.
template <typename Answer, typename Element>
Refused<Answer> take_refused_changes(Access& access, std::vector<Element>& elements) {
  Refused<Answer> refused;
  std::vector<Element> kept;
  const auto refuse = [&](const Element& asked, std::int16_t code, std::string why) {
    refused.answers.push_back(kafka::refused(asked, code));
    refused.answers.back().error_message = std::move(why);
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
  using Answer = typename decltype(Response::responses)::value_type;
  Ruling ruling;
  auto refused = take_refused_changes<Answer>(access, request.resources);
  std::string changes;
  for (const auto& asked : request.resources) {
    changes = add(std::move(changes), is_about_a_topic(asked) ? "settings of topic" : "settings of broker",
                  asked.resource_name);
  }
  if (!request.validate_only) ruling.changes = std::move(changes);
  if (refused.answers.empty()) return ruling;
  ruling.amend = [refused = std::move(refused)](kafka::Response& response) {
    refused.put_into(std::get<Response>(response).responses);
  };
  if (request.resources.empty()) ruling.answer.emplace(Response());
  return ruling;
}

}  // namespace

Ruling rule_on_api(const AccessPtr& access, kafka::DeleteRecordsRequest& request) {
  Ruling ruling;
  auto refused = take_refused(request.topics,
                              [&](const auto& entry) { return access->may(Operation::Delete, topic(entry.name)); });
  for (const auto& entry : request.topics) {
    ruling.changes = add(std::move(ruling.changes), "records of topic", entry.name);
  }
  if (refused.empty()) return ruling;
  ruling.amend = [refused = std::move(refused)](kafka::Response& response) {
    kafka::refuse_each(refused, kTopicRefused, std::get<kafka::DeleteRecordsResponse>(response).topics);
  };
  if (request.topics.empty()) ruling.answer.emplace(kafka::DeleteRecordsResponse());
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::CreatePartitionsRequest& request) {
  Ruling ruling;
  using Answer = kafka::CreatePartitionsResponse::CreatePartitionsTopicResult;
  auto refused = take_refused_changes<Answer>(*access, request.topics);
  std::string changes;
  for (const auto& entry : request.topics) changes = add(std::move(changes), "partitions of topic", entry.name);
  if (!request.validate_only) ruling.changes = std::move(changes);
  if (refused.answers.empty()) return ruling;
  ruling.amend = [refused = std::move(refused)](kafka::Response& response) {
    refused.put_into(std::get<kafka::CreatePartitionsResponse>(response).results);
  };
  if (request.topics.empty()) ruling.answer.emplace(kafka::CreatePartitionsResponse());
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::AlterConfigsRequest& request) {
  return rule_on_settings<kafka::AlterConfigsResponse>(*access, request);
}

Ruling rule_on_api(const AccessPtr& access, kafka::IncrementalAlterConfigsRequest& request) {
  return rule_on_settings<kafka::IncrementalAlterConfigsResponse>(*access, request);
}

}  // namespace myelin::governance
