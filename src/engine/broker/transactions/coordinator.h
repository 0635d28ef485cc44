#pragma once
// The coordinator of transactions: which producer stands behind a transactional id, what its transaction touches, how
// it ends. Sans-IO, like the coordinator of groups. Follows Apache Kafka's (KIP-98, 360, 447, 588, 890), with one
// promise more: EndTxn is answered when every marker is durable, so what was committed is visible to who committed it.
//
// A transaction goes Empty > Ongoing > PrepareCommit or PrepareAbort > CompleteCommit or CompleteAbort > Ongoing ...
// Prepare is the decision: once it is durable the transaction ends that way, whatever crashes in between.
//
// The owner's duties:
//   - feed every record of __transaction_state to replay(), oldest first, then finish_replay(), then handle requests;
//   - carry out Effects in the order of their fields: gates, then appends, then endings, then the rest;
//   - report each append with on_appended() once it is durable or has failed, in the same order;
//   - write the marker of an ending to every partition that still exists and report once with on_ended(): all durable,
//     or one that failed;
//   - call on_time() when next_deadline() has come.
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock_watch.h"
#include "base/result.h"
#include "engine/broker/coordination.h"
#include "engine/broker/transactions/settings.h"
#include "engine/broker/transactions/transaction.h"
#include "engine/broker/transactions/transaction_records.h"
#include "engine/engine.h"
#include "kafka/error_code.h"
#include "kafka/messages.h"

namespace myelin::engine::transactions {

using broker::AppendId;
using broker::Now;
using broker::Ticket;
using broker::TopicLookup;

struct Producer {
  std::int64_t id = -1;
  std::int16_t epoch = -1;
};

// Partitions that a producer writes to without having announced them (KIP-890).
struct Entering {
  std::string transactional_id;
  Producer producer;
  std::set<Partition> partitions;  // that exist
};

struct Effects {
  // A producer that may write to these partitions from now on, besides those before, or to none any more.
  struct Gate {
    std::int64_t producer_id = -1;
    std::int16_t producer_epoch = -1;
    bool is_open = false;
    std::set<Partition> partitions;
    std::string transactional_id;
  };
  struct Append {
    AppendId id = 0;
    TransactionRecord record;
  };
  struct Ending {
    std::string transactional_id;
    std::int64_t producer_id = -1;
    std::int16_t producer_epoch = -1;
    bool commits = false;
    std::set<Partition> partitions;
  };
  struct Reply {
    Ticket ticket = 0;
    kafka::Response response;
    std::vector<CommitFact> committed;
  };
  std::vector<Gate> gates;
  std::vector<Append> appends;
  std::vector<Ending> endings;
  std::vector<std::string> wanted_ids;  // transactional ids that wait for on_producer_id()
  std::vector<Reply> replies;
};

class TransactionCoordinator {
 public:
  TransactionCoordinator(const Settings& settings, TopicLookup topics);
  TransactionCoordinator(const TransactionCoordinator&) = delete;
  TransactionCoordinator& operator=(const TransactionCoordinator&) = delete;

  [[nodiscard]] static std::vector<ApiRange> served();

  // The reply comes in these Effects or in later ones, under the same ticket, exactly once.
  [[nodiscard]] Effects handle(Ticket ticket, const Call& call, const kafka::Request& request, Now now);
  // Answered like a request, by an AddPartitionsToTxnResponse that has just the error code of all. Those of one
  // producer are answered in their order.
  [[nodiscard]] Effects enter(Ticket ticket, Entering entering, Now now);
  [[nodiscard]] Effects on_producer_id(const std::string& transactional_id, const Result<std::int64_t>& id, Now now);
  [[nodiscard]] Effects on_appended(AppendId append, const Result<void>& outcome, Now now);
  // `committed`: what groups consumed with it.
  [[nodiscard]] Effects on_ended(const std::string& transactional_id, const Result<void>& outcome,
                                 std::vector<CommitFact> committed, Now now);
  [[nodiscard]] Effects on_time(Now now);

  [[nodiscard]] Result<void> replay(ByteSpan key, std::optional<ByteSpan> value);
  // Decided transactions are ended again, ongoing ones go on.
  [[nodiscard]] Effects finish_replay(Now now);

  // May be early, never late.
  [[nodiscard]] MonotonicTime next_deadline() const;
  [[nodiscard]] bool is_ending_any() const;

