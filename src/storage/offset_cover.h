#pragma once
// Which offsets of a partition are taken, while journal entries are read from the newest to the oldest: an entry counts
// unless it overlaps one that counted already, or reaches beyond the end of the log.
#include <cstdint>
#include <iterator>
#include <map>

namespace myelin::storage {

class OffsetCover {
 public:
  // Nothing at or beyond `end` counts.
  void limit(std::int64_t end) { end_ = end < end_ ? end : end_; }

  // Takes [first, next) when it is free; whether it was.
  bool add(std::int64_t first, std::int64_t next) {
    if (next > end_ || first >= next) return false;
    auto above = ranges_.lower_bound(first);
    if (above != ranges_.end() && above->first < next) return false;
    if (above != ranges_.begin() && std::prev(above)->second > first) return false;
    // Neighbours melt into one, so that a log read backwards is a single range.
    if (above != ranges_.end() && above->first == next) {
      next = above->second;
      above = ranges_.erase(above);
    }
    if (above != ranges_.begin() && std::prev(above)->second == first) {
      std::prev(above)->second = next;
    } else {
      ranges_.emplace_hint(above, first, next);
    }
    return true;
  }

  // What is taken: first to next, ascending, never touching.
  [[nodiscard]] const std::map<std::int64_t, std::int64_t>& ranges() const { return ranges_; }

 private:
  std::int64_t end_ = INT64_MAX;
  std::map<std::int64_t, std::int64_t> ranges_;
};

}  // namespace myelin::storage
