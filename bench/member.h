#pragma once
// A member of a consumer group that is alone in it, and the coordinators that such work needs.
#include <string>

#include "bench/connection.h"

namespace myelin::bench {

enum class CoordinatorOf : std::int8_t { Group = 0, Transaction = 1 };

struct Member {
  std::string group;
  std::string id;
  std::int32_t generation = -1;
};

// Returns when the broker says that it coordinates this key. A broker that was just started makes its internal topics
// first.
void await_coordinator(Connection& connection, const std::string& key, CoordinatorOf kind);

[[nodiscard]] Member join_group(Connection& connection, const std::string& group);
void leave_group(Connection& connection, const Member& member);

// Runs `attempt` until it answers other than that the coordinator is not there yet; ends the program on any other
// error.
template <typename Attempt>
auto once_coordinated(const char* what, const Attempt& attempt) {
  constexpr int kTries = 600;
  constexpr double kPauseS = 0.05;
  for (int tried = 0; tried < kTries; ++tried) {
    auto answer = attempt();
    if (answer.error_code == 0) return answer;
    // Loading, not available, not this one: all pass while an internal topic is made. Concurrent transactions as well.
    if ((answer.error_code < 14 || answer.error_code > 16) && answer.error_code != 51)
      die("{}: error {}", what, answer.error_code);
    sleep_until(now_s() + kPauseS);
  }
  die("{}: no coordinator within {} s", what, kTries * kPauseS);
}

}  // namespace myelin::bench
