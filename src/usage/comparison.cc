#include "usage/comparison.h"

#include <map>
#include <set>
#include <utility>

namespace myelin::usage {
namespace {

template <typename Row>
using ByKeyAndHour = std::map<std::pair<decltype(Row::key), Hour>, const Row*>;

template <typename Row>
ByKeyAndHour<Row> indexed(const std::vector<Row>& rows) {
  ByKeyAndHour<Row> index;
  for (const auto& row : rows) index[{row.key, row.hour}] = &row;
  return index;
}

bool at_most(const Moved& left, const Moved& right) {
  return left.offsets <= right.offsets && left.bytes <= right.bytes;
}
bool at_most(const Consumed& left, const Consumed& right) { return left.offsets <= right.offsets; }

// A span of use that holds everything `inner` was seen in.
template <typename Row>
bool at_most(const Row& inner, const Row& outer) {
  return at_most(inner.amount, outer.amount) && inner.first_seen >= outer.first_seen &&
         inner.last_seen <= outer.last_seen;
}

// Whether `inner` is there only if `outer` is, and is then within it.
template <typename Row>
bool is_within(const Row* inner, const Row* outer) {
  return inner == nullptr || (outer != nullptr && at_most(*inner, *outer));
}

template <typename Row>
bool all_within(const std::vector<Row>& inner, const std::vector<Row>& outer) {
  const auto index = indexed(outer);
  for (const auto& row : inner) {
    const auto found = index.find({row.key, row.hour});
    if (!is_within(&row, found == index.end() ? nullptr : found->second)) return false;
  }
  return true;
}

template <typename Row>
void compare_rows(const std::vector<Row>& before, const std::vector<Row>& recomputed, const std::vector<Row>& after,
                  std::vector<Row>& wrong_recomputed, std::vector<Row>& wrong_reported) {
  const auto early = indexed(before);
  const auto exact = indexed(recomputed);
  const auto late = indexed(after);
  const auto in = [](const auto& index, const auto& key) {
    const auto found = index.find(key);
    return found == index.end() ? nullptr : found->second;
  };
  std::set<typename ByKeyAndHour<Row>::key_type> keys;
  for (const auto* index : {&early, &exact, &late}) {
    for (const auto& [key, row] : *index) keys.insert(key);
  }
  for (const auto& key : keys) {
    const auto* row = in(exact, key);
    const auto* reported = in(late, key);
    if (is_within(in(early, key), row) && is_within(row, reported)) continue;
    if (row != nullptr) wrong_recomputed.push_back(*row);
    if (reported != nullptr) wrong_reported.push_back(*reported);
  }
}

}  // namespace

bool Disagreement::none() const { return recomputed == Rows() && reported == Rows(); }

bool has_caught_up(const Rows& after, const Rows& recomputed) {
  return all_within(recomputed.writes, after.writes) && all_within(recomputed.consumers, after.consumers);
}

Disagreement compare(const Readings& readings) {
  Disagreement found;
  compare_rows(readings.before.writes, readings.recomputed.writes, readings.after.writes, found.recomputed.writes,
               found.reported.writes);
  compare_rows(readings.before.consumers, readings.recomputed.consumers, readings.after.consumers,
               found.recomputed.consumers, found.reported.consumers);
  return found;
}

}  // namespace myelin::usage
