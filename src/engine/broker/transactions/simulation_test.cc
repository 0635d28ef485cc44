// Thousands of seeded schedules: producers that begin, add, write and end, heirs that take over, disks that refuse,
// crashes and timeouts, in any order; half of them with an epoch for each transaction and ends that arrive once more,
// late. Whatever happened, every record of one transaction shares one fate, what a client
// was told is what happened, and nothing stays open.
#include <random>

#include "engine/broker/transactions/coordinator_fixture.h"

namespace myelin::engine::transactions {
namespace {

using namespace std::chrono_literals;

constexpr int kSchedules = 3'000;
constexpr int kSteps = 100;
constexpr int kPartitions = 3;

enum class Fate : std::uint8_t { Open, Committed, Aborted };

// What a client wrote in one transaction, and what it was told of its end.
struct Told {
  std::vector<std::pair<int, std::size_t>> records;  // partition, index in its log
  std::optional<bool> ended;                         // answered without an error: whether it committed
};

struct Written {
  Producer producer;
  Fate fate = Fate::Open;
};

class TransactionSimulation : public CoordinatorFixture {
 protected:
  // A client between two of its own requests; it forgets its transaction when it is refused.
  struct Client {
    Producer producer;
    std::set<Partition> added;
    std::size_t transaction = 0;  // in told_
    bool is_writing = false;
    std::optional<std::pair<Producer, bool>> last_end;  // as it was asked
    std::size_t ended = 0;                              // in told_
  };

  static Partition partition(int number) { return {TopicName("orders"), number}; }
  int pick(int below) { return std::uniform_int_distribution(0, below - 1)(random_); }

  void write_markers_somehow() {
    while (!endings_.empty()) {
      const auto ending = endings_.front();
      endings_.pop_front();
      const bool refused = pick(5) == 0;
      int left = refused ? pick(kPartitions) : kPartitions;  // a refusing disk may have taken some
      for (const auto& touched : ending.partitions) {
        if (left-- <= 0) break;
        for (auto& record : log_of_[touched.partition]) {
          if (record.fate != Fate::Open || record.producer.id != ending.producer_id) continue;
          record.fate = ending.commits ? Fate::Committed : Fate::Aborted;
        }
      }
      take(coordinator_->on_ended(ending.transactional_id, refused ? fail(Code::Io, "refused") : Result<void>(), {},
                                  now_));
    }
  }

  void begin(Client& client) {
    client = {};
    const auto ticket = send(init_request("t"), 4);
    flush();
    if (!answered(ticket)) return;
    const auto& response = answer<kafka::InitProducerIdResponse>(ticket);
    if (response.error_code == 0) client.producer = {response.producer_id, response.producer_epoch};
  }

  void add_partition(Client& client) {
    if (client.producer.id < 0) return;
    const auto wanted = partition(pick(kPartitions));
    const auto ticket = renews_ ? begin_enter(client.producer, {wanted}) : send(add_request(client.producer, {wanted}));
    if (pick(4) == 0) {
      fail_appends();
    } else {
      flush();
    }
    if (renews_ ? enter_code(ticket) != ErrorCode::None : codes_of(ticket) != std::vector{ErrorCode::None}) return;
    if (!client.is_writing) {
      client.is_writing = true;
      client.transaction = told_.size();
      told_.emplace_back();
    }
    client.added.insert(wanted);
  }

  // The log takes it only while the gate is open, and from who is not fenced there.
  void write(Client& client) {
    if (!client.is_writing) return;
    const auto to = *std::next(client.added.begin(), pick(static_cast<int>(client.added.size())));
    const auto gate = open_.find(client.producer.id);
    if (gate == open_.end() || !gate->second.contains(to) || epochs_[client.producer.id] != client.producer.epoch)
      return;
    auto& log = log_of_[to.partition];
    told_[client.transaction].records.emplace_back(to.partition, log.size());
    log.push_back({client.producer, Fate::Open});
  }

