#include "transfer/partition_copy.h"

#include <algorithm>
#include <map>

#include "engine/broker/internal_records.h"
#include "kafka/record_batch.h"
#include "transfer/record_digest.h"

namespace myelin::transfer {
namespace {

constexpr std::size_t kPartitionsPerFetch = 64;

// Whose the records are: who wrote them the other cluster does not say.
const std::shared_ptr<const Attribution>& importer() {
  static const auto kImporter =
      std::make_shared<const Attribution>(Attribution{PrincipalName("(imported)"), {}, {}, {}});
  return kImporter;
}

}  // namespace

Result<void> PartitionCopier::copy(const std::vector<CopyJob>& jobs) {
  std::map<std::int32_t, std::vector<Cursor>> by_leader;
  for (const auto& job : jobs) {
    auto cursor = begin(job);
    if (!cursor) return pass(cursor);
    progress_.offsets_total += std::max<std::int64_t>(job.source().end - cursor->next, 0);
    if (!cursor->is_done()) by_leader[job.source().leader].push_back(*cursor);
  }
  for (auto& [leader, cursors] : by_leader) {
    if (auto copied = copy_from(leader, std::move(cursors)); !copied) return copied;
  }
  for (const auto& job : jobs) {
    if (auto finished = finish(job); !finished) return finished;
  }
  return {};
}

Result<PartitionCopier::Cursor> PartitionCopier::begin(const CopyJob& job) {
  const auto here = job.log->log_end_offset();
  const auto& source = job.source();
  if (here > source.end) {
    return fail(Code::Invalid,
                "{}: {} records are here, and only {} at the source: it lost some, or the topic was made anew; import "
                "into a new directory",
                job.label(), here, source.end);
  }
  return Cursor{.job = &job, .next = std::max(here, source.start)};
}

// A log that nothing is in yet begins where the source's does.
Result<void> PartitionCopier::begin_at(const CopyJob& job, std::int64_t offset) {
  if (offset == 0 || job.log->log_end_offset() > 0) return {};
  if (auto filled = fill(job, offset); !filled) return filled;
  if (auto rolled = job.log->roll(); !rolled) return rolled;
  auto started = job.log->delete_records_before(offset);
  return started ? Result<void>() : pass(started);
}

Result<void> PartitionCopier::copy_from(std::int32_t leader, std::vector<Cursor> cursors) {
  while (!cursors.empty()) {
    const auto count = std::min(cursors.size(), kPartitionsPerFetch);
    auto came = fetch_once(leader, cursors, count);
    if (!came) return pass(came);
    if (*came) {
      // Those that were not asked this time come first the next.
      std::ranges::rotate(cursors, cursors.begin() + static_cast<std::ptrdiff_t>(count));
    } else {
      // Asked alone, a partition that has anything answers with it: what is missing at its end was compacted away.
      auto alone = fetch_once(leader, cursors, 1);
      if (!alone) return pass(alone);
      if (!*alone && cursors.front().was_cut) {
        return fail(Code::TooLarge, "{}: the batch at offset {} is larger than what the source sends at a time",
                    cursors.front().job->label(), cursors.front().next);
      }
      if (!*alone) cursors.front().next = cursors.front().job->source().end;
    }
    std::erase_if(cursors, [](const Cursor& cursor) { return cursor.is_done(); });
  }
  return {};
}

Result<bool> PartitionCopier::fetch_once(std::int32_t leader, std::vector<Cursor>& cursors, std::size_t count) {
  std::vector<SourceCluster::FetchFrom> from;
  for (const auto& cursor : std::span(cursors).first(count)) {
    from.push_back({cursor.job->topic, cursor.job->partition, cursor.next});
  }
  std::ranges::sort(from, {},
                    [](const auto& one) { return std::pair(std::string_view(one.topic->name), one.partition); });
  auto fetched = source_.fetch(leader, from);
  if (!fetched) return pass(fetched);
  bool came = false;
  for (const auto& part : *fetched) {
    const auto cursor = std::ranges::find_if(cursors, [&](const Cursor& one) {
      return one.job->partition == part.partition && one.job->topic->name == part.topic;
    });
    if (cursor == cursors.end()) continue;
    auto taken = take(*cursor, part.batches);
    if (!taken) return pass(taken);
    came = came || *taken;
  }
  if (auto waited = wait(); !waited) return pass(waited);
  watch_(progress_);
  return came;
}

Result<bool> PartitionCopier::take(Cursor& cursor, const SharedBytes& fetched) {
  const auto& job = *cursor.job;
  const auto batches = whole_batches(fetched.view());
  if (!batches) return fail(batches.error().code, "{}: {}", job.label(), batches.error().message);
  cursor.was_cut = batches->empty() && fetched.size() > 0;
  bool came = false;
  for (const auto batch : *batches) {
    const auto header = *kafka::parse_batch_header(batch);
    if (header.next_offset() <= cursor.next) continue;
    if (header.base_offset >= job.source().end) break;
    if (auto begun = begin_at(job, std::min(header.base_offset, job.source().start)); !begun) return pass(begun);
    const auto is_marker = header.is_control();
    const auto at = static_cast<std::size_t>(batch.data() - fetched.view().data());
    job.log->copy({.batch = fetched.slice(at, batch.size()),
                   .attribution = is_marker ? engine::broker::broker_itself() : importer(),
                   .filler = engine::broker::broker_itself()},
                  done());
    // Or what follows would be taken for the next thing there is.
    if (auto taken = so_far(); !taken) return pass(taken);
    progress_.offsets += header.next_offset() - cursor.next;
    progress_.bytes += batch.size();
    cursor.next = header.next_offset();
    came = true;
  }
  return came;
}

// The offsets at both ends are those of the source, also where it has no records.
Result<void> PartitionCopier::finish(const CopyJob& job) {
  const auto& source = job.source();
  if (auto begun = begin_at(job, source.start); !begun) return begun;
  if (auto filled = fill(job, source.end); !filled) return filled;
  if (job.log->log_start_offset() >= source.start) return {};
  auto started = job.log->delete_records_before(source.start);
  return started ? Result<void>() : pass(started);
}

Result<void> PartitionCopier::fill(const CopyJob& job, std::int64_t offset) {
  job.log->fill_to(offset, engine::broker::broker_itself(), done());
  return wait();
}

// To be called for each append, which waits with the others.
storage::AppendDone PartitionCopier::done() {
  {
    const std::scoped_lock lock(pending_->mutex);
    ++pending_->count;
  }
  return [pending = pending_](const storage::AppendOutcome& outcome) {
    const std::scoped_lock lock(pending->mutex);
    --pending->count;
    if (!outcome && !pending->failure) pending->failure = Error{Code::Io, outcome.error().message};
    pending->settled.notify_all();
  };
}

Result<void> PartitionCopier::wait() {
  std::unique_lock lock(pending_->mutex);
  pending_->settled.wait(lock, [this] { return pending_->count == 0; });
  lock.unlock();
  return so_far();
}

// A refusal is known when copy() returns.
Result<void> PartitionCopier::so_far() {
  const std::scoped_lock lock(pending_->mutex);
  if (pending_->failure) return std::unexpected(*pending_->failure);
  return {};
}

}  // namespace myelin::transfer
