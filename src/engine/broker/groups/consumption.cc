#include "engine/broker/groups/consumption.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace myelin::engine::groups {
namespace {

std::int64_t hour_number(WallTime time) {
  return std::chrono::floor<std::chrono::hours>(time).time_since_epoch().count();
}

}  // namespace

void Consumption::Sums::take(const Row& row) {
  topic_id = row.hour.topic_id;
  committed = row.hour.committed;
  latest[row.key.principal] = row;
}

std::optional<Consumption::Row> Consumption::begin(const Commit& commit, const BeganReading& began_reading) {
  auto& place = places_[commit.place];
  auto& sums = place.written;
  const bool is_first = sums.committed < 0 || sums.topic_id != commit.topic_id;
  if (!is_first && commit.committed <= sums.committed) return std::nullopt;
  std::int64_t from = is_first ? commit.committed : sums.committed;
  if (is_first && began_reading) from = began_reading(commit.place.topic, commit.place.partition).value_or(from);
  const std::int64_t advanced = std::max<std::int64_t>(0, commit.committed - from);

  const auto known = sums.latest.find(commit.principal);
  // A clock that was set back must not write a smaller sum over an hour that is already counted.
  const auto time = known == sums.latest.end() ? commit.time : std::max(commit.time, known->second.hour.last);
  Row row{{commit.place, commit.principal, hour_number(time)}, {}};
  if (known != sums.latest.end() && known->second.key.hour == row.key.hour) row = known->second;
  if (advanced > 0 && row.hour.advanced == 0) row.hour.first = time;
  if (advanced > 0) row.hour.last = time;
  row.hour.advanced += advanced;
  row.hour.committed = commit.committed;
  row.hour.topic_id = commit.topic_id;
  sums.take(row);
  ++place.under_way;
  return row;
}

std::int64_t Consumption::end(const Row& row, bool durable) {
  auto& place = places_.at(row.key.place);
  CHECK(place.under_way > 0);
  --place.under_way;
  std::int64_t advanced = 0;
  if (durable) {
    const auto known = place.durable.latest.find(row.key.principal);
    const bool same_hour = known != place.durable.latest.end() && known->second.key.hour == row.key.hour;
    advanced = row.hour.advanced - (same_hour ? known->second.hour.advanced : 0);
    place.durable.take(row);
  }
  // What failed is taken back when nothing that was built on it can become durable any more.
  if (place.under_way == 0) place.written = place.durable;
  return advanced;
}

void Consumption::replay(const ConsumedKey& key, const ConsumedHour& hour) {
  auto& place = places_[key.place];
  place.durable.take({key, hour});
  place.written = place.durable;
  replayed_[key.hour].push_back(key);
}

void Consumption::forget(const ConsumedKey& key) {
  const auto hour = replayed_.find(key.hour);
  if (hour != replayed_.end()) std::erase(hour->second, key);
}

std::vector<ConsumedKey> Consumption::take_expired(WallTime now) {
  std::vector<ConsumedKey> expired;
  for (auto& [hour, keys] : std::exchange(replayed_, {})) {
    if (hour >= hour_number(now - kRemembered)) break;
    std::ranges::sort(keys);
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    expired.insert(expired.end(), keys.begin(), keys.end());
  }
  return expired;
}

}  // namespace myelin::engine::groups
