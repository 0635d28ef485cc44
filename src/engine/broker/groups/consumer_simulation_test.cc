// Seeded schedules of a group of the newer protocol: members that join, call, give up late, lose answers, change what
// they subscribe to, leave, vanish and come back; topics that come, grow and go; a disk that is slow or fails; a broker
// that dies and replays. After every step no partition is used twice and no epoch falls back; what is on the disk is
// what is in memory; and when the faults stop, everything is shared out among those alive.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "engine/broker/groups/coordinator_simulation.h"
#include "kafka/writer.h"

namespace myelin::engine::groups {
namespace {

using kafka::ErrorCode;
using std::chrono::milliseconds;
using Beat = kafka::ConsumerGroupHeartbeatResponse;

constexpr milliseconds kSession{10'000};
constexpr milliseconds kRebalance{8'000};

struct Client {
  int number = 0;
  int life = 0;
  bool alive = true;
  std::optional<std::string> instance;
  std::string id;
  std::int32_t epoch = 0;  // 0: outside
  Assignment told;
  Assignment used;
  bool follows_pattern = false;
  std::set<std::string> topics;
  bool tells_all = true;  // the next call is a full one
  std::optional<Ticket> waiting;
};

class Simulation : private CoordinatorSimulation {
 public:
  explicit Simulation(std::uint64_t seed) : CoordinatorSimulation(seed) {
    settings_.consumer_session_timeout = kSession;
    for (const auto* name : {"sales", "stock"}) make_topic(name);
    const int clients = 2 + pick(4);
    for (int number = 0; number < clients; ++number) {
      Client& client = clients_.emplace_back();
      client.number = number;
      if (pick(3) == 0) client.instance = "instance-" + std::to_string(number);
      reborn(client);
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

  // Without faults everyone alive holds its share within a few rounds.
  void settle() {
    disk_fails_ = false;
    calm_ = true;
    for (Client& client : clients_)
      if (!std::exchange(client.alive, true)) reborn(client);
    for (int round = 0; round < 60 && !testing::Test::HasFailure(); ++round) {
      advance(milliseconds(1'500));
      for (Client& client : clients_) act(client);
      check();
    }
    advance(kDiskDelayMax);
    EXPECT_EQ(described().group_state, "Stable");
    std::map<TopicId, std::set<std::int32_t>> held;
    std::set<std::string> wanted;
    for (const Client& client : clients_) {
      EXPECT_EQ(client.used, client.told);
      for (const auto& [topic, partitions] : client.used) held[topic].insert(partitions.begin(), partitions.end());
      for (const auto& [name, topic] : topics_)
        if (subscribes(client, name.text())) wanted.insert(name.text());
    }
    for (const std::string& name : wanted) {
      const auto& topic = topics_.at(TopicName(name));
      EXPECT_EQ(held[topic.id].size(), static_cast<std::size_t>(topic.partitions)) << name;
    }
  }

 private:
  static bool subscribes(const Client& client, const std::string& topic) {
    return client.topics.contains(topic) || (client.follows_pattern && topic.starts_with("s"));
  }

  std::unique_ptr<GroupCoordinator> make_coordinator() override {
    return std::make_unique<GroupCoordinator>(
        settings_,
        [this](const TopicName& name) {
          const auto found = topics_.find(name);
          return found == topics_.end() ? std::nullopt : std::optional(found->second);
        },
        [this] { return index_; }, Uuid::random);
  }

  void make_topic(const std::string& name) {
    Uuid id;
    store_big_endian(id.bytes.data(), ++last_topic_);
    topics_[TopicName(name)] = {id, 1 + pick(4)};
    list_topics();
  }
  void list_topics() {
    auto index = std::make_shared<broker::TopicIndex>();
    index->by_name = topics_;
    for (const auto& [name, topic] : topics_) index->names[topic.id] = name;
    index_ = std::move(index);
  }

  void disturb() {
    switch (pick(40)) {
      case 0:
        return crash_broker();
      case 1:
        disk_fails_ = !disk_fails_;
        return;
      case 2:
        return make_topic(pick(2) == 0 ? "shop" : "orders");
      case 3:
        if (const auto found = topics_.find(TopicName("shop")); found != topics_.end()) {
          topics_.erase(found);
          list_topics();
          take(coordinator_->on_topic_deleted(TopicName("shop")));
        }
        return;
      case 4:
        topics_.at(TopicName("sales")).partitions += 1;
        return list_topics();
      default:
        break;
    }
    Client& client = clients_[static_cast<std::size_t>(pick(static_cast<int>(clients_.size())))];
    const int fate = pick(30);
    if (fate == 0) client.alive = false;
    if (fate == 1 && !client.alive) {
      client.alive = true;
      reborn(client);
    }
    if (fate == 2 && client.waiting) {  // the answer gets lost
      client.waiting.reset();
      client.tells_all = true;
    }
    if (fate == 3) {
      client.follows_pattern = !client.follows_pattern;
      client.tells_all = true;
    }
  }

  void reborn(Client& client) {
    ++client.life;
    client.id = "c" + std::to_string(client.number) + "-" + std::to_string(client.life);
    client.topics = {pick(2) == 0 ? "sales" : "stock", pick(3) == 0 ? "orders" : "sales"};
    forget(client);
  }
  static void forget(Client& client) {
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
      if (client.waiting) client.tells_all = true;
      client.waiting.reset();
    }
    start();
  }
  void act(Client& client) {
    if (client.waiting) return;
    if (client.used != client.told && (calm_ || pick(3) != 0)) {
      // First it gives up, then it takes.
      client.used = is_subset(client.used, client.told) ? client.told : common(client.used, client.told);
    }
    const int dice = calm_ ? 9 : pick(40);
    if (dice == 0 && client.epoch > 0) return call(client, -1);
    if (dice == 1 && client.epoch > 0 && client.instance) return call(client, kAwayEpoch);
    call(client, client.epoch);
  }
  static Assignment common(const Assignment& left, const Assignment& right) {
    Assignment both;
    for (const auto& [topic, partitions] : left)
      for (const std::int32_t partition : partitions)
        if (is_subset({{topic, {partition}}}, right)) both[topic].insert(partition);
    return both;
  }

  void call(Client& client, std::int32_t epoch) {
    kafka::ConsumerGroupHeartbeatRequest request;
    request.group_id = "g";
    request.member_id = client.id;
    request.member_epoch = epoch;
    request.instance_id = client.instance;
    if (epoch >= 0) {
      auto& owned = request.topic_partitions.emplace();
      for (const auto& [topic, partitions] : client.used) {
        auto& entry = owned.emplace_back();
        entry.topic_id = topic;
        entry.partitions.assign(partitions.begin(), partitions.end());
      }
    }
    if (epoch >= 0 && client.tells_all) {
      request.rebalance_timeout_ms = static_cast<std::int32_t>(kRebalance.count());
      request.subscribed_topic_names.emplace(client.topics.begin(), client.topics.end());
      request.subscribed_topic_regex = client.follows_pattern ? "s.*" : "";
    }
    Call about;
    Attribution caller;
    caller.client_id = "c";
    about.attribution = std::make_shared<const Attribution>(std::move(caller));
    about.version = 1;
    const Ticket ticket = ++last_ticket_;
    senders_[ticket] = {client.number, client.life};
    client.waiting = ticket;
    client.tells_all = false;
    if (epoch < 0) forget_what_it_uses(client);
    take(coordinator_->handle(ticket, about, request, now_));
  }
  static void forget_what_it_uses(Client& client) {
    client.used.clear();
    client.told.clear();
  }

  void on_reply(Effects::Reply reply) override {
    const auto sender = senders_.extract(reply.ticket);
    ASSERT_FALSE(sender.empty()) << "answered twice, or never asked";
    Client& client = clients_[static_cast<std::size_t>(sender.mapped().first)];
    if (client.life != sender.mapped().second || client.waiting != reply.ticket || !client.alive) return;
    client.waiting.reset();
    read(client, std::get<Beat>(reply.response));
  }

  void read(Client& client, const Beat& beat) {
    const ErrorCode error{beat.error_code};
    if (error == ErrorCode::CoordinatorNotAvailable) {
      client.tells_all = true;
      return;
    }
    if (error == ErrorCode::UnreleasedInstanceId) return forget(client);
    if (error == ErrorCode::FencedInstanceId) return reborn(client);
    if (error != ErrorCode::None) {
      EXPECT_TRUE(error == ErrorCode::FencedMemberEpoch || error == ErrorCode::UnknownMemberId ||
                  error == ErrorCode::GroupIdNotFound)
          << beat.error_code;
      return forget(client);
    }
    if (beat.member_epoch < 0) return reborn(client);
    EXPECT_GE(beat.member_epoch, client.epoch) << client.id;
    client.epoch = beat.member_epoch;
    highest_told_ = std::max(highest_told_, beat.member_epoch);
    if (!beat.assignment) return;
    client.told.clear();
    for (const auto& topic : beat.assignment->topic_partitions)
      client.told[topic.topic_id].insert(topic.partitions.begin(), topic.partitions.end());
  }

  kafka::ConsumerGroupDescribeResponse::DescribedGroup described() { return described(*coordinator_); }
  kafka::ConsumerGroupDescribeResponse::DescribedGroup described(GroupCoordinator& coordinator) {
    kafka::ConsumerGroupDescribeRequest request;
    request.group_ids = {"g"};
    Call about;
    about.version = 1;
    Effects effects = coordinator.handle(++last_ticket_, about, request, now_);
    return std::get<kafka::ConsumerGroupDescribeResponse>(effects.replies.at(0).response).groups.at(0);
  }

  void check() {
    const auto group = described();
    if (group.error_code != 0) return;
    ASSERT_GE(group.group_epoch, highest_told_) << "an epoch that was told is forgotten";
    std::map<std::pair<TopicId, std::int32_t>, std::string> users;
    for (const auto& member : group.members) {
      const auto client = std::ranges::find(clients_, member.member_id, &Client::id);
      if (client == clients_.end() || !client->alive) continue;
      for (const auto& [topic, partitions] : client->used) {
        for (const std::int32_t partition : partitions) {
          const auto [user, first] = users.try_emplace({topic, partition}, client->id);
          ASSERT_TRUE(first) << "partition " << partition << " is used by " << user->second << " and " << client->id;
        }
      }
    }
    if (disk_is_idle() && !disk_fails_) check_replay(group);
  }

  // Once nothing failed since the last change, the log says what memory says.
  void check_replay(const kafka::ConsumerGroupDescribeResponse::DescribedGroup& group) {
    if (pick(8) != 0) return;
    auto again = replayed();
    Effects effects = again->finish_replay(now_);
    if (text(described(*again)) != text(group))
      ++differing_replays_;
    else
      differing_replays_ = 0;
    // A change that the disk refused is written with the next one.
    ASSERT_LT(differing_replays_, calm_ ? 3 : 40) << text(group) << "\n" << text(described(*again));
  }
  static std::string text(const kafka::ConsumerGroupDescribeResponse::DescribedGroup& group) {
    kafka::ConsumerGroupDescribeResponse response;
    response.groups.push_back(group);
    kafka::Writer writer;
    response.encode(writer, 1);
    return std::string(as_text(ByteSpan(writer.finish_flat())));
  }

  std::map<TopicName, TopicPartitions> topics_;
  std::shared_ptr<const broker::TopicIndex> index_;
  std::uint64_t last_topic_ = 0;
  std::vector<Client> clients_;
  std::map<Ticket, std::pair<int, int>> senders_;  // number and life
  std::int32_t highest_told_ = 0;
  int differing_replays_ = 0;
};

TEST(ConsumerGroupSimulation, KeepsItsPromisesUnderThousandsOfSchedules) {
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Simulation simulation(seed);
    simulation.run(100);
    simulation.settle();
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

}  // namespace
}  // namespace myelin::engine::groups
