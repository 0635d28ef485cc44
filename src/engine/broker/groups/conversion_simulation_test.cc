// Seeded schedules of a group whose members change their protocol one by one, both ways, as a fleet that is rolled
// does: classic members that give everything up when they join again, or only what they lose; members of the newer
// protocol; answers that get lost, clients that hang, a disk that is slow or fails, a broker that dies. After every
// step no partition is used twice, and whenever the faults stop everything is shared out, whatever the members speak.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/broker/groups/coordinator_simulation.h"
#include "engine/broker/groups/embedded_protocol.h"
#include "kafka/writer.h"

namespace myelin::engine::groups {
namespace {

using kafka::ErrorCode;
using std::chrono::milliseconds;

constexpr milliseconds kSession{10'000};
constexpr milliseconds kRebalance{8'000};
constexpr std::int32_t kPartitions = 6;
const TopicName kTopic("sales");
const TopicId kTopicId{{std::byte{1}}};

using Partitions = std::set<std::int32_t>;

struct Client {
  enum class Speaks { Eager, Cooperative, Newer };
  enum class Stage { Outside, Joined, Settled };  // of a classic one
  int number = 0;
  int life = 0;
  Speaks speaks = Speaks::Eager;
  bool alive = true;
  std::optional<std::string> instance;
  std::string id;
  Stage stage = Stage::Outside;
  std::int32_t epoch = 0;                 // or generation
  std::map<std::string, Partitions> led;  // what its members said they hold
  Partitions told;
  Partitions used;
  bool tells_all = true;  // the next call is a full one
  std::optional<Ticket> waiting;

  [[nodiscard]] bool is_newer() const { return speaks == Speaks::Newer; }
};

SharedBytes subscription(const Partitions& owned) {
  kafka::Writer writer;
  writer.int16(1);
  writer.array(1, false);
  writer.string(kTopic.text(), false);
  writer.nullable_bytes(std::nullopt, false);
  writer.array(1, false);
  writer.string(kTopic.text(), false);
  writer.array(owned.size(), false);
  for (const std::int32_t partition : owned) writer.int32(partition);
  return SharedBytes::copy_of(writer.finish_flat());
}

Partitions of_topic(const std::optional<NamedPartitions>& named) {
  const auto found = named ? named->find(kTopic.text()) : NamedPartitions::const_iterator();
  return named && found != named->end() ? found->second : Partitions();
}

Partitions common(const Partitions& left, const Partitions& right) {
  Partitions both;
  std::ranges::set_intersection(left, right, std::inserter(both, both.end()));
  return both;
}

class Simulation : private CoordinatorSimulation {
 public:
  explicit Simulation(std::uint64_t seed) : CoordinatorSimulation(seed) {
    settings_.initial_rebalance_delay = milliseconds(0);
    settings_.consumer_session_timeout = kSession;
    const int clients = 2 + pick(3);
    for (int number = 0; number < clients; ++number) {
      Client& client = clients_.emplace_back();
      client.number = number;
      if (pick(3) == 0) client.instance = "instance-" + std::to_string(number);
      begin_anew(client, any_protocol());
    }
    start();
  }

  void run(int steps) {
    for (int step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
      disturb();
      advance(milliseconds(pick(4) == 0 ? pick(3'000) : pick(300)));
      for (Client& client : clients_)
        if (client.alive && pick(3) != 0) act(client);
      check();
    }
  }

  // Without faults: first as they are, then all of the newer protocol, then all classic, one after the other.
  void roll() {
    disk_fails_ = false;
    calm_ = true;
    for (Client& client : clients_)
      if (!client.alive) begin_anew(client, any_protocol());
    settle("as they are");
    for (const auto speaks : {Client::Speaks::Newer, Client::Speaks::Cooperative, Client::Speaks::Newer}) {
      for (Client& client : clients_) {
        begin_anew(client, speaks);
        for (int round = pick(4); round > 0; --round) turn();
      }
      settle(speaks == Client::Speaks::Newer ? "all newer" : "all classic");
      EXPECT_EQ(is_of_the_newer_protocol(), speaks == Client::Speaks::Newer);
    }
  }

 private:
  std::unique_ptr<GroupCoordinator> make_coordinator() override {
    return std::make_unique<GroupCoordinator>(
        settings_, [](const TopicName&) { return TopicPartitions{kTopicId, kPartitions}; },
        [] {
          auto index = std::make_shared<broker::TopicIndex>();
          index->by_name[kTopic] = {kTopicId, kPartitions};
          index->names[kTopicId] = kTopic;
          return index;
        },
        [this] {
          Uuid id;
          store_big_endian(id.bytes.data(), ++last_id_);
          return id;
        });
  }

  Client::Speaks any_protocol() { return static_cast<Client::Speaks>(pick(3)); }

  void turn() {
    advance(milliseconds(1'500));
    for (Client& client : clients_) act(client);
    check();
  }

  void settle(const std::string& when) {
    for (int round = 0; round < 40 && !testing::Test::HasFailure(); ++round) turn();
    Partitions held;
    for (const Client& client : clients_) {
      EXPECT_TRUE(client.is_newer() || client.stage == Client::Stage::Settled) << when << ": " << client.id;
      held.insert(client.used.begin(), client.used.end());
    }
    EXPECT_EQ(held.size(), static_cast<std::size_t>(kPartitions)) << when;
  }

  void disturb() {
    switch (pick(40)) {
      case 0:
        return crash_broker();
      case 1:
        disk_fails_ = !disk_fails_;
        return;
      default:
        break;
    }
    Client& client = clients_[static_cast<std::size_t>(pick(static_cast<int>(clients_.size())))];
    const int fate = pick(30);
    if (fate == 0) client.alive = false;
    if (fate == 1) begin_anew(client, any_protocol());
    if (fate == 2 && client.waiting) {  // the answer gets lost
      client.waiting.reset();
      client.tells_all = true;
      if (client.stage == Client::Stage::Joined) client.stage = Client::Stage::Outside;
    }
  }

  // The process ended, with its connection, and another one was started.
  void begin_anew(Client& client, Client::Speaks speaks) {
    ++client.life;
    client.alive = true;
    client.speaks = speaks;
    client.id =
        speaks == Client::Speaks::Newer ? "n" + std::to_string(client.number) + "-" + std::to_string(client.life) : "";
    lose_everything(client);
  }
  static void lose_everything(Client& client) {
    client.stage = Client::Stage::Outside;
    client.epoch = 0;
    client.told.clear();
    client.used.clear();
    client.tells_all = true;
    client.waiting.reset();
  }

  void crash_broker() {
    lose_what_is_under_way();
    senders_.clear();
    for (Client& client : clients_) {
      if (!client.waiting) continue;
      client.tells_all = true;
      if (client.stage == Client::Stage::Joined) client.stage = Client::Stage::Outside;
      client.waiting.reset();
    }
    start();
  }

  void send(Client& client, const kafka::Request& request, std::int16_t version) {
    Call about;
    Attribution caller;
    caller.client_id = "c";
    about.attribution = std::make_shared<const Attribution>(std::move(caller));
    about.version = version;
    const Ticket ticket = ++last_ticket_;
    senders_[ticket] = {client.number, client.life};
    client.waiting = ticket;
    take(coordinator_->handle(ticket, about, request, now_));
  }

  void act(Client& client) {
    if (client.waiting) return;
    const bool leaves = !calm_ && pick(40) == 0;
    if (client.is_newer()) return call(client, leaves && client.epoch > 0 ? -1 : client.epoch);
    if (leaves && client.stage == Client::Stage::Settled) return leave(client);
    if (client.stage == Client::Stage::Outside) return join(client);
    if (client.stage == Client::Stage::Joined) return sync(client);
    heartbeat(client);
  }

  void call(Client& client, std::int32_t epoch) {
    // First it gives up, then it takes.
    const bool only_takes = std::ranges::includes(client.told, client.used);
    if (calm_ || pick(3) != 0) client.used = only_takes ? client.told : common(client.used, client.told);
    kafka::ConsumerGroupHeartbeatRequest request;
    request.group_id = "g";
    request.member_id = client.id;
    request.member_epoch = epoch;
    request.instance_id = client.instance;
    if (epoch < 0) lose_everything(client);
    if (epoch >= 0) {
      auto& owned = request.topic_partitions.emplace();
      if (!client.used.empty()) {
        auto& entry = owned.emplace_back();
        entry.topic_id = kTopicId;
        entry.partitions.assign(client.used.begin(), client.used.end());
      }
    }
    if (epoch >= 0 && client.tells_all) {
      request.rebalance_timeout_ms = static_cast<std::int32_t>(kRebalance.count());
      request.subscribed_topic_names = {kTopic.text()};
      request.subscribed_topic_regex = "";
    }
    client.tells_all = epoch < 0;
    send(client, request, 1);
  }

  void join(Client& client) {
    if (client.speaks == Client::Speaks::Eager) client.used.clear();
    kafka::JoinGroupRequest request;
    request.group_id = "g";
    request.member_id = client.id;
    request.group_instance_id = client.instance;
    request.session_timeout_ms = static_cast<std::int32_t>(kSession.count());
    request.rebalance_timeout_ms = static_cast<std::int32_t>(kRebalance.count());
    request.protocol_type = "consumer";
    auto& protocol = request.protocols.emplace_back();
    protocol.name = "range";
    protocol.metadata = subscription(client.used);
    send(client, request, 9);
  }

  // A leader gives nobody what another one says it holds.
  static std::map<std::string, Partitions> shared_out(const Client& leader) {
    std::map<std::string, Partitions> given;
    if (leader.led.empty()) return given;
    auto member = leader.led.begin();
    for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
      if (member == leader.led.end()) member = leader.led.begin();
      const bool is_held = std::ranges::any_of(leader.led, [&](const auto& other) {
        return other.first != member->first && other.second.contains(partition);
      });
      if (!is_held) given[member->first].insert(partition);
      ++member;
    }
    return given;
  }

  void sync(Client& client) {
    kafka::SyncGroupRequest request;
    request.group_id = "g";
    request.member_id = client.id;
    request.group_instance_id = client.instance;
    request.generation_id = client.epoch;
    for (const auto& [member, partitions] : shared_out(client)) {
      auto& given = request.assignments.emplace_back();
      given.member_id = member;
      given.assignment = write_assignment(1, {{kTopic.text(), partitions}});
    }
    send(client, request, 5);
  }

  void heartbeat(Client& client) {
    kafka::HeartbeatRequest request;
    request.group_id = "g";
    request.member_id = client.id;
    request.group_instance_id = client.instance;
    request.generation_id = client.epoch;
    send(client, request, 4);
  }

  void leave(Client& client) {
    kafka::LeaveGroupRequest request;
    request.group_id = "g";
    auto& leaving = request.members.emplace_back();
    leaving.member_id = client.id;
    leaving.group_instance_id = client.instance;
    lose_everything(client);
    send(client, request, 5);
  }

  void on_reply(Effects::Reply reply) override {
    const auto sender = senders_.extract(reply.ticket);
    ASSERT_FALSE(sender.empty()) << "answered twice, or never asked";
    Client& client = clients_[static_cast<std::size_t>(sender.mapped().first)];
    if (client.life != sender.mapped().second || client.waiting != reply.ticket || !client.alive) return;
    client.waiting.reset();
    if (const auto* beat = std::get_if<kafka::ConsumerGroupHeartbeatResponse>(&reply.response)) {
      read_call(client, *beat);
    } else if (const auto* joined = std::get_if<kafka::JoinGroupResponse>(&reply.response)) {
      read_join(client, *joined);
    } else if (const auto* synced = std::get_if<kafka::SyncGroupResponse>(&reply.response)) {
      read_sync(client, *synced);
    } else if (const auto* beaten = std::get_if<kafka::HeartbeatResponse>(&reply.response)) {
      if (beaten->error_code != 0) join_again(client, ErrorCode{beaten->error_code});
    } else {
      client.id.clear();  // it left
    }
  }

  void read_call(Client& client, const kafka::ConsumerGroupHeartbeatResponse& beat) {
    const ErrorCode error{beat.error_code};
    if (error == ErrorCode::CoordinatorNotAvailable) {
      client.tells_all = true;
      return;
    }
    if (error == ErrorCode::FencedInstanceId) return begin_anew(client, client.speaks);
    if (error != ErrorCode::None) {
      EXPECT_TRUE(error == ErrorCode::FencedMemberEpoch || error == ErrorCode::UnknownMemberId ||
                  error == ErrorCode::UnreleasedInstanceId || error == ErrorCode::GroupIdNotFound)
          << beat.error_code << " " << beat.error_message.value_or("");
      return lose_everything(client);
    }
    if (beat.member_epoch < 0) return begin_anew(client, client.speaks);
    EXPECT_GE(beat.member_epoch, client.epoch) << client.id;
    client.epoch = beat.member_epoch;
    if (!beat.assignment) return;
    client.told.clear();
    for (const auto& topic : beat.assignment->topic_partitions)
      client.told.insert(topic.partitions.begin(), topic.partitions.end());
  }

  void read_join(Client& client, const kafka::JoinGroupResponse& joined) {
    const ErrorCode error{joined.error_code};
    if (error == ErrorCode::MemberIdRequired) {
      client.id = joined.member_id;
      return;
    }
    if (error != ErrorCode::None) return join_again(client, error);
    client.id = joined.member_id;
    client.epoch = joined.generation_id;
    client.stage = Client::Stage::Joined;
    client.led.clear();
    if (joined.leader != client.id || joined.skip_assignment) return;
    for (const auto& member : joined.members) {
      const auto said = read_subscription(member.metadata.view());
      client.led[member.member_id] = of_topic(said ? std::optional(said->owned) : std::nullopt);
    }
  }

  static void read_sync(Client& client, const kafka::SyncGroupResponse& synced) {
    if (synced.error_code != 0) return join_again(client, ErrorCode{synced.error_code});
    const Partitions before = std::exchange(client.used, of_topic(read_assignment(synced.assignment.view())));
    const bool gave_up = !std::ranges::includes(client.used, before);
    // Who gave something up says so, that it can be given to another one.
    client.stage = gave_up ? Client::Stage::Outside : Client::Stage::Settled;
  }

  static void join_again(Client& client, ErrorCode error) {
    client.stage = Client::Stage::Outside;
    const bool was_removed = error == ErrorCode::UnknownMemberId || error == ErrorCode::FencedInstanceId;
    if (was_removed) client.id.clear();
    if (was_removed || error == ErrorCode::IllegalGeneration) client.used.clear();  // lost
  }

  bool is_of_the_newer_protocol() { return newer_group().error_code == 0; }
  kafka::ConsumerGroupDescribeResponse::DescribedGroup newer_group() {
    kafka::ConsumerGroupDescribeRequest request;
    request.group_ids = {"g"};
    return ask<kafka::ConsumerGroupDescribeResponse>(request, 1).groups.at(0);
  }
  template <typename Response>
  Response ask(const kafka::Request& request, std::int16_t version) {
    Call about;
    about.version = version;
    Effects effects = coordinator_->handle(++last_ticket_, about, request, now_);
    return std::get<Response>(effects.replies.at(0).response);
  }

  std::set<std::string> members() {
    std::set<std::string> ids;
    const auto newer = newer_group();
    for (const auto& member : newer.members) ids.insert(member.member_id);
    if (newer.error_code == 0) return ids;
    kafka::DescribeGroupsRequest request;
    request.groups = {"g"};
    const auto classic = ask<kafka::DescribeGroupsResponse>(request, 5).groups.at(0);
    for (const auto& member : classic.members) ids.insert(member.member_id);
    return ids;
  }

  // Who was removed because it was silent for too long does not know yet.
  void check() {
    const auto counted = members();
    std::map<std::int32_t, std::string> users;
    for (const Client& client : clients_) {
      if (!client.alive || !counted.contains(client.id)) continue;
      for (const std::int32_t partition : client.used) {
        const auto [user, first] = users.try_emplace(partition, client.id);
        ASSERT_TRUE(first) << "partition " << partition << " is used by " << user->second << " and " << client.id;
      }
    }
  }

  std::vector<Client> clients_;
  std::map<Ticket, std::pair<int, int>> senders_;  // number and life
  std::uint64_t last_id_ = 0;
};

TEST(ConversionSimulation, KeepsItsPromisesUnderAThousandSchedules) {
  for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Simulation simulation(seed);
    simulation.run(100);
    simulation.roll();
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

}  // namespace
}  // namespace myelin::engine::groups
