#pragma once
// For tests: a coordinator with a clock that stands still, a log that becomes durable when told to, and its clients'
// mail.
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/broker/groups/coordinator.h"

namespace myelin::engine::groups {

using kafka::ErrorCode;

inline SharedBytes opaque(std::string_view text) { return SharedBytes::copy_of(as_bytes(text)); }

class CoordinatorFixture : public testing::Test {
 protected:
  CoordinatorFixture() { start(); }

  void start() {
    std::uint64_t* last = &last_id_;
    const auto* topics = &topics_;
    coordinator_ = std::make_unique<GroupCoordinator>(
        settings_,
        [topics](const TopicName& name) -> std::optional<TopicPartitions> {
          const auto found = topics->find(name);
          return found == topics->end() ? std::nullopt : std::optional(found->second);
        },
        [this] { return index_of_topics(); },
        [last] {
          Uuid id;
          store_big_endian(id.bytes.data(), ++*last);
          return id;
        });
    for (const auto& logged : log_) {
      if (logged.marker) {
        coordinator_->replay_end(*logged.transaction_of, *logged.marker);
        continue;
      }
      const auto& value = logged.value;
      const auto read = coordinator_->replay(logged.key, value ? std::optional<ByteSpan>(*value) : std::nullopt,
                                             logged.transaction_of);
      ASSERT_TRUE(read) << read.error().message;
    }
    take(coordinator_->finish_replay(now_));
  }

  std::shared_ptr<const broker::TopicIndex> index_of_topics() {
    if (index_ && !topics_changed_) return index_;
    topics_changed_ = false;
    auto index = std::make_shared<broker::TopicIndex>();
    index->by_name.insert(topics_.begin(), topics_.end());
    for (const auto& [name, topic] : topics_) index->names[topic.id] = name;
    index_ = index;
    return index_;
  }

  // Ends the process: what was durable stays, what was not is lost, who waits is never answered.
  void crash_and_restart() {
    under_way_.clear();
    replies_.clear();
    start();
  }
  void restart_with(Settings settings) {
    settings_ = settings;
    crash_and_restart();
  }

  Ticket send(kafka::Request request, std::int16_t version, std::string client_id = "app",
              std::function<bool(const std::string&)> may_know = {}) {
    Call call;
    Attribution caller;
    caller.client_id = std::move(client_id);
    call.attribution = std::make_shared<const Attribution>(std::move(caller));
    call.version = version;
    call.advertised_host = "myelin.example";
    call.advertised_port = 9092;
    call.client_host = "/127.0.0.1";
    call.may_know = std::move(may_know);
    const Ticket ticket = ++last_ticket_;
    take(coordinator_->handle(ticket, call, request, now_));
    return ticket;
  }

  // Of a principal that began to read where it says.
  Ticket send_of(const Committer& committer, kafka::Request request, std::int16_t version) {
    Call call;
    Attribution caller;
    caller.principal = committer.principal;
    call.attribution = std::make_shared<const Attribution>(std::move(caller));
    call.version = version;
    call.began_reading = [committer](const TopicName&, std::int32_t) { return committer.began_reading; };
    const Ticket ticket = ++last_ticket_;
    take(coordinator_->handle(ticket, call, request, now_));
    return ticket;
  }

  void take(Effects effects) {
    for (auto& reply : effects.replies) {
      ASSERT_FALSE(replies_.contains(reply.ticket)) << "answered twice";
      replies_.emplace(reply.ticket, std::move(reply));
    }
    for (auto& append : effects.appends) under_way_.push_back(std::move(append));
  }

  // All appends under way become durable.
  void flush() {
    while (!under_way_.empty()) {
      Effects::Append append = std::move(under_way_.front());
      under_way_.pop_front();
      const auto producer = append.producer ? std::optional(append.producer->id) : std::nullopt;
      for (auto& record : append.records) {
        log_.push_back({std::move(record.key), std::move(record.value), producer, std::nullopt});
      }
      take(coordinator_->on_appended(append.id, {}, now_));
    }
  }
  void fail_appends() {
    while (!under_way_.empty()) {
      const AppendId id = under_way_.front().id;
      under_way_.pop_front();
      take(coordinator_->on_appended(id, fail(Code::Io, "the disk is gone"), now_));
    }
  }

