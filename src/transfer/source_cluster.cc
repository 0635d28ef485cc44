#include "transfer/source_cluster.h"

#include <algorithm>
#include <set>

#include "kafka/error_code.h"

namespace myelin::transfer {
namespace {

constexpr std::int8_t kTopicResource = 2;
constexpr std::int8_t kTopicConfig = 1;
constexpr std::int8_t kDefaultConfig = 5;
constexpr std::int64_t kEarliest = -2;
constexpr std::int64_t kLatest = -1;
constexpr std::int32_t kFetchBytes = 32 << 20;
constexpr std::int32_t kPartitionBytes = 4 << 20;
constexpr std::int32_t kFetchWaitMs = 500;

std::unexpected<Error> refused(std::string_view what, std::int16_t code) {
  return fail(Code::Unavailable, "{}: Kafka answered error {}; see its log, and whether the principal may read it",
              what, code);
}

}  // namespace

Result<SourceCluster> SourceCluster::open(SourceOptions options) {
  SourceCluster cluster(std::move(options));
  cluster.brokers_[kAnyBroker] = cluster.options_.server;
  const auto known = cluster.metadata();
  if (!known) return std::unexpected(known.error());
  cluster.id_ = known->cluster_id.value_or("");
  for (const auto& broker : known->brokers) {
    cluster.brokers_[broker.node_id] = {broker.host, static_cast<std::uint16_t>(broker.port)};
  }
  return cluster;
}

Result<kafka::MetadataResponse> SourceCluster::metadata() {
  kafka::MetadataRequest request;
  request.topics.reset();
  request.allow_auto_topic_creation = false;
  return ask<kafka::MetadataResponse>(kAnyBroker, request, 12);
}

Result<SourceConnection*> SourceCluster::connection(std::int32_t broker) {
  auto& slot = connections_[broker];
  if (slot) return slot.get();
  const auto address = brokers_.find(broker);
  if (address == brokers_.end()) {
    return fail(Code::Unavailable, "broker {} leads partitions and is not there; start it, or elect other leaders",
                broker);
  }
  auto opened = SourceConnection::open(options_, address->second);
  if (!opened) return pass(opened);
  slot = std::make_unique<SourceConnection>(*std::move(opened));
  return slot.get();
}

Result<std::vector<SourceTopic>> SourceCluster::topics() {
  auto known = metadata();
  if (!known) return pass(known);
  std::vector<SourceTopic> topics;
  for (auto& one : known->topics) {
    const auto name = one.name.value_or("");
    if (one.is_internal) continue;
    if (one.error_code != 0) return refused("topic " + name, one.error_code);
    SourceTopic topic{name, one.topic_id, {}, {}, std::vector<SourcePartition>(one.partitions.size())};
    for (const auto& partition : one.partitions) {
      const auto index = static_cast<std::size_t>(partition.partition_index);
      if (index >= topic.partitions.size())
        return fail(Code::Corrupt, "topic {}: partition {} of {}", name, index, topic.partitions.size());
      topic.partitions[index].leader = partition.leader_id;
    }
    topics.push_back(std::move(topic));
  }
  std::ranges::sort(topics, {}, &SourceTopic::name);
  if (auto described = describe(topics); !described) return pass(described);
  if (auto found = find_ends(topics); !found) return pass(found);
  return topics;
}

Result<void> SourceCluster::describe(std::vector<SourceTopic>& topics) {
  kafka::DescribeConfigsRequest request;
  for (const auto& topic : topics) {
    auto& resource = request.resources.emplace_back();
    resource.resource_type = kTopicResource;
    resource.resource_name = topic.name;
    resource.configuration_keys.reset();
  }
  if (topics.empty()) return {};
  auto answer = ask<kafka::DescribeConfigsResponse>(kAnyBroker, request, 4);
  if (!answer) return pass(answer);
  for (const auto& result : answer->results) {
    if (result.error_code != 0) return refused("settings of topic " + result.resource_name, result.error_code);
    const auto topic = std::ranges::find(topics, result.resource_name, &SourceTopic::name);
    if (topic == topics.end()) continue;
    for (const auto& config : result.configs) {
      if (config.config_source == kDefaultConfig || !config.value) continue;
      auto& configs = config.config_source == kTopicConfig ? topic->configs : topic->broker_configs;
      configs.emplace(config.name, *config.value);
    }
  }
  return {};
}

Result<void> SourceCluster::find_ends(std::vector<SourceTopic>& topics) {
  std::set<std::int32_t> leaders;
  for (const auto& topic : topics) {
    for (std::size_t number = 0; number < topic.partitions.size(); ++number) {
      if (topic.partitions[number].leader < 0) {
        return fail(Code::Unavailable, "{}-{} has no leader: nothing can be read from it until it has one", topic.name,
                    number);
      }
      leaders.insert(topic.partitions[number].leader);
    }
  }
  for (const auto leader : leaders) {
    for (const auto time : {kEarliest, kLatest}) {
      kafka::ListOffsetsRequest request;
      request.replica_id = -1;
      for (const auto& topic : topics) {
        auto& asked = request.topics.emplace_back();
        asked.name = topic.name;
        for (std::size_t number = 0; number < topic.partitions.size(); ++number) {
          if (topic.partitions[number].leader != leader) continue;
          auto& partition = asked.partitions.emplace_back();
          partition.partition_index = static_cast<std::int32_t>(number);
          partition.timestamp = time;
        }
        if (asked.partitions.empty()) request.topics.pop_back();
      }
      const auto answer = ask<kafka::ListOffsetsResponse>(leader, request, 7);
      if (!answer) return std::unexpected(answer.error());
      for (const auto& listed : answer->topics) {
        const auto topic = std::ranges::find(topics, listed.name, &SourceTopic::name);
        for (const auto& partition : listed.partitions) {
          if (partition.error_code != 0)
            return refused(fmt::format("offsets of {}-{}", listed.name, partition.partition_index),
                           partition.error_code);
          const auto number = static_cast<std::size_t>(partition.partition_index);
          if (topic == topics.end() || number >= topic->partitions.size()) continue;
          (time == kEarliest ? topic->partitions[number].start : topic->partitions[number].end) = partition.offset;
        }
      }
    }
  }
  return {};
}

Result<std::vector<SourceCluster::Fetched>> SourceCluster::fetch(std::int32_t broker,
                                                                 const std::vector<FetchFrom>& from) {
  kafka::FetchRequest request;
  request.replica_id = -1;
  request.max_wait_ms = kFetchWaitMs;
  request.min_bytes = 1;
  request.max_bytes = kFetchBytes;
  request.session_epoch = -1;
  for (const auto& one : from) {
    if (request.topics.empty() || request.topics.back().topic != one.topic->name) {
      request.topics.emplace_back().topic = one.topic->name;
    }
    auto& partition = request.topics.back().partitions.emplace_back();
    partition.partition = one.partition;
    partition.fetch_offset = one.offset;
    partition.partition_max_bytes = kPartitionBytes;
  }
  auto answer = ask<kafka::FetchResponse>(broker, request, 12);
  if (!answer) return pass(answer);
  if (answer->error_code != 0) return refused("fetch", answer->error_code);
  std::vector<Fetched> fetched;
  for (auto& topic : answer->responses) {
    for (auto& partition : topic.partitions) {
      if (partition.error_code != 0) {
        return refused(fmt::format("fetch of {}-{}", topic.topic, partition.partition_index), partition.error_code);
      }
      auto* bytes = partition.records ? std::get_if<SharedBytes>(&*partition.records) : nullptr;
      fetched.push_back({topic.topic, partition.partition_index, partition.high_watermark,
                         bytes == nullptr ? SharedBytes() : std::move(*bytes)});
    }
  }
  return fetched;
}

Result<std::vector<SourceCommit>> SourceCluster::commits() {
  std::set<std::string> groups;
  for (const auto& [id, address] : brokers_) {
    if (id == kAnyBroker) continue;
    auto listed = ask<kafka::ListGroupsResponse>(id, kafka::ListGroupsRequest{}, 4);
    if (!listed) return pass(listed);
    if (listed->error_code != 0) return refused("groups", listed->error_code);
    for (auto& group : listed->groups) groups.insert(std::move(group.group_id));
  }
  std::vector<SourceCommit> commits;
  for (const auto& group : groups) {
    if (auto taken = commits_of(group, commits); !taken) return pass(taken);
  }
  return commits;
}

Result<void> SourceCluster::commits_of(const std::string& group, std::vector<SourceCommit>& into) {
  kafka::FindCoordinatorRequest find;
  find.key = group;
  const auto coordinator = ask<kafka::FindCoordinatorResponse>(kAnyBroker, find, 2);
  if (!coordinator) return std::unexpected(coordinator.error());
  if (coordinator->error_code != 0) return refused("coordinator of group " + group, coordinator->error_code);
  kafka::OffsetFetchRequest request;
  request.group_id = group;
  request.topics.reset();
  request.require_stable = true;
  auto answer = ask<kafka::OffsetFetchResponse>(coordinator->node_id, request, 7);
  if (!answer) return pass(answer);
  if (answer->error_code != 0) return refused("offsets of group " + group, answer->error_code);
  for (auto& topic : answer->topics) {
    for (auto& partition : topic.partitions) {
      if (partition.error_code != 0)
        return refused(fmt::format("offset of group {} at {}-{}", group, topic.name, partition.partition_index),
                       partition.error_code);
      if (partition.committed_offset < 0) continue;
      into.push_back({group, topic.name, partition.partition_index, partition.committed_offset,
                      partition.committed_leader_epoch, std::move(partition.metadata).value_or("")});
    }
  }
  return {};
}

}  // namespace myelin::transfer
