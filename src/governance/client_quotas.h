#pragma once
// The quotas of Kafka clients that were set at run time: kept in the state store, looked at as one immutable table.
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/result.h"
#include "policy/client_quota.h"
#include "state/state_store.h"

namespace myelin::governance {

struct QuotaChange {
  policy::QuotaEntity entity;                                // its names hold no NUL
  std::map<policy::QuotaKey, std::optional<double>> values;  // nothing removes
};

// Threads: every function may be called from any thread.
class ClientQuotas {
 public:
  static constexpr std::size_t kEntitiesMax = 10'000;

  // Corrupt when something stored can't be read.
  [[nodiscard]] static Result<std::unique_ptr<ClientQuotas>> open(state::StateStore& store);

  // All of the changes or none; Invalid when more than kEntitiesMax would have quotas. Waits until they are durable,
  // and counts from then on. Never call it on a connection's thread.
  [[nodiscard]] Result<void> change(const std::vector<QuotaChange>& changes);

  [[nodiscard]] std::shared_ptr<const policy::ClientQuotaTable> table() const { return table_.load(); }
  // Grows with every change, after the table; 0 until there is the first quota.
  [[nodiscard]] std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

 private:
  explicit ClientQuotas(state::StateStore& store) : store_(store) {}

  state::StateStore& store_;
  std::mutex changes_;  // one change at a time, also while its write is on the way
  std::atomic<std::shared_ptr<const policy::ClientQuotaTable>> table_;
  std::atomic<std::uint64_t> version_{0};
};

}  // namespace myelin::governance
