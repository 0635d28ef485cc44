#include "transfer/comparison.h"

#include <algorithm>
#include <array>
#include <functional>

#include "kafka/record_batch.h"
#include "transfer/record_digest.h"

namespace myelin::transfer {
namespace {

constexpr std::uint32_t kReadBytes = 4U << 20;

// Hands out the records of a log one by one; `read` brings the batches from an offset on, none at the end.
class Records {
 public:
  using Read = std::function<Result<SharedBytes>(std::int64_t offset)>;
  Records(OffsetRange range, Read read) : range_(range), next_(range.first), read_(std::move(read)) {}

  // Null at the end.
  Result<const RecordDigest*> peek() {
    while (at_ == records_.size() && next_ < range_.end) {
      if (auto filled = fill(); !filled) return pass(filled);
    }
    return at_ == records_.size() ? nullptr : &records_[at_];
  }
  void pop() { ++at_; }

 private:
  Result<void> fill() {
    records_.clear();
    at_ = 0;
    const auto bytes = read_(next_);
    if (!bytes) return std::unexpected(bytes.error());
    const auto batches = whole_batches(bytes->view());
    if (!batches) return std::unexpected(batches.error());
    if (batches->empty() && bytes->size() > 0) return fail(Code::TooLarge, "the batch at offset {} came cut", next_);
    const auto from = next_;
    for (const auto batch : *batches) {
      const auto header = *kafka::parse_batch_header(batch);
      if (header.next_offset() <= next_) continue;
      if (auto added = add_digests(batch, {next_, range_.end}, records_); !added) return added;
      next_ = header.next_offset();
    }
    if (next_ == from) next_ = range_.end;
    return {};
  }

  OffsetRange range_;
  std::int64_t next_;
  Read read_;
  std::vector<RecordDigest> records_;
  std::size_t at_ = 0;
};

bool is_compacted(const SourceTopic& topic) {
  return std::ranges::any_of(std::array{&topic.configs, &topic.broker_configs}, [](const auto* configs) {
    const auto policy = configs->find("cleanup.policy");
    return policy != configs->end() && policy->second.find("compact") != std::string::npos;
  });
}

Result<SharedBytes> read_here(const storage::PartitionLog& log, std::int64_t offset) {
  const auto read = log.read({.offset = offset, .bytes_max = kReadBytes});
  if (!read) return fail(Code::Io, "{}", read.error().message);
  return storage::read_bytes(read->records);
}

Result<SharedBytes> read_there(SourceCluster& source, const CopyJob& job, std::int64_t offset) {
  auto fetched = source.fetch(job.source().leader, {{job.topic, job.partition, offset}});
  if (!fetched) return pass(fetched);
  if (fetched->size() != 1) return fail(Code::Corrupt, "{}: an answer about other partitions", job.label());
  return std::move(fetched->front().batches);
}

}  // namespace

Result<ComparedPartition> compare(SourceCluster& source, const CopyJob& job) {
  const OffsetRange range{job.source().start, job.source().end};
  ComparedPartition compared{job.topic->name, job.partition, range.first, range.end, 0, kDigestSeed, 0, {}};
  if (job.log->log_start_offset() != range.first || job.log->log_end_offset() != range.end) {
    compared.difference =
        fmt::format("offsets {} to {} are here", job.log->log_start_offset(), job.log->log_end_offset());
    return compared;
  }
  Records here(range, [&](std::int64_t offset) { return read_here(*job.log, offset); });
  Records there(range, [&](std::int64_t offset) { return read_there(source, job, offset); });
  while (true) {
    const auto ours = here.peek();
    if (!ours) return fail(ours.error().code, "{} here: {}", job.label(), ours.error().message);
    const auto theirs = there.peek();
    if (!theirs) return fail(theirs.error().code, "{} at the source: {}", job.label(), theirs.error().message);
    if (*ours == nullptr && *theirs == nullptr) return compared;
    const bool is_ours_only = *theirs == nullptr || (*ours != nullptr && (*ours)->offset < (*theirs)->offset);
    if (is_ours_only && is_compacted(*job.topic)) {
      ++compared.gone_since;
      here.pop();
      continue;
    }
    if (is_ours_only || *ours == nullptr || (*ours)->offset != (*theirs)->offset) {
      const auto offset = is_ours_only ? (*ours)->offset : (*theirs)->offset;
      compared.difference =
          fmt::format("the record at offset {} is {} only", offset, is_ours_only ? "here" : "at the source");
      return compared;
    }
    if ((*ours)->digest != (*theirs)->digest) {
      compared.difference = fmt::format("the record at offset {} differs", (*ours)->offset);
      return compared;
    }
    ++compared.records;
    compared.digest = digest_of((*ours)->offset, compared.digest);
    compared.digest = digest_of(static_cast<std::int64_t>((*ours)->digest), compared.digest);
    here.pop();
    there.pop();
  }
}

}  // namespace myelin::transfer
