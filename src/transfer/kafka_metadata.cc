#include "transfer/kafka_metadata.h"

#include <algorithm>

#include "kafka/record_batch.h"
#include "kafka/writer.h"

namespace myelin::transfer {
namespace {

constexpr std::uint32_t kFrameVersion = 1;
constexpr std::int8_t kTopicResource = 2;
constexpr std::int16_t kControlBit = 0x20;
constexpr std::int16_t kSnapshotHeader = 3;
constexpr std::int16_t kSnapshotFooter = 4;
constexpr std::int32_t kLeaderEpoch = 1;  // Kafka's own is of this epoch, too
constexpr std::size_t kRecordsPerBatch = 500;

enum class Kind : std::uint32_t { Topic = 2, Partition = 3, Config = 4, FeatureLevel = 12, ProducerIds = 15 };

// Begins a record, and ends it without tagged fields.
class Body {
 public:
  Body(Kind kind, std::uint32_t version) {
    out_.unsigned_varint(kFrameVersion);
    out_.unsigned_varint(static_cast<std::uint32_t>(kind));
    out_.unsigned_varint(version);
  }
  kafka::Writer* operator->() { return &out_; }
  void text(std::string_view value) { out_.string(value, true); }
  void nodes(std::initializer_list<std::int32_t> nodes) {
    out_.unsigned_varint(static_cast<std::uint32_t>(nodes.size()) + 1);
    for (const auto node : nodes) out_.int32(node);
  }
  ByteBuffer finish() {
    out_.unsigned_varint(0);
    return out_.finish_flat();
  }

 private:
  kafka::Writer out_;
};

// Batches of a checkpoint, with offsets that go on.
class CheckpointWriter {
 public:
  explicit CheckpointWriter(std::int64_t now_ms) : now_ms_(now_ms) {}

  void add_control(std::int16_t type, const ByteBuffer& value) {
    kafka::Writer key;
    key.int16(0);
    key.int16(type);
    kafka::BatchBuilder batch;
    const auto key_bytes = key.finish_flat();
    batch.add(now_ms_, as_text(key_bytes), as_text(value));
    batch.set_attribute_bits(kControlBit);
    append(batch);
  }
  void add_records(std::span<const ByteBuffer> records) {
    kafka::BatchBuilder batch;
    for (const auto& record : records) batch.add(now_ms_, std::nullopt, as_text(record));
    append(batch);
  }
  ByteBuffer finish() { return std::move(bytes_); }

 private:
  void append(const kafka::BatchBuilder& batch) {
    auto bytes = batch.finish();
    kafka::place_batch(bytes, next_offset_, kLeaderEpoch);
    next_offset_ += static_cast<std::int64_t>(batch.count());
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }

  std::int64_t now_ms_;
  std::int64_t next_offset_ = 0;
  ByteBuffer bytes_;
};

}  // namespace

ByteBuffer feature_record(std::string_view feature, std::int16_t level) {
  Body body(Kind::FeatureLevel, 0);
  body.text(feature);
  body->int16(level);
  return body.finish();
}

ByteBuffer topic_record(std::string_view topic, const Uuid& id) {
  Body body(Kind::Topic, 0);
  body.text(topic);
  body->uuid(id);
  return body.finish();
}

ByteBuffer partition_record(const PartitionPlace& place) {
  Body body(Kind::Partition, 1);
  body->int32(place.partition);
  body->uuid(place.topic_id);
  body.nodes({place.node});  // replicas
  body.nodes({place.node});  // in sync
  body.nodes({});            // being removed
  body.nodes({});            // being added
  body->int32(place.node);
  body->int32(place.leader_epoch);
  body->int32(0);  // the partition's own epoch
  body->unsigned_varint(2);
  body->uuid(place.directory);
  return body.finish();
}

ByteBuffer setting_record(const TopicSetting& setting) {
  Body body(Kind::Config, 0);
  body->int8(kTopicResource);
  body.text(setting.topic);
  body.text(setting.name);
  body.text(setting.value);
  return body.finish();
}

ByteBuffer producer_ids_record(std::int32_t node, std::int64_t next) {
  Body body(Kind::ProducerIds, 0);
  body->int32(node);
  body->int64(-1);  // epoch of a broker that has not registered
  body->int64(next);
  return body.finish();
}

ByteBuffer checkpoint_file(const std::vector<ByteBuffer>& records, std::int64_t now_ms) {
  CheckpointWriter file(now_ms);
  kafka::Writer header;
  header.int16(0);
  header.int64(0);  // nothing was in a log before
  header.unsigned_varint(0);
  file.add_control(kSnapshotHeader, header.finish_flat());
  const std::span all(records);
  for (std::size_t first = 0; first < all.size(); first += kRecordsPerBatch) {
    file.add_records(all.subspan(first, std::min(kRecordsPerBatch, all.size() - first)));
  }
  kafka::Writer footer;
  footer.int16(0);
  footer.unsigned_varint(0);
  file.add_control(kSnapshotFooter, footer.finish_flat());
  return file.finish();
}

}  // namespace myelin::transfer