 private:
  // A request without its body.
  struct Asker {
    Ticket ticket = 0;
    std::int16_t version = 0;
    Now now;
  };
  // InitProducerId on its way: answered when its producer is durable.
  struct Beginning {
    Ticket ticket = 0;
    std::chrono::milliseconds timeout{0};
  };
  // EndTxn on its way, of a producer whose epochs are used up: decided when its next id is there.
  struct Renewal {
    Ticket ticket = 0;
    State decision = State::PrepareAbort;
  };
  struct Entry {
    std::string transactional_id;
    Transaction transaction;         // as it is durable; the producer id is -1 before the first is
    std::int16_t epoch_before = -1;  // of a producer that asked for the present one: asking again gives it again
    bool is_busy = false;            // an append, markers or a new producer id are under way
    std::optional<Beginning> beginning;
    std::optional<Renewal> renewal;
    bool is_adding = false;                                 // is_busy with partitions that come in
    std::vector<std::pair<Ticket, Entering>> waiting = {};  // for these, to come in next
    std::optional<Ticket> ending;                           // who is answered when the transaction is over
    // What groups consumed with transactions whose end nobody waited for: told with the next answer that can.
    std::vector<CommitFact> untold = {};
    MonotonicTime due = MonotonicTime::max();
  };
  enum class Step { Begin, Add, Decide, Complete, Forget };
  // How a transaction shall end, and who goes on.
  struct Decision {
    State state = State::PrepareAbort;
    std::int16_t epoch = -1;
    std::optional<Ticket> ticket = {};
    std::int16_t client_version = 0;
    std::int64_t next_producer_id = -1;
  };
  struct Awaited {
    Step step = Step::Complete;
    std::string transactional_id;
    Transaction target = {};
    std::int16_t epoch_before = -1;
    std::optional<Ticket> ticket = {};
    kafka::Response durable = {};
    kafka::Response failed = {};
  };

  void begin(const Asker& asker, const kafka::InitProducerIdRequest& request);
  [[nodiscard]] std::optional<kafka::ErrorCode> refusal_to_begin(const kafka::InitProducerIdRequest& request) const;
  void begin_again(const Asker& asker, const kafka::InitProducerIdRequest& request, Entry& entry);
  void next_epoch(const Asker& asker, const kafka::InitProducerIdRequest& request, Entry& entry);
  void add_partitions(const Asker& asker, const kafka::AddPartitionsToTxnRequest& request);
  void add_offsets(const Asker& asker, const kafka::AddOffsetsToTxnRequest& request);
  void enter_now(Ticket ticket, Entering entering, Now now);
  void let_in_waiting(Entry& entry, Now now);
  struct Addition {
    std::set<Partition> partitions;
    std::int16_t client_version = 0;
    kafka::Response durable;
    kafka::Response failed;
  };
  void add(const Asker& asker, Entry& entry, Addition addition);
  void end(const Asker& asker, const kafka::EndTxnRequest& request);
  void end_and_renew(const Asker& asker, const kafka::EndTxnRequest& request);
  void renew(Entry& entry, State decision, Ticket ticket, WallTime now);
  void end_with_producer_id(Entry& entry, const Result<std::int64_t>& id, WallTime now);
  void describe(const Asker& asker, const kafka::DescribeTransactionsRequest& request);
  void list(const Asker& asker, const kafka::ListTransactionsRequest& request);

  // The entry of a producer that may act now, or why not.
  [[nodiscard]] std::expected<Entry*, kafka::ErrorCode> acting(const std::string& transactional_id,
                                                               const Producer& producer);
  void fence(Entry& entry, WallTime now);
  void decide(Entry& entry, const Decision& decision, WallTime now);
  void start_ending(const Entry& entry);
  void complete(Entry& entry, std::vector<CommitFact> committed, Now now);
  void watch(Entry& entry, MonotonicTime due);
  void expire_idle(Now now);
  void store(Awaited awaited);
  void reply(Ticket ticket, kafka::Response response, std::vector<CommitFact> committed = {}) {
    effects_.replies.push_back({ticket, std::move(response), std::move(committed)});
  }
  [[nodiscard]] Effects take() { return std::exchange(effects_, {}); }

  const Settings settings_;
  TopicLookup topics_;
  Effects effects_;
  std::map<std::string, Entry> entries_;
  std::map<AppendId, Awaited> awaited_;
  std::set<std::pair<MonotonicTime, std::string>> deadlines_;
  MonotonicTime next_expiration_check_ = MonotonicTime::max();
  std::optional<ClockWatch> clock_watch_;  // since the replay ended
  AppendId next_append_ = 1;
  bool replayed_ = false;
};

}  // namespace myelin::engine::transactions
