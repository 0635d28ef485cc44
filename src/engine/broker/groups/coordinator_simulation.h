#pragma once
// For tests of seeded schedules: a coordinator before a disk that is slow or fails, under a clock that moves on, and
// what a broker that dies finds when it comes back.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "engine/broker/groups/coordinator.h"

namespace myelin::engine::groups {

class CoordinatorSimulation {
 protected:
  using milliseconds = std::chrono::milliseconds;
  static constexpr milliseconds kDiskDelayMax{2'000};

  explicit CoordinatorSimulation(std::uint64_t seed) : random_(seed) {}
  virtual ~CoordinatorSimulation() = default;

  // Without anything replayed.
  virtual std::unique_ptr<GroupCoordinator> make_coordinator() = 0;
  virtual void on_reply(Effects::Reply reply) = 0;

  int pick(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }

  std::unique_ptr<GroupCoordinator> replayed() {
    auto coordinator = make_coordinator();
    for (const OffsetsRecord& record : log_) {
      const auto read =
          coordinator->replay(record.key, record.value ? std::optional<ByteSpan>(*record.value) : std::nullopt);
      EXPECT_TRUE(read) << read.error().message;
    }
    return coordinator;
  }
  void start() {
    coordinator_ = replayed();
    take(coordinator_->finish_replay(now_));
  }
  // What was under way may or may not have reached the disk, in order. start() comes next.
  void lose_what_is_under_way() {
    const auto reached = static_cast<std::size_t>(pick(static_cast<int>(disk_.size()) + 1));
    for (std::size_t index = 0; index < reached; ++index) keep(disk_[index].append);
    disk_.clear();
  }

  void advance(milliseconds by) {
    const MonotonicTime until = now_.monotonic + by;
    while (true) {
      MonotonicTime next = coordinator_->next_deadline();
      if (!disk_.empty()) next = std::min(next, disk_.front().done_at);
      if (next > until) break;
      set_time(std::max(next, now_.monotonic));
      if (!disk_.empty() && disk_.front().done_at <= now_.monotonic) finish_append();
      if (coordinator_->next_deadline() <= now_.monotonic) take(coordinator_->on_time(now_));
    }
    set_time(until);
  }

  void take(Effects effects) {
    for (Effects::Append& append : effects.appends) {
      // In order: a later append is never done before an earlier one.
      MonotonicTime done = now_.monotonic + milliseconds(pick(static_cast<int>(kDiskDelayMax.count())));
      if (!disk_.empty()) done = std::max(done, disk_.back().done_at);
      disk_.push_back({std::move(append), done});
    }
    for (Effects::Reply& reply : effects.replies) on_reply(std::move(reply));
  }

  std::mt19937_64 random_;
  Settings settings_;
  Now now_{MonotonicTime(std::chrono::seconds(1)), from_unix_milliseconds(1'750'000'000'000)};
  std::unique_ptr<GroupCoordinator> coordinator_;
  bool disk_fails_ = false;
  bool calm_ = false;
  Ticket last_ticket_ = 0;

  [[nodiscard]] bool disk_is_idle() const { return disk_.empty(); }

 private:
  struct Pending {
    Effects::Append append;
    MonotonicTime done_at;
  };

  void keep(Effects::Append& append) {
    for (OffsetsRecord& record : append.records) log_.push_back(std::move(record));
  }
  void set_time(MonotonicTime to) {
    now_.wall += std::chrono::ceil<milliseconds>(to - now_.monotonic);
    now_.monotonic = to;
  }
  void finish_append() {
    Pending done = std::move(disk_.front());
    disk_.pop_front();
    const bool failed = disk_fails_ && pick(2) == 0;
    const AppendId id = done.append.id;
    if (!failed) keep(done.append);
    take(coordinator_->on_appended(id, failed ? Result<void>(fail(Code::Io, "no space")) : Result<void>(), now_));
  }

  std::deque<Pending> disk_;
  std::vector<OffsetsRecord> log_;
};

}  // namespace myelin::engine::groups
