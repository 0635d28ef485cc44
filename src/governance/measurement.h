#pragma once
// Meter and trace, the two measuring steps of the path: every fact an engine reports becomes usage (by flow and hour)
// and lineage (edges and triples). Appends are rebuilt from the engine's journal at start; reads, commits and triples
// are kept in the state store, stored at most kStoreEvery late, so that a crash loses at most the last second and never
// counts twice.
//
// Threads: every function may be called from any thread. record() only queues; facts are added up by fold(), which
// housekeeping calls often and every question calls first.
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "base/attribution.h"
#include "base/clock.h"
#include "base/result.h"
#include "engine/engine.h"
#include "lineage/edge_ledger.h"
#include "state/state_store.h"
#include "usage/rollup.h"

namespace myelin::governance {

// Which client software a principal was seen with.
struct ClientSeen {
  PrincipalName principal;
  std::string client_id;
  std::string library;
  std::string library_version;
  WallTime last_seen;
};

class Measurement {
 public:
  static constexpr std::chrono::milliseconds kStoreEvery{500};
  static constexpr std::size_t kQueuedMax = 8192;  // then the caller folds

  [[nodiscard]] static Result<std::unique_ptr<Measurement>> open(const engine::Engine& engine, state::StateStore& store,
                                                                 const Clock& clock);

  // Queues the facts of one answered request.
  void record(std::shared_ptr<const Attribution> attribution, std::vector<engine::AppendFact> appended,
              std::vector<engine::ServedFact> served, std::vector<engine::CommitFact> committed);

  void fold();
  // Folds and stores what changed since the last call; returns when it is durable.
  [[nodiscard]] Result<void> store_changes();

  [[nodiscard]] std::vector<usage::HourlyAmount> usage_rows();
  [[nodiscard]] std::vector<usage::HourlyAmount> usage_totals();

  struct Edges {
    std::vector<lineage::WriteEdge> writes;
    std::vector<lineage::ReadEdge> reads;
    std::vector<lineage::CommitEdge> commits;
    std::vector<lineage::Triple> triples;
  };
  [[nodiscard]] Edges edges();
  [[nodiscard]] std::vector<ClientSeen> clients();

 private:
  struct Facts {
    std::shared_ptr<const Attribution> attribution;
    WallTime time;
    std::vector<engine::AppendFact> appended;
    std::vector<engine::ServedFact> served;
    std::vector<engine::CommitFact> committed;
  };

  Measurement(state::StateStore& store, const Clock& clock) : store_(store), clock_(clock) {}
  void add_append(const Attribution& attribution, const engine::AppendFact& fact);
  void add(const Facts& facts);
  void see_client(const Attribution& attribution, WallTime time);
  void fold_locked();
  [[nodiscard]] Result<void> restore();
  [[nodiscard]] std::vector<state::Change> take_changes();

  state::StateStore& store_;
  const Clock& clock_;

  std::mutex queue_mutex_;
  std::vector<Facts> queue_;

  std::mutex mutex_;  // taken before queue_mutex_
  usage::Rollup rollup_;
  lineage::EdgeLedger ledger_;
  std::map<std::pair<PrincipalName, std::string>, ClientSeen> clients_;
  std::map<std::string, std::string> stored_;  // small tables as last stored, to store only what changed
};

}  // namespace myelin::governance
