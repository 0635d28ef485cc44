#pragma once
// The grants that were made over Kafka's API: kept in the state store, in force beside those that the model declares.
#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "base/result.h"
#include "governance/policy_holder.h"
#include "model/direct_grant.h"
#include "state/state_store.h"

namespace myelin::governance {

// Threads: every function may be called from any thread.
class MadeGrants {
 public:
  static constexpr std::size_t kGrantsMax = 10'000;

  // Corrupt when something stored can't be read.
  [[nodiscard]] static Result<std::unique_ptr<MadeGrants>> open(state::StateStore& store);

  // Sorted by right.
  [[nodiscard]] std::shared_ptr<const policy::DirectGrants> all() const { return grants_.load(); }

  // All or none; Invalid when there would be more than kGrantsMax. What is there already keeps who made it. They wait
  // until the change is durable, and it is in force with `policy` when they return. Never call them on a connection's
  // thread.
  [[nodiscard]] Result<void> add(const policy::DirectGrants& added, PolicyHolder& policy);
  [[nodiscard]] Result<void> remove(const std::set<model::Right>& removed, PolicyHolder& policy);
  // Forgets those that a document declares by now; returns how many. Before there is a policy.
  [[nodiscard]] Result<std::size_t> drop_declared(const policy::DirectGrants& declared);

 private:
  explicit MadeGrants(state::StateStore& store) : store_(store) {}
  [[nodiscard]] Result<void> replace(policy::DirectGrants grants, std::vector<state::Change> changes);

  state::StateStore& store_;
  std::mutex changes_;  // one change at a time, also while its write is on the way
  std::atomic<std::shared_ptr<const policy::DirectGrants>> grants_;
};

}  // namespace myelin::governance