  void advance(std::chrono::milliseconds by) {
    const MonotonicTime until = now_.monotonic + by;
    const WallTime wall_until = now_.wall + by;
    while (coordinator_->next_deadline() <= until) {
      const auto step = std::max(coordinator_->next_deadline() - now_.monotonic, std::chrono::nanoseconds(0));
      now_.monotonic += step;
      now_.wall += std::chrono::ceil<std::chrono::milliseconds>(step);
      take(coordinator_->on_time(now_));
    }
    now_ = {until, wall_until};
  }

  bool answered(Ticket ticket) const { return replies_.contains(ticket); }
  template <typename Response>
  const Response& answer(Ticket ticket) const {
    return std::get<Response>(replies_.at(ticket).response);
  }
  const std::vector<CommitFact>& facts(Ticket ticket) const { return replies_.at(ticket).committed; }

  struct Joining {
    std::string group = "g";
    std::string member_id{};
    std::optional<std::string> instance_id{};
    std::vector<std::pair<std::string, std::string>> protocols{{"range", "topics"}};
    std::int32_t session_ms = 10'000;
    std::int32_t rebalance_ms = 60'000;
    std::int16_t version = 9;
    std::string protocol_type = "consumer";
  };
  Ticket join(const Joining& joining) {
    kafka::JoinGroupRequest request;
    request.group_id = joining.group;
    request.member_id = joining.member_id;
    request.group_instance_id = joining.instance_id;
    request.session_timeout_ms = joining.session_ms;
    request.rebalance_timeout_ms = joining.rebalance_ms;
    request.protocol_type = joining.protocol_type;
    for (const auto& [name, metadata] : joining.protocols) {
      auto& protocol = request.protocols.emplace_back();
      protocol.name = name;
      protocol.metadata = opaque(metadata);
    }
    return send(std::move(request), joining.version);
  }
  // Both rounds of a dynamic member's first join; the ticket of the second.
  Ticket join_dynamic(Joining joining, std::string* member_id) {
    const Ticket first = join(joining);
    joining.member_id = *member_id = answer<kafka::JoinGroupResponse>(first).member_id;
    return join(joining);
  }

  Ticket sync(const std::string& member_id, std::int32_t generation,
              const std::vector<std::pair<std::string, std::string>>& assignments = {},
              std::optional<std::string> instance_id = std::nullopt, const std::string& group = "g") {
    kafka::SyncGroupRequest request;
    request.group_id = group;
    request.member_id = member_id;
    request.group_instance_id = std::move(instance_id);
    request.generation_id = generation;
    for (const auto& [member, assignment] : assignments) {
      auto& given = request.assignments.emplace_back();
      given.member_id = member;
      given.assignment = opaque(assignment);
    }
    return send(std::move(request), 5);
  }
  Ticket heartbeat(const std::string& member_id, std::int32_t generation,
                   std::optional<std::string> instance_id = std::nullopt) {
    kafka::HeartbeatRequest request;
    request.group_id = "g";
    request.member_id = member_id;
    request.generation_id = generation;
    request.group_instance_id = std::move(instance_id);
    return send(std::move(request), 4);
  }
  Ticket leave(const std::vector<std::pair<std::string, std::optional<std::string>>>& members) {
    kafka::LeaveGroupRequest request;
    request.group_id = "g";
    for (const auto& [id, instance] : members) {
      auto& leaving = request.members.emplace_back();
      leaving.member_id = id;
      leaving.group_instance_id = instance;
    }
    return send(std::move(request), 5);
  }

