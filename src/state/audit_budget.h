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

  // Nothing when `party` has used its minute up. Otherwise how many records it was refused since its last one.
  [[nodiscard]] std::optional<std::int64_t> take(const std::string& party, MonotonicTime now);

 private:
  struct Used {
    MonotonicTime since;
    std::int64_t records = 0;
    std::int64_t left_out = 0;
  };
  [[nodiscard]] Used& used_by(const std::string& party, MonotonicTime now);

  std::map<std::string, Used> used_;
};

}  // namespace myelin::state