  void finish(Client& client) {
    if (!client.is_writing) return;
    const bool commits = pick(2) == 0;
    client.last_end = {client.producer, commits};
    client.ended = client.transaction;
    client.is_writing = false;
    client.added.clear();
    ask_to_end(client);
  }

  // An end that is asked for once more may find that the next transaction runs: that one is not meant.
  void ask_to_end(Client& client) {
    const auto [producer, commits] = *client.last_end;
    const auto ticket = begin_end(producer, commits, renews_ ? 5 : 3);
    if (pick(6) == 0) {
      fail_appends();
    } else {
      flush();
    }
    write_markers_somehow();
    flush();
    if (!answered(ticket) || end_code(ticket) != ErrorCode::None) return;
    told_[client.ended].ended = commits;
    if (renews_ && !client.is_writing) client.producer = renewed(ticket);
  }

  void crash() {
    crash_and_restart();
    for (auto& client : clients_) client = {};
    if (pick(2) == 0) write_markers_somehow();
  }

  void step() {
    auto& client = clients_[static_cast<std::size_t>(pick(2))];
    if (client.producer.id < 0) return begin(client);
    switch (pick(10)) {
      case 0:
        if (pick(6) == 0) begin(client);
        return;
      case 1:
      case 2:
      case 3:
        return add_partition(client);
      case 4:
      case 5:
      case 6:
        return write(client);
      case 7:
        if (renews_ && client.last_end && pick(3) == 0) return ask_to_end(client);
        return finish(client);
      case 8:
        advance(std::chrono::seconds(pick(40)));
        flush();
        return write_markers_somehow();
      default:
        if (pick(4) == 0) crash();
    }
  }

  // The epochs as the gates say them.
  void note_epochs() {
    for (const auto& [id, partitions] : open_) {
      kafka::DescribeTransactionsRequest request;
      request.transactional_ids = {"t"};
      const auto& state = answer<kafka::DescribeTransactionsResponse>(send(request, 0)).transaction_states.at(0);
      if (state.producer_id == id) epochs_[id] = state.producer_epoch;
    }
  }

  void settle_everything() {
    for (int round = 0; round < 200; ++round) {
      flush();
      write_markers_somehow();
      flush();
      advance(2s);
    }
    advance(120s);
    for (int round = 0; round < 200; ++round) {
      flush();
      write_markers_somehow();
      advance(2s);
    }
  }

  void check(int seed) {
    for (const auto& transaction : told_) {
      std::set<Fate> fates;
      for (const auto& [number, index] : transaction.records) {
        fates.insert(log_of_[number][index].fate);
      }
      ASSERT_FALSE(fates.contains(Fate::Open)) << "a transaction hangs, seed " << seed;
      ASSERT_LE(fates.size(), 1U) << "a transaction is torn, seed " << seed;
      if (!transaction.ended || fates.empty()) continue;
      ASSERT_EQ(*fates.begin(), *transaction.ended ? Fate::Committed : Fate::Aborted) << "seed " << seed;
    }
  }

  std::mt19937 random_;
  bool renews_ = false;
  std::array<Client, 2> clients_;
  std::vector<Told> told_;
  std::map<int, std::vector<Written>> log_of_;
  std::map<std::int64_t, std::int16_t> epochs_;
};

TEST_F(TransactionSimulation, GivesEveryTransactionOneFate) {
  int ended = 0;
  for (int seed = 0; seed < kSchedules && !HasFatalFailure(); ++seed) {
    random_.seed(static_cast<std::uint32_t>(seed));
    renews_ = seed % 2 == 1;
    log_.clear();
    told_.clear();
    log_of_.clear();
    epochs_.clear();
    clients_ = {};
    crash_and_restart();
    for (int count = 0; count < kSteps; ++count) {
      step();
      note_epochs();
    }
    settle_everything();
    check(seed);
    for (const auto& transaction : told_) ended += transaction.ended && !transaction.records.empty() ? 1 : 0;
  }
  EXPECT_GT(ended, kSchedules / 4) << "the schedules hardly end a transaction";
}

}  // namespace
}  // namespace myelin::engine::transactions
