#pragma once
// When squads were held back for being over a quota: who, by which limit, from when to when. Answers that come with a
// throttle time within a minute of each other are one time. Since the start; nothing is stored.
//
// Threads: every function may be called from any thread.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace myelin::governance {

struct HeldBack {
  SquadName squad;         // empty: all unknown principals together
  std::string_view quota;  // as the Policy document calls it: "produce_bytes_per_second", ...
  WallTime began;
  WallTime until;                        // when the last throttle time that was told ends
  std::uint64_t answers = 0;             // that told one
  std::chrono::milliseconds longest{0};  // of those that were told
};

class HeldBackLog {
 public:
  static constexpr std::size_t kRemembered = 1'000;  // times that are over; the oldest go
  static constexpr std::chrono::minutes kPause{1};   // without an answer that tells of it, a time is over

  // An answer told a throttle time; `quota` lives for ever.
  void note(const SquadName& squad, std::string_view quota, std::chrono::milliseconds told, WallTime now);
  // By their begin.
  [[nodiscard]] std::vector<HeldBack> newest_first() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<SquadName, std::string_view>, HeldBack> last_;  // of each squad and quota
  std::deque<HeldBack> over_;
};

}  // namespace myelin::governance
