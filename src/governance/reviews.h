#pragma once
// What a review of the model in force finds, for those who settle it.
//
// Threads: every function may be called from any thread that may block; it waits for the engine.
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/engine.h"
#include "governance/audited_change.h"
#include "governance/measurement.h"
#include "governance/policy_holder.h"
#include "governance/revisions.h"
#include "review/review.h"

namespace myelin::governance {

struct ReviewFilter {
  std::optional<review::FindingKind> kind{};
  std::optional<SquadName> squad{};
  std::chrono::days season{35};  // 1 to 400
};

struct ReviewAnswer {
  struct Item {
    review::Finding finding;
    std::string patch;  // empty where no edit does it
  };
  std::vector<Item> items;
  std::string patch;  // of all items
};

class Reviews {
 public:
  struct Parts {
    engine::Engine& engine;
    const PolicyHolder& policy;
    const Revisions& revisions;
    Measurement& measurement;
    const Clock& clock;
  };
  explicit Reviews(Parts parts) : parts_(parts) {}

  // Everything for platform, else what the asker's squads settle. Denied for who stands in no squad and is not
  // platform.
  [[nodiscard]] Result<ReviewAnswer> review(const Asker& asker, const ReviewFilter& filter) const;

 private:
  // Since when each file of the model is in force without a gap; nothing where it is a folder's.
  [[nodiscard]] std::map<std::string, WallTime> files_since() const;

  Parts parts_;
};

}  // namespace myelin::governance
