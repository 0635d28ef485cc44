#include "usage/rollup.h"

#include <algorithm>

namespace myelin::usage {

std::string_view to_text(Direction direction) { return direction == Direction::Write ? "write" : "read"; }

std::string_view to_text(Exactness exactness) { return exactness == Exactness::Exact ? "exact" : "journalled"; }

Hour hour_of(WallTime time) { return std::chrono::floor<std::chrono::hours>(time); }

Amount& Amount::operator+=(const Amount& other) {
  offsets += other.offsets;
  bytes += other.bytes;
  batches += other.batches;
  return *this;
}

std::size_t Rollup::FlowHash::operator()(const Flow& flow) const noexcept {
  const std::hash<std::string> hash;
  std::size_t mixed = hash(flow.principal.text());
  mixed = mixed * 31 + hash(flow.client_id);
  mixed = mixed * 31 + hash(flow.topic.text());
  return mixed * 2 + (flow.direction == Direction::Read ? 1 : 0);
}

void Rollup::add(const Flow& flow, WallTime time, const Amount& amount) {
  auto& series = flows_[flow];
  const Hour hour = hour_of(time);
  auto [found, is_new] = series.hours.try_emplace(hour, Span{{}, time, time});
  auto& span = found->second;
  span.amount += amount;
  span.first_seen = std::min(span.first_seen, time);
  span.last_seen = std::max(span.last_seen, time);
  series.changed.insert(hour.time_since_epoch().count());
}

void Rollup::restore(const HourlyAmount& stored) {
  flows_[stored.flow].hours[stored.hour] = Span{stored.amount, stored.first_seen, stored.last_seen};
}

std::vector<HourlyAmount> Rollup::take_changed(Direction direction) {
  std::vector<HourlyAmount> changed;
  for (auto& [flow, series] : flows_) {
    if (flow.direction != direction) continue;
    for (const auto hours : series.changed) {
      const Hour hour{std::chrono::hours(hours)};
      const auto& span = series.hours.at(hour);
      changed.push_back({flow, hour, span.amount, span.first_seen, span.last_seen});
    }
    series.changed.clear();
  }
  return changed;
}

std::vector<HourlyAmount> Rollup::rows() const {
  std::vector<HourlyAmount> rows;
  for (const auto& [flow, series] : flows_) {
    for (const auto& [hour, span] : series.hours) {
      rows.push_back({flow, hour, span.amount, span.first_seen, span.last_seen});
    }
  }
  std::ranges::sort(rows, [](const auto& left, const auto& right) {
    return std::tie(left.flow, left.hour) < std::tie(right.flow, right.hour);
  });
  return rows;
}

std::vector<HourlyAmount> Rollup::totals() const {
  std::vector<HourlyAmount> totals;
  for (const auto& [flow, series] : flows_) {
    if (series.hours.empty()) continue;
    const auto& [first_hour, first] = *series.hours.begin();
    HourlyAmount total{flow, first_hour, {}, first.first_seen, first.last_seen};
    for (const auto& [hour, span] : series.hours) {
      total.amount += span.amount;
      total.first_seen = std::min(total.first_seen, span.first_seen);
      total.last_seen = std::max(total.last_seen, span.last_seen);
    }
    totals.push_back(std::move(total));
  }
  std::ranges::sort(totals, [](const auto& left, const auto& right) { return left.flow < right.flow; });
  return totals;
}

}  // namespace myelin::usage
