#pragma once
// Records that the broker itself writes to and reads from its internal topics: one partition each, level synced.
#include <functional>
#include <optional>
#include <span>

#include "base/attribution.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "engine/broker/topic_config.h"
#include "storage/partition_log.h"

namespace myelin::engine::broker {

// Who the provenance journal names for them. No client can sign in as this.
inline const PrincipalName kBrokerItself{"(myelin)"};

[[nodiscard]] ConfigOverrides compacted_internal_topic();
[[nodiscard]] ConfigOverrides append_only_internal_topic();

struct RecordView {
  ByteSpan key;
  std::optional<ByteSpan> value;
  WallTime time;
};

// Appends the records, at least one, as one batch; `durable` is called once, on any thread.
void append_records(storage::PartitionLog& log, std::span<const RecordView> records, WallTime now,
                    std::move_only_function<void(Result<void>)> durable);

// Every record from the log start to the high watermark. An error of `sink` ends it. Damage is an error that names the
// offset.
using RecordSink = std::function<Result<void>(const RecordView&)>;
[[nodiscard]] Result<void> replay_records(const storage::PartitionLog& log, const RecordSink& sink);

}  // namespace myelin::engine::broker
