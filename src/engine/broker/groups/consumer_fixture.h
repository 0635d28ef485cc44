#pragma once
// For tests: members of the newer protocol before the coordinator of CoordinatorFixture.
#include "engine/broker/groups/coordinator_fixture.h"

namespace myelin::engine::groups {

class ConsumerFixture : public CoordinatorFixture {
 protected:
  using Beat = kafka::ConsumerGroupHeartbeatResponse;
  using Partitions = std::set<std::int32_t>;

  struct Calling {
    std::string group = "g";
    std::int32_t epoch = 0;
    std::optional<std::string> instance{};
    std::optional<std::vector<std::string>> topics{};
    std::optional<std::string> pattern{};
    std::optional<std::string> assignor{};
    std::optional<Assignment> owned{};
    std::int32_t rebalance_ms = -1;
    std::int16_t version = 1;
    std::function<bool(const std::string&)> may_know{};
  };

  Ticket call(const std::string& member_id, const Calling& calling) {
    kafka::ConsumerGroupHeartbeatRequest request;
    request.group_id = calling.group;
    request.member_id = member_id;
    request.member_epoch = calling.epoch;
    request.instance_id = calling.instance;
    request.rebalance_timeout_ms = calling.rebalance_ms;
    request.subscribed_topic_names = calling.topics;
    request.subscribed_topic_regex = calling.pattern;
    request.server_assignor = calling.assignor;
    if (calling.owned) {
      auto& owned = request.topic_partitions.emplace();
      for (const auto& [topic, partitions] : *calling.owned) {
        auto& entry = owned.emplace_back();
        entry.topic_id = topic;
        entry.partitions.assign(partitions.begin(), partitions.end());
      }
    }
    return send(std::move(request), calling.version, "app", calling.may_know);
  }

  // With which a member joins or begins anew.
  static Calling joining(std::vector<std::string> topics = {"sales"}) {
    Calling calling;
    calling.topics = std::move(topics);
    calling.owned.emplace();
    calling.rebalance_ms = 30'000;
    return calling;
  }
  static Calling beating(std::int32_t epoch, std::optional<Assignment> owned = std::nullopt) {
    Calling calling;
    calling.epoch = epoch;
    calling.owned = std::move(owned);
    return calling;
  }

  // The answer, when all is durable.
  Beat told(Ticket ticket) {
    flush();
    return answer<Beat>(ticket);
  }
  Beat join_as(const std::string& member_id, std::vector<std::string> topics = {"sales"}) {
    return told(call(member_id, joining(std::move(topics))));
  }
  Beat beat(const std::string& member_id, std::int32_t epoch, std::optional<Assignment> owned = std::nullopt) {
    return told(call(member_id, beating(epoch, std::move(owned))));
  }
  ErrorCode refused(Ticket ticket) { return ErrorCode{told(ticket).error_code}; }

  static Assignment given(const Beat& response) {
    Assignment assignment;
    if (!response.assignment) return assignment;
    for (const auto& topic : response.assignment->topic_partitions)
      assignment[topic.topic_id].insert(topic.partitions.begin(), topic.partitions.end());
    return assignment;
  }

  kafka::ConsumerGroupDescribeResponse::DescribedGroup described(const std::string& group = "g") {
    kafka::ConsumerGroupDescribeRequest request;
    request.group_ids = {group};
    return answer<kafka::ConsumerGroupDescribeResponse>(send(std::move(request), 1)).groups.at(0);
  }

  void add_topic(const std::string& name, TopicPartitions topic) {
    topics_[TopicName(name)] = topic;
    topics_changed_ = true;
  }

  const TopicId kSales{{std::byte{1}}};
  const TopicId kStock{{std::byte{2}}};
};

}  // namespace myelin::engine::groups
