#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "engine/broker/apis.h"
#include "engine/broker/fetch_read.h"

namespace myelin::engine::broker {
namespace {

// A long poll without an end would keep its connection's request for ever.
constexpr std::int32_t kWaitMillisecondsMax = 5 * 60 * 1000;
constexpr std::int16_t kNodeEndpointsVersion = 16;
using RunAfter = decltype(Call::run_after);

// Polls without records end in common: answering them one by one, and taking the next ones, costs a thread's wake-up
// each. One lasts a quarter longer than asked at most, and never more than 16 ms.
MonotonicTime end_of_wait(MonotonicTime now, std::chrono::milliseconds wait) {
  using std::chrono::milliseconds;
  const auto step = std::clamp(wait / 4, milliseconds(1), milliseconds(16)).count();
  const auto asked = std::chrono::ceil<milliseconds>(now + wait).time_since_epoch().count();
  return MonotonicTime(milliseconds((asked + step - 1) / step * step));
}

// A fetch that waits for records. Whoever moves a high watermark or, for committed records, a last
// stable offset, or the timer, pokes it; pokes that come while one is
// being handled are handled by the same thread afterwards. None of these threads waits for the disk: what only the disk
// can tell is read by a job, which handles the pokes from then on. The timer owns it, and so does such a job; watches
// only know it.
class FetchWait : public std::enable_shared_from_this<FetchWait> {
 public:
  FetchWait(Core& core, FetchRead read, Reply reply)
      : core_(core), read_(std::move(read)), reply_(std::move(reply)), watches_(read_.partitions().size()) {}
  // Reached without a reply only when the broker closes or the reader has gone: then it gets what there is.
  ~FetchWait() {
    if (done_) return;
    leave_watches();
    reply_(read_.take_outcome());
  }

  void begin(std::chrono::milliseconds wait, const RunAfter& run_after) {
    const auto now = core_.clock.monotonic();
    const auto end = end_of_wait(now, wait);
    pokes_ = 1;  // pokes queue up until every watch is set
    auto expire = [self = shared_from_this()] {
      self->expired_ = true;
      self->poke();
    };
    if (run_after) {
      run_after(std::chrono::floor<std::chrono::milliseconds>(end - now), std::move(expire));
    } else {
      timer_ = core_.control.schedule(end, std::move(expire));
    }
    for (std::size_t index = 0; index < watches_.size(); ++index) watch(index);
    if (pokes_.fetch_sub(1) != 1) handle_pokes();
  }

 private:
  struct Watch {
    std::atomic<bool> moved{false};  // and so used up
    storage::PartitionLog::Watch id = 0;
  };

  void poke() {
    if (pokes_.fetch_add(1) == 0) handle_pokes();
  }

  void handle_pokes() {
    std::uint32_t seen = 0;
    do {
      seen = pokes_.load();
      if (done_) continue;
      for (std::size_t index = 0; index < watches_.size(); ++index) {
        if (watches_[index].moved.load()) read_.read_again(index);
      }
      if (read_.needs_disk()) {
        core_.disk_jobs.submit([self = shared_from_this()] { self->read_from_disk(); });
        return;  // pokes queue up until the job has read
      }
      answer_or_watch();
    } while (pokes_.fetch_sub(seen) != seen);
  }

  void read_from_disk() {
    read_.read_all(storage::DiskWait::Allowed);
    answer_or_watch();
    if (pokes_.fetch_sub(1) != 1) handle_pokes();
  }

  void answer_or_watch() {
    if (expired_ || read_.is_enough()) {
      finish();
      return;
    }
    for (std::size_t index = 0; index < watches_.size(); ++index) {
      if (watches_[index].moved.exchange(false)) watch(index);
    }
  }

  void watch(std::size_t index) {
    const auto& partition = read_.partitions()[index];
    auto moved = [weak = weak_from_this(), index] {
      const auto self = weak.lock();
      if (!self) return;
      self->watches_[index].moved.store(true);
      self->poke();
    };
    const auto& result = partition.result;
    watches_[index].id = read_.isolation() == storage::Isolation::ReadCommitted
                             ? partition.log->watch_last_stable_offset(result.last_stable_offset, std::move(moved))
                             : partition.log->watch_high_watermark(result.high_watermark, std::move(moved));
  }

  void leave_watches() {
    for (std::size_t index = 0; index < watches_.size(); ++index) {
      if (!watches_[index].moved.load()) read_.partitions()[index].log->unwatch(watches_[index].id);
    }
  }

  void finish() {
    done_ = true;
    if (timer_) core_.control.cancel(*timer_);
    leave_watches();
    reply_(read_.take_outcome());
  }

  Core& core_;
  FetchRead read_;
  Reply reply_;
  std::vector<Watch> watches_;
  std::optional<ControlLoop::Timer> timer_;  // where the caller keeps no time
  std::atomic<std::uint32_t> pokes_{0};
  std::atomic<bool> expired_{false};
  bool done_ = false;  // touched only by the thread that handles pokes
};

void answer_now_or_wait(Core& core, FetchRead read, std::chrono::milliseconds wait, const RunAfter& run_after,
                        Reply reply) {
  if (wait.count() == 0 || read.is_enough()) {
    reply(read.take_outcome());
    return;
  }
  std::make_shared<FetchWait>(core, std::move(read), std::move(reply))->begin(wait, run_after);
}

}  // namespace

void answer(Core& core, Call call, kafka::FetchRequest request, Reply reply) {
  const auto wait = std::chrono::milliseconds(std::clamp(request.max_wait_ms, 0, kWaitMillisecondsMax));
  std::optional<LeaderAddress> leader;
  if (call.version >= kNodeEndpointsVersion) {
    leader = {core.options.broker_id, std::move(call.advertised_host), call.advertised_port};
  }
  FetchRead read(core.catalogue->snapshot(), std::move(request), std::move(leader));
  read.read_all(storage::DiskWait::Refused);
  if (!read.needs_disk()) {
    answer_now_or_wait(core, std::move(read), wait, call.run_after, std::move(reply));
    return;
  }
  core.disk_jobs.submit(
      [&core, read = std::move(read), wait, run_after = std::move(call.run_after), reply = std::move(reply)]() mutable {
        read.read_all(storage::DiskWait::Allowed);
        answer_now_or_wait(core, std::move(read), wait, run_after, std::move(reply));
      });
}

}  // namespace myelin::engine::broker
