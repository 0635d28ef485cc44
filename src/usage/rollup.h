#pragma once
// What moved, by flow and hour. A flow is one half-edge of the lineage: a principal writing to a topic, or a topic read
// by a principal through one client id. Appends are exact and rebuilt from the provenance journal; served amounts are
// journalled. Pure and not thread-safe: the owner serialises access.
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace myelin::usage {

enum class Direction : std::uint8_t { Write, Read };
[[nodiscard]] std::string_view to_text(Direction direction);  // "write", "read"

// How far a figure can be trusted after a crash (semantics: what is measured, and how exactly).
enum class Exactness : std::uint8_t {
  Exact,      // recomputable from the log and its journals
  Journalled  // at most the last second before a crash is missing, never over
};
[[nodiscard]] std::string_view to_text(Exactness exactness);  // "exact", "journalled"

using Hour = std::chrono::sys_time<std::chrono::hours>;
[[nodiscard]] Hour hour_of(WallTime time);

struct Flow {
  PrincipalName principal;
  std::string client_id;
  TopicName topic;
  Direction direction = Direction::Write;
  auto operator<=>(const Flow&) const = default;
};

struct Amount {
  std::int64_t offsets = 0;  // Write: records appended. Read: offsets served, last - first + 1
  std::int64_t bytes = 0;    // log bytes, batch headers included
  std::int64_t batches = 0;  // Write: batches appended. Read: partition responses with data
  Amount& operator+=(const Amount& other);
  auto operator<=>(const Amount&) const = default;
};

// One flow in one hour, with the hour's span of use.
struct HourlyAmount {
  Flow flow;
  Hour hour;
  Amount amount;
  WallTime first_seen;
  WallTime last_seen;
  auto operator<=>(const HourlyAmount&) const = default;
};

class Rollup {
 public:
  void add(const Flow& flow, WallTime time, const Amount& amount);

  // Puts back an hour as it was stored; replaces what is known of that flow and hour.
  void restore(const HourlyAmount& stored);

  // Hours of `direction` that changed since the last call, whole, for storing.
  [[nodiscard]] std::vector<HourlyAmount> take_changed(Direction direction);

  // Every flow and hour, sorted by flow, then hour.
  [[nodiscard]] std::vector<HourlyAmount> rows() const;

  // Flows ever seen, sorted, with their totals and the span of their use (the hour field holds the first hour).
  [[nodiscard]] std::vector<HourlyAmount> totals() const;

 private:
  struct FlowHash {
    std::size_t operator()(const Flow& flow) const noexcept;
  };
  struct Span {
    Amount amount;
    WallTime first_seen;
    WallTime last_seen;
  };
  struct Series {
    std::map<Hour, Span> hours;
    std::unordered_set<std::int64_t> changed;  // hours since the epoch
  };
  std::unordered_map<Flow, Series, FlowHash> flows_;
};

}  // namespace myelin::usage
