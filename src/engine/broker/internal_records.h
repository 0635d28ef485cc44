#pragma once
// Records that the broker itself writes to and reads from its internal topics: one partition each, level synced.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "base/attribution.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "engine/broker/coordination.h"
#include "engine/broker/topic_config.h"
#include "storage/partition_log.h"

namespace myelin::engine::broker {

// Who the provenance journal names for them. No client can sign in as this.
inline const PrincipalName kBrokerItself{"(myelin)"};
[[nodiscard]] const std::shared_ptr<const Attribution>& broker_itself();

[[nodiscard]] ConfigOverrides compacted_internal_topic();
[[nodiscard]] ConfigOverrides append_only_internal_topic();

struct RecordView {
  ByteSpan key;
  std::optional<ByteSpan> value;
  WallTime time;
  std::optional<std::int64_t> transaction_of = {};  // replayed: the producer in whose transaction it stands
};

// Appends the records, at least one, as one batch; `durable` is called once, on any thread.
void append_records(storage::PartitionLog& log, std::span<const RecordView> records, WallTime now,
                    std::move_only_function<void(Result<void>)> durable,
                    const std::optional<TransactionalProducer>& producer = std::nullopt);

// Every record from the log start to the high watermark. An error of a sink ends it. Damage is an error that names the
// offset.
using RecordSink = std::function<Result<void>(const RecordView&)>;
// The end of a producer's transaction.
using MarkerSink = std::function<void(std::int64_t producer_id, bool commits)>;
[[nodiscard]] Result<void> replay_records(const storage::PartitionLog& log, const RecordSink& sink,
                                          const MarkerSink& marker_sink = {});

}  // namespace myelin::engine::broker
