#pragma once
// Group offsets as a log of `__consumer_offsets` that every Kafka 4 reads: key version 1, value version 3 (Kafka's own
// message definitions OffsetCommitKey.json and OffsetCommitValue.json).
#include <vector>

#include "base/bytes.h"
#include "engine/broker/offline_data.h"

namespace myelin::transfer {

// The bytes of one segment that begins with offset 0; empty when there are no commits.
[[nodiscard]] ByteBuffer group_offsets_segment(const engine::broker::OfflineData::Commits& commits);

}  // namespace myelin::transfer
