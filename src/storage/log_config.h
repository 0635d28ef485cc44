#pragma once
// The settings of a topic that decide how its partitions are kept. Names and defaults are Kafka's, except
// `durability` (myelin.durability). Parsing text into this struct is the broker's work.
#include <chrono>
#include <cstdint>
#include <memory>

#include "base/attribution.h"

namespace myelin::storage {

// What an acknowledgement promises.
enum class Durability : std::uint8_t {
  Synced,    // answered and visible only after fdatasync of log and journal
  Interval,  // answered after the page-cache write; fdatasync within 100 ms or 1 MiB
  Os,        // answered after the page-cache write; the kernel decides the rest
};

enum class TimestampType : std::uint8_t { CreateTime, LogAppendTime };

struct CleanupPolicy {
  bool remove = true;    // delete old segments by time and size
  bool compact = false;  // keep the latest record per key
};

inline constexpr std::int64_t kUnlimited = -1;

struct LogConfig {
  Durability durability = Durability::Synced;
  std::int32_t segment_bytes = 1 << 30;  // at least kSegmentBytesMin
  std::chrono::milliseconds segment_age{std::chrono::hours(24 * 7)};
  std::int64_t retention_ms = std::int64_t{7} * 24 * 3600 * 1000;  // or kUnlimited
  std::int64_t retention_bytes = kUnlimited;                       // per partition
  std::int32_t index_interval_bytes = 4096;
  std::int32_t message_bytes_max = 1'048'588;  // of one batch as it lies in the log
  TimestampType timestamp_type = TimestampType::CreateTime;
  std::int64_t timestamp_before_ms_max = INT64_MAX;
  std::int64_t timestamp_after_ms_max = 3'600'000;
  CleanupPolicy cleanup;
  std::int64_t tombstone_retention_ms = std::int64_t{24} * 3600 * 1000;  // delete.retention.ms
  std::int64_t flush_messages = INT64_MAX;  // records between syncs, at most; 1 makes every level behave as Synced
  std::int64_t flush_ms = INT64_MAX;        // age of an unsynced record, at most

  bool uses_disk_reserve = false;  // internal topics are written even when free space is low
  // Who alone ever appends. Then an entry that the journal lost is known all the same, and no append waits for the
  // journal's sync. Null: whoever may.
  std::shared_ptr<const Attribution> sole_writer;

  // What appends really get: flush.messages = 1 promises as much as Synced does.
  [[nodiscard]] Durability effective_durability() const {
    return flush_messages <= 1 ? Durability::Synced : durability;
  }
};

}  // namespace myelin::storage
