#pragma once
// How often each rule about requests was not obeyed, and by how many squads: what a rung that goes up would mean. Kept
// in the state store, so that a count goes on over restarts. A count is of what a rule asks: it begins anew when
// another expression, kind or scope takes its name, and goes on when its rung or words change.
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "model/model.h"
#include "plan/rules.h"
#include "state/state_store.h"

namespace myelin::governance {

struct RuleCounted {
  std::uint64_t let_through = 0;           // under report and warn
  std::uint64_t refused = 0;               // under block
  std::set<SquadName> let_through_squads;  // of those who belong to one
  std::set<SquadName> refused_squads;
  WallTime since;
};

// Threads: every function may be called from any thread.
class RuleCounts {
 public:
  // Corrupt when something stored can't be read.
  [[nodiscard]] static Result<std::unique_ptr<RuleCounts>> open(state::StateStore& store, const Clock& clock);

  static constexpr std::chrono::minutes kWarnEvery{1};

  // A request that does not obey the rule; the squad of who asks may be empty. Written, not waited for. The log tells
  // of a rule at rung warn once a minute.
  void note(const model::PolicyRule& rule, const SquadName& squad);
  // Of the model's rules about requests, by name; counting of one that is not known begins with this. A squad that had
  // another name is told once, by that of today.
  [[nodiscard]] std::map<std::string, RuleCounted> of(const model::Model& model);
  [[nodiscard]] plan::Tallies tallies(const model::Model& model);

 private:
  struct Kept {
    std::string question;  // its digest
    RuleCounted counted;
    std::optional<MonotonicTime> warned{};  // when the log told of it last
  };
  RuleCounts(state::StateStore& store, const Clock& clock) : store_(store), clock_(clock) {}
  [[nodiscard]] static Result<Kept> read(std::string_view stored);
  [[nodiscard]] Kept& kept(const model::PolicyRule& rule, bool& is_new);
  void store(const std::string& rule, const Kept& kept);
  void warn_of(const model::PolicyRule& rule, const SquadName& squad, Kept& kept);

  state::StateStore& store_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Kept> kept_;  // by the rule's name; at most those of policies that were in force
};

}  // namespace myelin::governance
