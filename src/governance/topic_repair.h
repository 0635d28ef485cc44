#pragma once
// Damage on disk, for the role platform: what is quarantined, finding more of it, and letting readers pass. The latter
// two change what readers get, so both are in the audit log.
//
// Threads: every function may be called from any thread that may block.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "engine/maintenance.h"
#include "governance/audited_change.h"
#include "governance/policy_holder.h"
#include "state/audit_log.h"

namespace myelin::governance {

using engine::DamagedOffsets;
using engine::PartitionChoice;
using engine::VerifyProgress;

class TopicRepair {
 public:
  TopicRepair(engine::Maintenance& maintenance, const PolicyHolder& policy, state::AuditLog& audit)
      : maintenance_(maintenance), policy_(policy), audit_(audit) {}

  [[nodiscard]] Result<std::vector<DamagedOffsets>> damaged(const Asker& asker, const PartitionChoice& choice) const;

  // Readers pass over all that is quarantined in the choice from now on; returns what they did not pass before.
  // NotFound when that is nothing. Never for internal topics: what is missing there would be missing silently.
  [[nodiscard]] Result<std::vector<DamagedOffsets>> skip(const Asker& asker, const PartitionChoice& choice);

  // Reads what rests on disk, of one topic or of all; see engine/maintenance.h.
  using Watch = engine::Maintenance::VerifyWatch;
  [[nodiscard]] Result<VerifyProgress> verify(const Asker& asker, const std::optional<TopicName>& topic,
                                              const Watch& watch);

  // No verification begins any more; returns when the one under way has ended, which is soon.
  void stop();

 private:
  engine::Maintenance& maintenance_;
  const PolicyHolder& policy_;
  state::AuditLog& audit_;

  std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t running_ = 0;
  std::atomic<bool> is_stopping_ = false;
};

}  // namespace myelin::governance
