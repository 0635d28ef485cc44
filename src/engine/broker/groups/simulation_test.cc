// Seeded schedules of a group's life: clients that join, sync, beat, commit, leave, vanish and come back; a disk that
// is slow or fails; a broker that dies and replays. After every step the protocol's promises are checked, and at the
// end of each schedule, when the faults stop, everyone alive must find together again.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "engine/broker/groups/coordinator_simulation.h"

namespace myelin::engine::groups {
namespace {

using kafka::ErrorCode;
using std::chrono::milliseconds;

constexpr milliseconds kSession{6'000};
constexpr milliseconds kRebalance{10'000};
constexpr int kPartitions = 3;
const TopicName kTopic("sales");
const TopicId kTopicId{{std::byte{1}}};

struct Client {
  enum class Stage { Outside, Joined, Settled };
  int number = 0;
  int life = 0;  // replies to an earlier life are not read
  bool alive = true;
  std::optional<std::string> instance;
  std::int16_t join_version = 9;
  Stage stage = Stage::Outside;
  std::string member_id;
  std::int32_t generation = -1;
  bool leads = false;
  std::string nonce;                 // marks what this leader assigns
  std::vector<std::string> members;  // as the leader was told
  std::optional<Ticket> waiting;
  MonotonicTime next_heartbeat;
};

// What is known of a request until it is answered.
struct Sent {
  int client = 0;
  int life = 0;
  MonotonicTime answer_by{};
  std::int32_t generation = -1;
  std::int32_t assigned_then = 0;  // highest generation that had assignments when it was sent
  int partition = -1;
  std::int64_t offset = -1;
};

class Simulation : private CoordinatorSimulation {
 public:
  explicit Simulation(std::uint64_t seed) : CoordinatorSimulation(seed) {
    settings_.initial_rebalance_delay = milliseconds(pick(2) == 0 ? 0 : 3'000);
    const int clients = 2 + pick(4);
    for (int number = 0; number < clients; ++number) {
      Client& client = clients_.emplace_back();
      client.number = number;
      client.join_version = static_cast<std::int16_t>(3 + pick(7));
      if (client.join_version >= 5 && pick(3) == 0) client.instance = "instance-" + std::to_string(number);
    }
    begin();
  }

  void run(int steps) {
    for (int step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
      disturb();
      advance(milliseconds(pick(4) == 0 ? pick(3'000) : pick(200)));
      for (Client& client : clients_)
        if (client.alive && pick(3) != 0) act(client);
      check_deadlines();
      check_offsets();
    }
  }

  // Without faults everyone alive must settle in one generation and be able to commit.
  void settle() {
    disk_fails_ = false;
    calm_ = true;
    for (Client& client : clients_) client.alive = true;
    for (int round = 0; round < 400 && !testing::Test::HasFailure(); ++round) {
      advance(milliseconds(500));
      for (Client& client : clients_) act(client);
      check_deadlines();
    }
    std::set<std::int32_t> generations;
    int leaders = 0;
    for (const Client& client : clients_) {
      EXPECT_EQ(client.stage, Client::Stage::Settled) << "client " << client.number << " is still " << client.member_id;
      generations.insert(client.generation);
      if (client.leads) ++leaders;
    }
    EXPECT_EQ(generations.size(), 1U);
    EXPECT_LE(leaders, 1);
  }

 private:
  std::unique_ptr<GroupCoordinator> make_coordinator() override {
    return std::make_unique<GroupCoordinator>(
        settings_, [](const TopicName&) { return TopicPartitions{kTopicId, kPartitions}; },
        [] { return std::make_shared<const broker::TopicIndex>(); },
        [this] {
          Uuid id;
          store_big_endian(id.bytes.data(), ++last_id_);
          return id;
        });
  }

  void begin() {
    start();
    for (int partition = 0; partition < kPartitions; ++partition) {
      const std::int64_t replayed = fetch(partition);
      const auto [seen, first] = seen_.try_emplace(partition, replayed);
      EXPECT_GE(replayed, seen->second) << "a committed offset went back";
      seen->second = replayed;
    }
  }

  void disturb() {
    const int dice = pick(100);
    Client& client = clients_[static_cast<std::size_t>(pick(static_cast<int>(clients_.size())))];
    if (dice < 4) {
      crash_broker();
    } else if (dice < 10) {
      reborn(client);
    } else if (dice < 13) {
      client.alive = false;  // hangs: keeps its identity and may wake up much later
    } else if (dice < 20) {
      client.alive = true;
    } else if (dice < 23) {
      client.waiting.reset();  // the connection broke, the answer is lost
    } else if (dice < 26) {
      disk_fails_ = !disk_fails_ && pick(3) == 0;
    }
  }

  void reborn(Client& client) {
    ++client.life;
    client.alive = true;
    client.stage = Client::Stage::Outside;
    client.member_id.clear();
    client.generation = -1;
    client.leads = false;
    client.waiting.reset();
  }

  void crash_broker() {
    lose_what_is_under_way();
    sent_.clear();
    // Generations that were never assigned left no trace; their numbers may be used once more.
    leaders_.erase(leaders_.upper_bound(highest_assigned_), leaders_.end());
    for (Client& client : clients_) client.waiting.reset();
    begin();
  }

  void send(Client& client, kafka::Request request, std::int16_t version, milliseconds answer_within, Sent sent = {}) {
    Call call;
    Attribution caller;
    caller.client_id = "c" + std::to_string(client.number);
    call.attribution = std::make_shared<const Attribution>(std::move(caller));
    call.version = version;
    const Ticket ticket = ++last_ticket_;
    sent.client = client.number;
    sent.life = client.life;
    sent.answer_by = now_.monotonic + answer_within;
    sent.assigned_then = highest_assigned_;
    sent_.emplace(ticket, sent);
    client.waiting = ticket;
    take(coordinator_->handle(ticket, call, request, now_));
  }

  void act(Client& client) {
    if (client.waiting) return;
    switch (client.stage) {
      case Client::Stage::Outside:
        return join(client);
      case Client::Stage::Joined:
        return sync(client);
      case Client::Stage::Settled:
        break;
    }
    const int dice = calm_ ? 19 : pick(20);
    if (dice == 0) return leave(client);
    if (dice == 1 && client.leads) return join(client);
    if (dice < 8) return commit(client);
    if (now_.monotonic >= client.next_heartbeat) heartbeat(client);
  }

  void join(Client& client) {
    kafka::JoinGroupRequest request;
    request.group_id = "g";
    request.member_id = client.member_id;
    request.group_instance_id = client.instance;
    request.session_timeout_ms = static_cast<std::int32_t>(kSession.count());
    request.rebalance_timeout_ms = static_cast<std::int32_t>(kRebalance.count());
    request.protocol_type = "consumer";
    request.protocols.emplace_back().name = "range";
    send(client, std::move(request), client.join_version, kRebalance + kDiskDelayMax);
  }

  void sync(Client& client) {
    kafka::SyncGroupRequest request;
    request.group_id = "g";
    request.member_id = client.member_id;
    request.group_instance_id = client.instance;
    request.generation_id = client.generation;
    if (client.leads) {
      for (const std::string& member : client.members) {
        auto& given = request.assignments.emplace_back();
        given.member_id = member;
        given.assignment = SharedBytes::copy_of(as_bytes(client.nonce + " for " + member));
      }
    }
    send(client, std::move(request), 5, kRebalance + kDiskDelayMax, {.generation = client.generation});
  }

  void heartbeat(Client& client) {
    client.next_heartbeat = now_.monotonic + kSession / 3;
    kafka::HeartbeatRequest request;
    request.group_id = "g";
    request.member_id = client.member_id;
    request.group_instance_id = client.instance;
    request.generation_id = client.generation;
    send(client, std::move(request), 4, milliseconds(0), {.generation = client.generation});
  }

  void commit(Client& client) {
    const int partition = pick(kPartitions);
    kafka::OffsetCommitRequest request;
    request.group_id = "g";
    request.member_id = client.member_id;
    request.group_instance_id = client.instance;
    request.generation_id_or_member_epoch = client.generation;
    auto& topic = request.topics.emplace_back();
    topic.name = kTopic.text();
    auto& of_partition = topic.partitions.emplace_back();
    of_partition.partition_index = partition;
    of_partition.committed_offset = ++last_offset_;
    send(client, std::move(request), 8, kDiskDelayMax,
         {.generation = client.generation, .partition = partition, .offset = last_offset_});
  }

  void leave(Client& client) {
    kafka::LeaveGroupRequest request;
    request.group_id = "g";
    auto& leaving = request.members.emplace_back();
    leaving.member_id = client.member_id;
    leaving.group_instance_id = client.instance;
    send(client, std::move(request), 5, milliseconds(0));
  }

  std::int64_t fetch(int partition) {
    kafka::OffsetFetchRequest request;
    request.group_id = "g";
    auto& topic = request.topics.emplace().emplace_back();
    topic.name = kTopic.text();
    topic.partition_indexes = {partition};
    Call call;
    call.version = 7;
    Effects effects = coordinator_->handle(++last_ticket_, call, request, now_);
    return std::get<kafka::OffsetFetchResponse>(effects.replies.at(0).response)
        .topics.at(0)
        .partitions.at(0)
        .committed_offset;
  }

  void on_reply(Effects::Reply reply) override {
    const auto found = sent_.extract(reply.ticket);
    ASSERT_FALSE(found.empty()) << "a request was answered twice, or never asked";
    const Sent& sent = found.mapped();
    check_promises(sent, reply);
    Client& client = clients_[static_cast<std::size_t>(sent.client)];
    if (client.waiting != reply.ticket) return;  // nobody reads it any more
    client.waiting.reset();
    read(client, reply.response);
  }

  void check_promises(const Sent& sent, const Effects::Reply& reply) {
    EXPECT_LE(now_.monotonic, sent.answer_by) << "answered too late";
    if (const auto* joined = std::get_if<kafka::JoinGroupResponse>(&reply.response)) {
      if (joined->error_code != 0) return;
      EXPECT_GT(joined->generation_id, 0);
      if (joined->members.empty() || joined->skip_assignment) return;
      EXPECT_EQ(joined->leader, joined->member_id);
      const auto [leader, first] = leaders_.try_emplace(joined->generation_id, joined->member_id);
      EXPECT_EQ(leader->second, joined->member_id) << "two leaders in generation " << joined->generation_id;
    } else if (const auto* synced = std::get_if<kafka::SyncGroupResponse>(&reply.response)) {
      if (synced->error_code == 0) check_assignment(sent.generation, std::string(as_text(synced->assignment.view())));
    } else if (const auto* beat = std::get_if<kafka::HeartbeatResponse>(&reply.response)) {
      if (beat->error_code == 0) EXPECT_GE(sent.generation, sent.assigned_then) << "a heartbeat of a dead generation";
    } else if (const auto* committed = std::get_if<kafka::OffsetCommitResponse>(&reply.response)) {
      if (committed->topics.at(0).partitions.at(0).error_code != 0) return;
      EXPECT_GE(sent.generation, sent.assigned_then) << "a commit of a dead generation";
      ASSERT_EQ(reply.committed.size(), 1U);
      EXPECT_EQ(reply.committed[0].committed, sent.offset);
      EXPECT_EQ(reply.committed[0].previous, seen_[sent.partition]);
      seen_[sent.partition] = sent.offset;
    }
  }

  void check_assignment(std::int32_t generation, const std::string& assignment) {
    EXPECT_GE(generation, highest_assigned_) << "two generations live";
    highest_assigned_ = std::max(highest_assigned_, generation);
    const std::string nonce = assignment.substr(0, assignment.find(" for "));
    const auto [given, first] = nonces_.try_emplace(generation, nonce);
    EXPECT_EQ(given->second, nonce) << "two assignments in generation " << generation;
    EXPECT_TRUE(nonce.starts_with("generation " + std::to_string(generation) + " ")) << assignment;
  }

  void check_deadlines() const {
    for (const auto& [ticket, sent] : sent_)
      ASSERT_LE(now_.monotonic, sent.answer_by) << "client " << sent.client << " waits too long";
  }

  void check_offsets() {
    for (int partition = 0; partition < kPartitions; ++partition) ASSERT_EQ(fetch(partition), seen_[partition]);
  }

  void read(Client& client, const kafka::Response& response) {
    if (const auto* joined = std::get_if<kafka::JoinGroupResponse>(&response)) return read_join(client, *joined);
    if (const auto* synced = std::get_if<kafka::SyncGroupResponse>(&response)) {
      if (synced->error_code != 0) return start_over(client, ErrorCode{synced->error_code});
      client.stage = Client::Stage::Settled;
      client.next_heartbeat = now_.monotonic + kSession / 3;
    } else if (const auto* beat = std::get_if<kafka::HeartbeatResponse>(&response)) {
      if (beat->error_code != 0) start_over(client, ErrorCode{beat->error_code});
    } else if (const auto* committed = std::get_if<kafka::OffsetCommitResponse>(&response)) {
      const ErrorCode error{committed->topics.at(0).partitions.at(0).error_code};
      if (error != ErrorCode::None && error != ErrorCode::CoordinatorNotAvailable) start_over(client, error);
    } else if (std::holds_alternative<kafka::LeaveGroupResponse>(response)) {
      reborn(client);
    }
  }

  void read_join(Client& client, const kafka::JoinGroupResponse& joined) {
    const ErrorCode error{joined.error_code};
    if (error == ErrorCode::MemberIdRequired) {
      client.member_id = joined.member_id;
      return;
    }
    if (error != ErrorCode::None) return start_over(client, error);
    client.member_id = joined.member_id;
    client.generation = joined.generation_id;
    client.leads = joined.leader == joined.member_id;
    client.stage = Client::Stage::Joined;
    client.members.clear();
    for (const auto& member : joined.members) client.members.push_back(member.member_id);
    client.nonce = "generation " + std::to_string(joined.generation_id) + " nonce " + std::to_string(++last_nonce_);
    if (joined.skip_assignment) client.members.clear();
  }

  void start_over(Client& client, ErrorCode error) {
    client.stage = Client::Stage::Outside;
    client.leads = false;
    if (error == ErrorCode::UnknownMemberId || error == ErrorCode::FencedInstanceId) client.member_id.clear();
  }

  std::vector<Client> clients_;
  std::map<Ticket, Sent> sent_;
  std::uint64_t last_id_ = 0;
  int last_nonce_ = 0;
  std::int64_t last_offset_ = 0;

  std::map<std::int32_t, std::string> leaders_;  // by generation
  std::map<std::int32_t, std::string> nonces_;
  std::int32_t highest_assigned_ = 0;
  std::map<int, std::int64_t> seen_;  // committed offset by partition
};

TEST(GroupSimulation, KeepsItsPromisesUnderThousandsOfSchedules) {
  for (std::uint64_t seed = 0; seed < 3'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Simulation simulation(seed);
    simulation.run(120);
    simulation.settle();
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

}  // namespace
}  // namespace myelin::engine::groups
