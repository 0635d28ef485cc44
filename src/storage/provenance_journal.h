#pragma once
// Who appended what: an append-only journal next to the log, written before it, keyed by topic id, kept for 400 days
// whatever happens to the topic. It also carries what recovery must know and Kafka's files do not say: up to where each
// partition is known to be on stable storage. Format: docs/formats/provenance-journal.md.
//
// Threads: any. One journal serves all partitions of a data directory.
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/attribution.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/uuid.h"

namespace myelin::storage {

struct ProvenanceEntry {
  std::uint64_t sequence = 0;
  TopicId topic_id;
  std::int32_t partition = 0;
  std::int32_t leader_epoch = 0;
  std::int64_t base_offset = 0;
  std::int64_t count = 0;
  std::int64_t log_bytes = 0;
  WallTime time;
  [[nodiscard]] std::int64_t next_offset() const { return base_offset + count; }
};

using ProvenanceSink = std::function<void(const Attribution&, const ProvenanceEntry&)>;

// A stretch of a partition's log that no entry covers, or that two cover.
struct CoverageFault {
  TopicId topic_id;
  std::int32_t partition = 0;
  std::int64_t first_offset = 0;
  std::int64_t next_offset = 0;
  enum class Kind : std::uint8_t { Gap, Overlap } kind = Kind::Gap;
};

struct JournalSize {
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;
  std::uint64_t next_sequence = 0;
};

}  // namespace myelin::storage
