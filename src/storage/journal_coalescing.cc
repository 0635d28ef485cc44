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

// Joins entries of a partition that follow one another. A run lies where its last entry lies, so that what was said
// last of a writer still is.
class Runs {
 public:
  struct Taken {
    AppendFrame run;                          // so far
    std::optional<std::size_t> instead_of{};  // the entry that it takes in
  };
  Taken take(const AppendFrame& append, std::size_t entry) {
    const auto [last, is_first] = runs_.try_emplace({append.topic_id, append.partition}, Run{append, entry});
    if (is_first) return {append};
    auto& run = last->second;
    const auto before = std::exchange(run.last_entry, entry);
    if (!continues(run.frame, append)) {
      run.frame = append;
      return {append};
    }
    run.frame = joined(run.frame, append);
    return {run.frame, before};
  }

 private:
  struct Run {
    AppendFrame frame;
    std::size_t last_entry;
  };
  std::map<JournalKey, Run> runs_;
};

bool is_settled(const CoalescingRequest& request, const AppendFrame& append) {
  return append.next_offset() <= request.settled_before({append.topic_id, append.partition});
}

constexpr std::size_t kPartBytes = std::size_t{256} << 10;

}  // namespace

Result<std::optional<CoalescedFile>> CoalescedFile::of(CoalescingRequest request) {
  CoalescedFile file(std::move(request));
  file.says_append_ = file.request_.counts;
  Runs runs;
  std::map<JournalKey, std::size_t> states;  // the last one of a partition is the only one that says anything
  std::size_t entry = 0;
  bool is_behind_states = false;
  const auto visit = [&](const Frame& frame) {
    is_behind_states = is_behind_states || std::holds_alternative<StatesEndFrame>(frame);
    if (const auto* append = std::get_if<AppendFrame>(&frame); append != nullptr && entry < file.says_append_.size()) {
      const auto number = entry++;
      if (!file.says_append_[number] || !is_settled(file.request_, *append)) return;
      if (const auto taken = runs.take(*append, number); taken.instead_of) file.says_append_[*taken.instead_of] = false;
    }
    if (const auto* state = std::get_if<StateFrame>(&frame); state != nullptr && is_behind_states) {
      const auto [known, is_first] = states.try_emplace({state->topic_id, state->partition}, file.says_state_.size());
      if (!is_first) file.says_state_[std::exchange(known->second, file.says_state_.size())] = false;
      file.says_state_.push_back(true);
    }
  };
  const auto end = file.request_.file.read_frames(visit);
  if (!end) return std::unexpected(end.error());
  if (!end->is_whole()) return std::nullopt;
  if (entry != file.says_append_.size()) return changed_while_read(file.request_.file);
  return file;
}

Result<void> CoalescedFile::write(const WritePart& write) const {
  auto header = request_.file.header();
  CHECK(header.has_value());
  header->is_coalesced = true;
  auto part = provenance::encode(*header);
  Result<void> outcome;
  Runs runs;
  std::size_t entry = 0;
  std::size_t state = 0;
  bool is_behind_states = false;
  const auto visit = [&](const Frame& frame) {
    is_behind_states = is_behind_states || std::holds_alternative<StatesEndFrame>(frame);
    if (const auto* append = std::get_if<AppendFrame>(&frame)) {
      const auto number = entry++;
      if (number >= request_.counts.size() || !request_.counts[number]) return;
      const auto run = is_settled(request_, *append) ? runs.take(*append, number).run : *append;
      if (says_append_[number]) provenance::encode_to(part, run);
    } else if (std::holds_alternative<StateFrame>(frame) && is_behind_states) {
      const auto number = state++;
      if (number < says_state_.size() && says_state_[number]) provenance::encode_to(part, frame);
    } else {
      provenance::encode_to(part, frame);
    }
    if (part.size() < kPartBytes) return;
    if (outcome) outcome = write(part);
    part.clear();
  };
  auto end = request_.file.read_frames(visit);
  if (!end) return pass(end);
  if (entry != says_append_.size() || state != says_state_.size()) return changed_while_read(request_.file);
  if (outcome && !part.empty()) outcome = write(part);
  return outcome;
}

Result<std::optional<std::map<JournalKey, std::int64_t>>> synced_at_begin_of(const JournalFile& file) {
  std::map<JournalKey, std::int64_t> synced;
  bool has_ended = false;
  const auto end = file.read_frames([&](const Frame& frame) {
    has_ended = has_ended || std::holds_alternative<StatesEndFrame>(frame);
    const auto* state = std::get_if<StateFrame>(&frame);
    if (state != nullptr && !has_ended) synced[{state->topic_id, state->partition}] = state->synced_offset;
  });
  if (!end) return std::unexpected(end.error());
  if (!has_ended || end->damaged_bytes > 0) return std::nullopt;
  return synced;
}

}  // namespace myelin::storage