  struct Committing {
    std::string group = "g";
    std::string member_id{};
    std::int32_t generation = -1;
    std::optional<std::string> instance_id{};
    std::string topic = "sales";
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    std::int32_t leader_epoch = -1;
    std::optional<std::string> metadata = "";
    std::int64_t retention_ms = -1;
    std::int64_t timestamp = -1;
    std::int16_t version = 8;
  };
  Ticket commit(const Committing& committing) {
    kafka::OffsetCommitRequest request;
    request.group_id = committing.group;
    request.member_id = committing.member_id;
    request.generation_id_or_member_epoch = committing.generation;
    request.group_instance_id = committing.instance_id;
    request.retention_time_ms = committing.retention_ms;
    auto& topic = request.topics.emplace_back();
    topic.name = committing.topic;
    auto& partition = topic.partitions.emplace_back();
    partition.partition_index = committing.partition;
    partition.committed_offset = committing.offset;
    partition.committed_leader_epoch = committing.leader_epoch;
    partition.committed_metadata = committing.metadata;
    partition.commit_timestamp = committing.timestamp;
    return send(std::move(request), committing.version);
  }
  ErrorCode commit_outcome(Ticket ticket) const {
    return ErrorCode{answer<kafka::OffsetCommitResponse>(ticket).topics.at(0).partitions.at(0).error_code};
  }
  // -1 when the group has no offset for the partition.
  std::int64_t fetched(const std::string& topic = "sales", std::int32_t partition = 0, const std::string& group = "g") {
    kafka::OffsetFetchRequest request;
    auto& wanted = request.groups.emplace_back();
    wanted.group_id = group;
    auto& of_topic = wanted.topics.emplace().emplace_back();
    of_topic.name = topic;
    of_topic.partition_indexes = {partition};
    const Ticket ticket = send(std::move(request), 8);
    return answer<kafka::OffsetFetchResponse>(ticket).groups.at(0).topics.at(0).partitions.at(0).committed_offset;
  }

  // Inside the transaction of a producer, without being a member.
  Ticket commit_in_transaction(std::int64_t producer_id, std::int64_t offset, const std::string& group = "g",
                               std::int32_t partition = 0, const Committer& by = {PrincipalName("app"), {}}) {
    kafka::TxnOffsetCommitRequest request;
    request.transactional_id = "t";
    request.group_id = group;
    request.producer_id = producer_id;
    request.producer_epoch = 0;
    auto& topic = request.topics.emplace_back();
    topic.name = "sales";
    auto& asked = topic.partitions.emplace_back();
    asked.partition_index = partition;
    asked.committed_offset = offset;
    asked.committed_metadata = "";
    return send_of(by, std::move(request), 3);
  }
  Ticket end_transaction(std::int64_t producer_id, bool commits) {
    log_.push_back({{}, std::nullopt, producer_id, commits});
    const Ticket ticket = ++last_ticket_;
    take(coordinator_->end_transaction(ticket, producer_id, commits, now_));
    return ticket;
  }

  std::string state_of(const std::string& group = "g") {
    kafka::DescribeGroupsRequest request;
    request.groups = {group};
    const Ticket ticket = send(std::move(request), 5);
    return answer<kafka::DescribeGroupsResponse>(ticket).groups.at(0).group_state;
  }

  // A stable group of one dynamic member in generation 1; returns its id.
  std::string stable_alone() {
    std::string id;
    const Ticket joined = join_dynamic({}, &id);
    const auto generation = answer<kafka::JoinGroupResponse>(joined).generation_id;
    sync(id, generation, {{id, "all"}});
    flush();
    return id;
  }

  template <typename Response>
  ErrorCode error_of(Ticket ticket) const {
    return ErrorCode{answer<Response>(ticket).error_code};
  }

  static Settings without_delay() {
    Settings settings;
    settings.initial_rebalance_delay = std::chrono::milliseconds(0);
    return settings;
  }

  Settings settings_ = without_delay();
  std::map<TopicName, TopicPartitions> topics_{{TopicName("sales"), {Uuid{{std::byte{1}}}, 4}},
                                               {TopicName("stock"), {Uuid{{std::byte{2}}}, 2}}};
  bool topics_changed_ = false;  // to be set after every change of topics_
  std::shared_ptr<const broker::TopicIndex> index_;
  Now now_{MonotonicTime(std::chrono::seconds(1)), from_unix_milliseconds(1'750'000'000'000)};
  std::unique_ptr<GroupCoordinator> coordinator_;
  std::map<Ticket, Effects::Reply> replies_;
  std::deque<Effects::Append> under_way_;
  struct Logged {
    ByteBuffer key;
    std::optional<ByteBuffer> value;
    std::optional<std::int64_t> transaction_of;
    std::optional<bool> marker;  // instead of a record: whether it commits
  };
  std::vector<Logged> log_;
  std::uint64_t last_id_ = 0;
  Ticket last_ticket_ = 0;
};

}  // namespace myelin::engine::groups
