#pragma once
// How much one party may fill the audit with what is refused to it: so many records a minute, the rest is counted.
// Without it, whoever can reach a listener could fill the disk.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"

namespace myelin::state {

// Threads: one at a time.
class AuditBudget {
 public:
  static constexpr std::int64_t kPerMinute = 60;
  // Further parties of a minute share one budget.
  static constexpr std::size_t kPartiesMax = 10'000;

  // Records that were refused and that nobody was told of yet.
  struct LeftOut {
    std::int64_t of_party = 0;   // since its last record
    std::int64_t of_others = 0;  // of parties that are forgotten by now
    friend bool operator==(const LeftOut&, const LeftOut&) = default;
  };
  // Nothing when `party` has used its minute up. Otherwise what the record is to say is missing.
  [[nodiscard]] std::optional<LeftOut> take(const std::string& party, MonotonicTime now);

 private:
  struct Used {
    MonotonicTime since;
    std::int64_t records = 0;
    std::int64_t left_out = 0;
  };
  [[nodiscard]] Used& used_by(const std::string& party, MonotonicTime now);
  void forget_all_but(const std::string& party, MonotonicTime now);

  std::map<std::string, Used> used_;
  MonotonicTime forgot_at_;
  std::int64_t left_out_of_forgotten_ = 0;
};

}  // namespace myelin::state
