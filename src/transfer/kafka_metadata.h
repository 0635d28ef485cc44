#pragma once
// Records of Kafka's metadata log (KRaft), as its own message definitions describe them (metadata/src/main/resources/
// common/metadata/*.json), and the file of them that a new node begins with: bootstrap.checkpoint.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/uuid.h"

namespace myelin::transfer {

// Every value below is one record's: frame version, kind, version, body.
[[nodiscard]] ByteBuffer feature_record(std::string_view feature, std::int16_t level);
[[nodiscard]] ByteBuffer topic_record(std::string_view topic, const Uuid& id);
struct PartitionPlace {
  Uuid topic_id;
  std::int32_t partition = 0;
  std::int32_t node = 0;  // the only replica, in sync and leader
  std::int32_t leader_epoch = 0;
  Uuid directory;  // of the node's log directories
};
[[nodiscard]] ByteBuffer partition_record(const PartitionPlace& place);
struct TopicSetting {
  std::string_view topic;
  std::string_view name;
  std::string_view value;
};
[[nodiscard]] ByteBuffer setting_record(const TopicSetting& setting);
// No id below `next` is given to a producer.
[[nodiscard]] ByteBuffer producer_ids_record(std::int32_t node, std::int64_t next);

// The file's bytes: a header, the records, a footer.
[[nodiscard]] ByteBuffer checkpoint_file(const std::vector<ByteBuffer>& records, std::int64_t now_ms);

}  // namespace myelin::transfer
