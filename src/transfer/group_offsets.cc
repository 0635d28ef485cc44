#include "transfer/group_offsets.h"

#include "kafka/record_batch.h"
#include "kafka/writer.h"

namespace myelin::transfer {
namespace {

constexpr std::int16_t kKeyVersion = 1;
constexpr std::int16_t kValueVersion = 3;
constexpr std::size_t kRecordsPerBatch = 500;

void add(const engine::groups::OffsetKey& place, const engine::groups::CommittedOffset& offset,
         kafka::BatchBuilder& batch) {
  kafka::Writer key;
  key.int16(kKeyVersion);
  key.string(place.group.text(), false);
  key.string(place.topic.text(), false);
  key.int32(place.partition);
  kafka::Writer value;
  value.int16(kValueVersion);
  value.int64(offset.offset);
  value.int32(offset.leader_epoch);
  value.string(offset.metadata, false);
  value.int64(unix_milliseconds(offset.committed_at));
  const auto key_bytes = key.finish_flat();
  const auto value_bytes = value.finish_flat();
  batch.add(unix_milliseconds(offset.committed_at), as_text(key_bytes), as_text(value_bytes));
}

}  // namespace

ByteBuffer group_offsets_segment(const engine::broker::OfflineData::Commits& commits) {
  ByteBuffer segment;
  for (std::size_t first = 0; first < commits.size(); first += kRecordsPerBatch) {
    kafka::BatchBuilder batch;
    for (auto at = first; at < std::min(commits.size(), first + kRecordsPerBatch); ++at) {
      add(commits[at].first, commits[at].second, batch);
    }
    auto bytes = batch.finish();
    kafka::place_batch(bytes, static_cast<std::int64_t>(first), 0);
    segment.insert(segment.end(), bytes.begin(), bytes.end());
  }
  return segment;
}

}  // namespace myelin::transfer
