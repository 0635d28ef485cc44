// Questions that need the engine: topics and consumer groups as they are now.
#include <algorithm>
#include <map>
#include <set>

#include "governance/ask_engine.h"
#include "governance/questions.h"
#include "kafka/error_code.h"
#include "kafka/messages.h"
#include "model/ownership.h"

namespace myelin::governance {
namespace {

using kafka::ErrorCode;

bool is_internal(std::string_view topic) { return topic.starts_with("__"); }

Result<std::map<std::string, std::string>> durability_levels(engine::Engine& engine,
                                                             const std::vector<std::string>& topics) {
  kafka::DescribeConfigsRequest request;
  for (const auto& topic : topics) {
    auto& resource = request.resources.emplace_back();
    resource.resource_type = 2;
    resource.resource_name = topic;
    resource.configuration_keys.emplace().push_back("myelin.durability");
  }
  auto configs = ask<kafka::DescribeConfigsResponse>(engine, 1, std::move(request));
  if (!configs) return pass(configs);
  std::map<std::string, std::string> levels;
  for (const auto& result : configs->results) {
    if (result.error_code == kafka::code_of(ErrorCode::UnknownTopicOrPartition)) continue;  // deleted meanwhile
    if (result.error_code != 0) return failed_to_tell("the settings of topics", result.error_code);
    for (const auto& config : result.configs) {
      if (config.name == "myelin.durability") levels[result.resource_name] = config.value.value_or("");
    }
  }
  return levels;
}

struct Traffic {
  std::int64_t written_records = 0, written_bytes = 0, read_bytes = 0;
  std::set<PrincipalName> writers, readers;
  std::optional<WallTime> last_written, last_read;
};

std::map<TopicName, Traffic> traffic_by_topic(const std::vector<usage::FlowRow>& totals) {
  std::map<TopicName, Traffic> traffic;
  for (const auto& row : totals) {
    auto& one = traffic[row.key.topic];
    if (row.key.direction == usage::Direction::Write) {
      one.written_records += row.amount.offsets;
      one.written_bytes += row.amount.bytes;
      one.writers.insert(row.key.principal);
      one.last_written = std::max(one.last_written.value_or(row.last_seen), row.last_seen);
    } else {
      one.read_bytes += row.amount.bytes;
      one.readers.insert(row.key.principal);
      one.last_read = std::max(one.last_read.value_or(row.last_seen), row.last_seen);
    }
  }
  return traffic;
}

void fill_declared(TopicAnswer& answer, const model::Model& model) {
  if (const auto owner = model::topic_owner(model, answer.name)) {
    answer.squad = owner->squad;
    answer.domain = owner->domain;
    answer.owned_through = std::string(model::name_of(owner->through));
  }
  const auto found = model.topics.find(answer.name);
  if (found == model.topics.end()) return;
  answer.declared = true;
  answer.product = found->second.product.value_or(ProductName());
}

void fill_traffic(TopicAnswer& answer, const Traffic& traffic) {
  answer.written_records = traffic.written_records;
  answer.written_bytes = traffic.written_bytes;
  answer.read_bytes = traffic.read_bytes;
  answer.writers = static_cast<std::int64_t>(traffic.writers.size());
  answer.readers = static_cast<std::int64_t>(traffic.readers.size());
  answer.last_written = traffic.last_written;
  answer.last_read = traffic.last_read;
}

using Ends = std::map<std::pair<std::string, std::int32_t>, std::int64_t>;

// High watermarks of every partition the groups committed for; a partition that is gone has none.
Result<Ends> end_offsets(engine::Engine& engine, const std::vector<GroupAnswer>& groups) {
  std::map<std::string, std::set<std::int32_t>> wanted;
  for (const auto& group : groups) {
    for (const auto& partition : group.partitions) wanted[partition.topic.text()].insert(partition.partition);
  }
  kafka::ListOffsetsRequest request;
  request.replica_id = -1;
  for (const auto& [topic, partitions] : wanted) {
    auto& entry = request.topics.emplace_back();
    entry.name = topic;
    for (const auto partition : partitions) {
      auto& one = entry.partitions.emplace_back();
      one.partition_index = partition;
      one.timestamp = -1;
    }
  }
  auto answer = ask<kafka::ListOffsetsResponse>(engine, 5, std::move(request));
  if (!answer) return pass(answer);
  Ends ends;
  for (const auto& topic : answer->topics) {
    for (const auto& partition : topic.partitions) {
      if (partition.error_code == kafka::code_of(ErrorCode::UnknownTopicOrPartition)) continue;
      if (partition.error_code != 0) return failed_to_tell("the ends of partitions", partition.error_code);
      ends[{topic.name, partition.partition_index}] = partition.offset;
    }
  }
  return ends;
}

Result<void> fill_commits(engine::Engine& engine, GroupAnswer& group) {
  kafka::OffsetFetchRequest request;
  request.group_id = group.name.text();
  request.topics.reset();
  auto answer = ask<kafka::OffsetFetchResponse>(engine, 5, std::move(request));
  if (!answer) return pass(answer);
  if (answer->error_code != 0) return failed_to_tell("the commits of groups", answer->error_code);
  for (const auto& topic : answer->topics) {
    for (const auto& partition : topic.partitions) {
      if (partition.error_code != 0) return failed_to_tell("the commits of groups", partition.error_code);
      if (partition.committed_offset < 0) continue;
      group.partitions.push_back({TopicName(topic.name), partition.partition_index, partition.committed_offset, -1});
    }
  }
  std::ranges::sort(group.partitions, [](const auto& left, const auto& right) {
    return std::tie(left.topic, left.partition) < std::tie(right.topic, right.partition);
  });
  return {};
}

void fill_lag(GroupAnswer& group, const Ends& ends) {
  for (auto& partition : group.partitions) {
    const auto end = ends.find({partition.topic.text(), partition.partition});
    if (end == ends.end()) continue;
    partition.end = end->second;
    group.lag += std::max<std::int64_t>(0, partition.end - partition.committed);
  }
}

}  // namespace

Result<std::vector<TopicAnswer>> Questions::topics(const PrincipalName& asker) const {
  const auto snapshot = policy_.current();
  const auto subject = snapshot->subject(asker);
  const bool all = subject.platform || snapshot->settings().dev_mode;
  const auto now = clock_.moment();
  const auto seen = [&](const std::string& name) {
    return !is_internal(name) && (all || snapshot->sees_topic(subject, name, now));
  };

  kafka::MetadataRequest request;
  request.topics.reset();
  auto metadata = ask<kafka::MetadataResponse>(engine_, 12, std::move(request));
  if (!metadata) return pass(metadata);
  std::map<TopicName, TopicAnswer> answers;
  std::vector<std::string> existing;
  for (const auto& topic : metadata->topics) {
    if (!topic.name || !seen(*topic.name)) continue;
    auto& answer = answers[TopicName(*topic.name)];
    answer.id = topic.topic_id;
    answer.exists = true;
    answer.partitions = static_cast<std::int32_t>(topic.partitions.size());
    existing.push_back(*topic.name);
  }
  for (const auto& [name, topic] : snapshot->model().topics) {
    if (seen(name.text())) answers.try_emplace(name);
  }
  const auto levels = durability_levels(engine_, existing);
  if (!levels) return std::unexpected<Error>(levels.error());
  const auto traffic = traffic_by_topic(measurement_.flow_totals());
  std::vector<TopicAnswer> listed;
  for (auto& [name, answer] : answers) {
    answer.name = name;
    fill_declared(answer, snapshot->model());
    if (const auto found = traffic.find(name); found != traffic.end()) fill_traffic(answer, found->second);
    if (const auto level = levels->find(name.text()); level != levels->end()) answer.durability = level->second;
    listed.push_back(std::move(answer));
  }
  return listed;
}

Result<std::vector<GroupAnswer>> Questions::groups(const PrincipalName& asker) const {
  const auto snapshot = policy_.current();
  const auto subject = snapshot->subject(asker);
  const bool all = subject.platform || snapshot->settings().dev_mode;
  const auto now = clock_.moment();
  auto listed = ask<kafka::ListGroupsResponse>(engine_, 4, kafka::ListGroupsRequest());
  if (!listed) return pass(listed);
  if (listed->error_code != 0) return failed_to_tell("the groups", listed->error_code);
  std::vector<GroupAnswer> answers;
  kafka::DescribeGroupsRequest describe;
  for (const auto& group : listed->groups) {
    const auto decision =
        snapshot->decide(subject, policy::Operation::Describe, {policy::ResourceKind::Group, group.group_id}, now);
    if (!all && !decision.allowed) continue;
    auto& answer = answers.emplace_back();
    answer.name = GroupName(group.group_id);
    answer.state = group.group_state;
    if (const auto* owner = model::prefix_owner(snapshot->model(), group.group_id)) {
      answer.squad = owner->squad;
      answer.declared = true;
    }
    describe.groups.push_back(group.group_id);
    auto filled = fill_commits(engine_, answer);
    if (!filled) return pass(filled);
  }
  std::ranges::sort(answers, {}, &GroupAnswer::name);
  auto described = ask<kafka::DescribeGroupsResponse>(engine_, 4, std::move(describe));
  if (!described) return pass(described);
  for (const auto& group : described->groups) {
    if (group.error_code != 0) return failed_to_tell("the members of groups", group.error_code);
  }
  const auto ends = end_offsets(engine_, answers);
  if (!ends) return std::unexpected<Error>(ends.error());
  const auto commits = measurement_.edges().commits;
  for (auto& answer : answers) {
    for (const auto& group : described->groups) {
      if (group.group_id != answer.name.text()) continue;
      answer.state = group.group_state;
      answer.members = static_cast<std::int64_t>(group.members.size());
    }
    for (const auto& commit : commits) {
      if (commit.group != answer.name) continue;
      if (std::ranges::find(answer.principals, commit.principal) == answer.principals.end()) {
        answer.principals.push_back(commit.principal);
      }
      answer.last_seen = std::max(answer.last_seen.value_or(commit.last_seen), commit.last_seen);
    }
    fill_lag(answer, *ends);
  }
  return answers;
}

}  // namespace myelin::governance
