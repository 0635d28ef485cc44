#pragma once
// Meter and trace, the two measuring steps of the path: every fact an engine reports becomes usage (by hour) and
// lineage (edges and triples), every answered request becomes usage of its caller. Appends and consumption are rebuilt
// from what the engine remembers at start; reads, requests, commits and triples are kept in the state store, stored at
// most kStoreEvery late, so that a crash loses at most the last second and never counts twice. So are appends and
// consumption when the engine keeps no journal.
//
// Threads: every function may be called from any thread. record() only queues; facts are added up by fold(), which
// housekeeping calls often and every question calls first.
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/attribution.h"
#include "base/clock.h"
#include "base/result.h"
#include "engine/engine.h"
#include "governance/client_seen.h"
#include "governance/held_back.h"
#include "governance/read_streaks.h"
#include "lineage/edge_ledger.h"
#include "state/state_store.h"
#include "usage/rollup.h"

namespace myelin::governance {

// What became true of one request: at its answer, or when the answer was sent.
struct Answered {
  struct Refused {
    TopicName topic;
    std::int64_t bytes = 0;  // of batches in a produce request that were not taken
  };
  std::vector<engine::AppendFact> appended = {};
  std::vector<engine::ServedFact> served = {};   // sent
  std::vector<engine::ServedFact> offered = {};  // in the answer; a client reads there whether or not it arrives
  std::vector<engine::CommitFact> committed = {};
  std::vector<Refused> refused = {};
  std::int64_t requests = 0;          // 1 at the answer
  std::chrono::microseconds took{0};  // from its arrival, waiting included
  bool is_first_of_connection = false;
};

class Measurement {
 public:
  static constexpr std::chrono::milliseconds kStoreEvery{500};
  static constexpr std::size_t kQueuedMax = 8192;  // then the caller folds

  // `at_best` is Journalled for an engine that keeps no journals of appends and consumption.
  [[nodiscard]] static Result<std::unique_ptr<Measurement>> open(const engine::Engine& engine, state::StateStore& store,
                                                                 const Clock& clock,
                                                                 usage::Exactness at_best = usage::Exactness::Exact);

  // Queues one answered request.
  void record(std::shared_ptr<const Attribution> attribution, Answered answered);

  void fold();
  // Folds and stores what changed since the last call; returns when it is durable.
  [[nodiscard]] Result<void> store_changes();

  [[nodiscard]] usage::Rows usage_rows();
  // The exact rows again, from what the engine remembers alone: it reads the whole journal.
  [[nodiscard]] Result<usage::Rows> recomputed_rows() const;
  [[nodiscard]] std::vector<usage::FlowRow> flow_totals();  // writes, then reads
  // Where a client began to read a partition, as far as this run knows.
  [[nodiscard]] std::optional<std::int64_t> began_reading(const ReadStreaks::Reader& reader);
  // The same for a producer that commits what a reader read. It may have another client id: then the principal's only
  // reader of the partition is meant.
  [[nodiscard]] std::optional<std::int64_t> began_reading_for(const ReadStreaks::Reader& producer);

  struct Edges {
    std::vector<lineage::WriteEdge> writes;
    std::vector<lineage::ReadEdge> reads;
    std::vector<lineage::CommitEdge> commits;
    std::vector<lineage::Triple> triples;
  };
  [[nodiscard]] Edges edges();
  [[nodiscard]] std::vector<ClientSeen> clients();
  [[nodiscard]] HeldBackLog& held_back() { return held_back_; }

 private:
  struct Facts {
    std::shared_ptr<const Attribution> attribution;
    WallTime time;
    Answered answered;
  };

  Measurement(const engine::Engine& engine, state::StateStore& store, const Clock& clock)
      : engine_(engine), store_(store), clock_(clock) {}
  void add_append(const Attribution& attribution, const engine::AppendFact& fact);
  void add(const Facts& facts);
  void add_caller(const Facts& facts);
  void see_client(const Attribution& attribution, WallTime time);
  void fold_locked();
  [[nodiscard]] Result<void> restore();
  [[nodiscard]] Result<void> restore_usage();
  [[nodiscard]] Result<void> restore_without_journal();
  void restore_write_edges();
  void restore_read_edges();
  [[nodiscard]] Result<void> restore_lineage();
  [[nodiscard]] std::vector<state::Change> take_changes();
  // Appends and consumption, from the engine's journals at start; else they are stored like the rest.
  [[nodiscard]] bool is_rebuilt() const { return rollup_.at_best == usage::Exactness::Exact; }

  const engine::Engine& engine_;
  state::StateStore& store_;
  const Clock& clock_;

  HeldBackLog held_back_;
  std::mutex queue_mutex_;
  std::vector<Facts> queue_;

  std::mutex mutex_;  // taken before queue_mutex_
  usage::Rollup rollup_;
  lineage::EdgeLedger ledger_;
  ReadStreaks streaks_;
  std::map<std::pair<PrincipalName, std::string>, ClientSeen> clients_;
  std::map<std::string, std::string> stored_;  // small tables as last stored, to store only what changed
};

}  // namespace myelin::governance
