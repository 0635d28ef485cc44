#include "lineage/writer_runs.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"

namespace myelin::lineage {

std::size_t WriterRuns::lower_bound(std::int64_t offset) const {
  const auto found =
      std::partition_point(runs_.begin(), runs_.end(), [&](const Run& run) { return run.next <= offset; });
  return static_cast<std::size_t>(found - runs_.begin());
}

void WriterRuns::add(std::int64_t first, std::int64_t next, WriterNumber writer) {
  CHECK(writer < kMixed);
  if (first >= next) return;
  if (runs_.empty() || first >= runs_.back().next) {
    if (!runs_.empty() && runs_.back().writer == writer && runs_.back().next == first) {
      runs_.back().next = next;
      return;
    }
    runs_.push_back({first, next, writer});
  } else {
    insert_splitting({first, next, writer});
  }
  if (runs_.size() > runs_limit_) merge_older_half();
}

void WriterRuns::insert_splitting(Run run) {
  const std::size_t begin = lower_bound(run.first);
  std::size_t end = begin;
  std::vector<Run> replacement;
  if (begin < runs_.size() && runs_[begin].first < run.first) {
    replacement.push_back({runs_[begin].first, run.first, runs_[begin].writer});
  }
  replacement.push_back(run);
  while (end < runs_.size() && runs_[end].first < run.next) {
    if (runs_[end].next > run.next) replacement.push_back({run.next, runs_[end].next, runs_[end].writer});
    ++end;
  }
  const auto at =
      runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(begin), runs_.begin() + static_cast<std::ptrdiff_t>(end));
  runs_.insert(at, replacement.begin(), replacement.end());

  // Neighbours of the same writer become one again, within the touched stretch and one run to either side.
  const std::size_t from = begin == 0 ? 0 : begin - 1;
  const std::size_t until = std::min(runs_.size(), begin + replacement.size() + 1);
  std::size_t kept = from;
  for (std::size_t index = from + 1; index < until; ++index) {
    if (runs_[index].writer == runs_[kept].writer && runs_[index].first == runs_[kept].next) {
      runs_[kept].next = runs_[index].next;
    } else {
      runs_[++kept] = runs_[index];
    }
  }
  runs_.erase(runs_.begin() + static_cast<std::ptrdiff_t>(kept) + 1,
              runs_.begin() + static_cast<std::ptrdiff_t>(until));
}

void WriterRuns::merge_older_half() {
  const std::size_t half = runs_.size() / 2;
  std::vector<Run> merged;
  merged.reserve(runs_.size());
  // Only the sets that a run still names are carried over, so their number is bounded like the runs'.
  std::map<std::vector<WriterNumber>, std::uint32_t> sets;
  const auto mixed = [&](std::vector<WriterNumber> set) {
    std::sort(set.begin(), set.end());
    set.erase(std::unique(set.begin(), set.end()), set.end());
    return kMixed + sets.try_emplace(std::move(set), static_cast<std::uint32_t>(sets.size())).first->second;
  };
  for (std::size_t index = 0; index < runs_.size();) {
    Run run = runs_[index];
    std::vector<WriterNumber> writers;
    append_writers(run.writer, writers);
    if (index + 1 < half) {
      append_writers(runs_[index + 1].writer, writers);
      run = {run.first, runs_[index + 1].next, mixed(std::move(writers))};
      index += 2;
    } else {
      if (run.writer >= kMixed) run.writer = mixed(std::move(writers));
      index += 1;
    }
    if (!merged.empty() && merged.back().writer == run.writer && merged.back().next == run.first) {
      merged.back().next = run.next;
    } else {
      merged.push_back(run);
    }
  }
  mixed_.assign(sets.size(), {});
  for (const auto& [set, number] : sets) mixed_[number] = set;
  runs_ = std::move(merged);
}

void WriterRuns::append_writers(std::uint32_t writer, std::vector<WriterNumber>& to) const {
  if (writer < kMixed) {
    to.push_back(writer);
  } else {
    const auto& set = mixed_[writer - kMixed];
    to.insert(to.end(), set.begin(), set.end());
  }
}

std::vector<WriterRuns::Hit> WriterRuns::writers_of(std::int64_t first, std::int64_t next) const {
  std::vector<Hit> hits;
  std::vector<WriterNumber> writers;
  for (std::size_t index = lower_bound(first); index < runs_.size() && runs_[index].first < next; ++index) {
    const Run& run = runs_[index];
    writers.clear();
    append_writers(run.writer, writers);
    // A read that covers a mixed run whole was served something of each of its writers.
    const bool certain = run.writer < kMixed || (first <= run.first && run.next <= next);
    for (const WriterNumber writer : writers) hits.push_back({writer, certain});
  }
  std::sort(hits.begin(), hits.end(), [](const Hit& left, const Hit& right) {
    return left.writer != right.writer ? left.writer < right.writer : left.certain && !right.certain;
  });
  hits.erase(std::unique(hits.begin(), hits.end(),
                         [](const Hit& left, const Hit& right) { return left.writer == right.writer; }),
             hits.end());
  return hits;
}

std::int64_t WriterRuns::covered_until(std::int64_t first, std::int64_t next) const {
  for (std::size_t index = lower_bound(first); first < next && index < runs_.size() && runs_[index].first <= first;
       ++index) {
    first = runs_[index].next;
  }
  return std::min(first, next);
}

}  // namespace myelin::lineage
