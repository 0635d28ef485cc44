#pragma once
// Sums by key and UTC hour, with the span of use. A key has a hash() and an order, an amount has +=. Not thread-safe:
// the owner serialises.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/clock.h"

namespace myelin::usage {

using Hour = std::chrono::sys_time<std::chrono::hours>;
[[nodiscard]] inline Hour hour_of(WallTime time) { return std::chrono::floor<std::chrono::hours>(time); }

// One key in one hour.
template <typename Key, typename Amount>
struct HourlyRow {
  Key key;
  Hour hour;
  Amount amount;
  WallTime first_seen;
  WallTime last_seen;
  auto operator<=>(const HourlyRow&) const = default;
};

template <typename Key, typename Amount>
class Hourly {
 public:
  using Row = HourlyRow<Key, Amount>;

  void add(const Key& key, WallTime time, const Amount& amount) {
    auto& series = series_[key];
    const Hour hour = hour_of(time);
    auto& span = series.hours.try_emplace(hour, Span{{}, time, time}).first->second;
    span.amount += amount;
    span.first_seen = std::min(span.first_seen, time);
    span.last_seen = std::max(span.last_seen, time);
    series.changed.insert(hour.time_since_epoch().count());
  }

  // Puts back an hour as it was stored; replaces what is known of that key and hour.
  void restore(const Row& stored) {
    series_[stored.key].hours[stored.hour] = {stored.amount, stored.first_seen, stored.last_seen};
  }

  // Hours that changed since the last call, whole, for storing.
  [[nodiscard]] std::vector<Row> take_changed() {
    std::vector<Row> changed;
    for (auto& [key, series] : series_) {
      for (const auto hours : series.changed) {
        const Hour hour{std::chrono::hours(hours)};
        changed.push_back(row_of(key, hour, series.hours.at(hour)));
      }
      series.changed.clear();
    }
    return changed;
  }

  // Every key and hour, sorted by key, then hour.
  [[nodiscard]] std::vector<Row> rows() const {
    std::vector<Row> rows;
    for (const auto& [key, series] : series_) {
      for (const auto& [hour, span] : series.hours) rows.push_back(row_of(key, hour, span));
    }
    std::ranges::sort(rows, [](const auto& left, const auto& right) {
      return std::tie(left.key, left.hour) < std::tie(right.key, right.hour);
    });
    return rows;
  }

  // One row per key with its total, sorted; the hour is the first.
  [[nodiscard]] std::vector<Row> totals() const {
    std::vector<Row> totals;
    for (const auto& [key, series] : series_) {
      auto total = row_of(key, series.hours.begin()->first, series.hours.begin()->second);
      total.amount = {};
      for (const auto& [hour, span] : series.hours) {
        total.amount += span.amount;
        total.first_seen = std::min(total.first_seen, span.first_seen);
        total.last_seen = std::max(total.last_seen, span.last_seen);
      }
      totals.push_back(std::move(total));
    }
    std::ranges::sort(totals, {}, &Row::key);
    return totals;
  }

 private:
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept { return key.hash(); }
  };
  struct Span {
    Amount amount;
    WallTime first_seen;
    WallTime last_seen;
  };
  struct Series {
    std::map<Hour, Span> hours;                // never empty
    std::unordered_set<std::int64_t> changed;  // hours since the epoch
  };
  [[nodiscard]] static Row row_of(const Key& key, Hour hour, const Span& span) {
    return {key, hour, span.amount, span.first_seen, span.last_seen};
  }

  std::unordered_map<Key, Series, KeyHash> series_;
};

}  // namespace myelin::usage
