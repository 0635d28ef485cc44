#include "engine/broker/internal_log_writer.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace myelin::engine::broker {

void InternalLogWriter::append(AppendId id, std::span<const RecordView> records,
                               const std::optional<TransactionalProducer>& producer) {
  appends_.push_back({id, std::nullopt});
  append_records(
      *log_, records, clock_.wall(),
      [this, id](Result<void> outcome) {
        loop_.dispatch([this, id, outcome = std::move(outcome)]() mutable { on_appended(id, std::move(outcome)); });
      },
      producer);
}

void InternalLogWriter::on_appended(AppendId id, Result<void> outcome) {
  const auto found = std::ranges::find(appends_, id, &Append::id);
  CHECK(found != appends_.end());
  found->outcome = std::move(outcome);
  while (!appends_.empty() && appends_.front().outcome) {
    const Append first = std::move(appends_.front());
    appends_.pop_front();
    report_(first.id, *first.outcome);
  }
}

void LoopAlarm::set(MonotonicTime when) {
  if (timer_ && when_ == when) return;
  when_ = when;
  if (timer_) loop_.cancel(*timer_);
  timer_ = loop_.schedule(when, [this] {
    timer_.reset();
    ring_();
  });
}

}  // namespace myelin::engine::broker
