#include "storage/journal_coalescing.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "storage/provenance_format.h"

namespace myelin::storage {
namespace {

using provenance::AppendFrame;
using provenance::Frame;
using provenance::StateFrame;
using provenance::StatesEndFrame;

constexpr std::int64_t kHourMs = 3'600'000;

std::int64_t hour_of(std::int64_t time_ms) { return time_ms / kHourMs - (time_ms % kHourMs < 0 ? 1 : 0); }

bool continues(const AppendFrame& run, const AppendFrame& next) {
  return run.attribution == next.attribution && run.leader_epoch == next.leader_epoch &&
         run.next_offset() == next.base_offset && hour_of(run.time_ms) == hour_of(next.time_ms) &&
         hour_of(run.time_ms) == hour_of(next.last_time_ms) && next.log_bytes <= INT64_MAX - run.log_bytes;
}

AppendFrame joined(const AppendFrame& run, const AppendFrame& next) {
  auto both = run;
  both.count += next.count;
  both.log_bytes += next.log_bytes;
  both.last_sequence = std::max(run.last_sequence, next.last_sequence);
  both.time_ms = std::min(run.time_ms, next.time_ms);
  both.last_time_ms = std::max(run.last_time_ms, next.last_time_ms);
  both.synced_offset = std::max(run.synced_offset, next.synced_offset);
  return both;
}

// Gathers the frames of the new file. A run lies where its last entry lay, so that what was said last of a writer still
// is.
class Coalescer {
 public:
  explicit Coalescer(const CoalescingRequest& request) : request_(request) {}

  void take(const Frame& frame) {
    if (const auto* append = std::get_if<AppendFrame>(&frame)) return take_append(*append);
    if (const auto* state = std::get_if<StateFrame>(&frame)) return take_state(*state);
    has_states_end_ = has_states_end_ || std::holds_alternative<StatesEndFrame>(frame);
    frames_.emplace_back(frame);
  }

  [[nodiscard]] ByteBuffer bytes(const provenance::FileHeader& header) const {
    auto bytes = provenance::encode(header);
    for (const auto& frame : frames_) {
      if (frame) provenance::encode_to(bytes, *frame);
    }
    return bytes;
  }

 private:
  void take_append(const AppendFrame& append) {
    CHECK(entry_ < request_.counts.size());
    if (!request_.counts[entry_++]) return;
    const JournalKey key{append.topic_id, append.partition};
    auto last = append;
    if (append.next_offset() <= request_.settled_before(key)) {
      const auto [run, is_first] = runs_.try_emplace(key, frames_.size());
      if (!is_first) {
        auto& before = frames_[std::exchange(run->second, frames_.size())];
        if (const auto& begun = std::get<AppendFrame>(*before); continues(begun, append)) {
          last = joined(begun, append);
          before.reset();
        }
      }
    }
    frames_.emplace_back(last);
  }

  // Behind the block that begins the file only the last state of a partition says anything.
  void take_state(const StateFrame& state) {
    if (has_states_end_) {
      const auto [known, is_first] = states_.try_emplace({state.topic_id, state.partition}, frames_.size());
      if (!is_first) frames_[std::exchange(known->second, frames_.size())].reset();
    }
    frames_.emplace_back(state);
  }

  const CoalescingRequest& request_;
  std::vector<std::optional<Frame>> frames_;  // without those that a later one took in
  std::map<JournalKey, std::size_t> runs_;    // where the run lies that may go on
  std::map<JournalKey, std::size_t> states_;  // where the last state lies
  std::size_t entry_ = 0;
  bool has_states_end_ = false;
};

}  // namespace

std::optional<ByteBuffer> coalesce(const CoalescingRequest& request) {
  auto header = provenance::decode_header(request.file);
  CHECK(header.has_value());
  header->is_coalesced = true;
  Coalescer coalescer(request);
  const auto end = provenance::read_frames(request.file, [&](const Frame& frame) { coalescer.take(frame); });
  if (!end.is_whole()) return std::nullopt;
  return coalescer.bytes(*header);
}

std::optional<std::map<JournalKey, std::int64_t>> synced_at_begin_of(ByteSpan file) {
  if (!provenance::decode_header(file)) return std::nullopt;
  std::map<JournalKey, std::int64_t> synced;
  bool has_ended = false;
  const auto end = provenance::read_frames(file, [&](const Frame& frame) {
    has_ended = has_ended || std::holds_alternative<StatesEndFrame>(frame);
    const auto* state = std::get_if<StateFrame>(&frame);
    if (state != nullptr && !has_ended) synced[{state->topic_id, state->partition}] = state->synced_offset;
  });
  if (!has_ended || end.damaged_bytes > 0) return std::nullopt;
  return synced;
}

}  // namespace myelin::storage
