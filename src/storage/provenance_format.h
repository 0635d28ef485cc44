#pragma once
// The bytes of the provenance journal: docs/formats/provenance-journal.md. Pure.
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/attribution.h"
#include "base/bytes.h"
#include "base/uuid.h"

namespace myelin::storage::provenance {

inline constexpr std::size_t kFileHeaderSize = 36;
inline constexpr std::size_t kFrameOverhead = 8;  // length and CRC
inline constexpr std::size_t kStringSizeMax = 32767;
inline constexpr std::size_t kFrameBodyMax = 4 * (kStringSizeMax + 2) + 64;

struct FileHeader {
  std::uint64_t first_sequence = 0;
  std::int64_t created_ms = 0;
  bool is_coalesced = false;
};

struct AttributionFrame {
  std::uint32_t id = 0;
  Attribution attribution;
};
struct AppendFrame {
  std::uint64_t sequence = 0;
  std::uint64_t last_sequence = 0;  // differs from `sequence` for a run
  TopicId topic_id;
  std::int32_t partition = 0;
  std::int32_t leader_epoch = 0;
  std::int64_t base_offset = 0;
  std::uint64_t count = 0;
  std::uint64_t log_bytes = 0;
  std::uint32_t attribution = 0;
  std::int64_t time_ms = 0;
  std::int64_t last_time_ms = 0;
  std::int64_t synced_offset = 0;
  [[nodiscard]] std::int64_t next_offset() const { return base_offset + static_cast<std::int64_t>(count); }
};
struct StateFrame {
  TopicId topic_id;
  std::int32_t partition = 0;
  std::int32_t leader_epoch = 0;
  std::int64_t leader_epoch_start = 0;
  std::int64_t log_start_offset = 0;
  std::int64_t synced_offset = 0;
  std::int64_t covered_end = 0;
  std::int64_t segment_base = 0;
  std::uint64_t segment_bytes = 0;
};
struct QuarantineFrame {
  TopicId topic_id;
  std::int32_t partition = 0;
  std::int64_t first_offset = 0;
  std::int64_t next_offset = 0;
  std::int64_t segment_base = 0;
  std::uint64_t position = 0;
  std::uint64_t end_position = 0;
  bool skipped = false;
};
struct RemovedFrame {
  TopicId topic_id;
  std::int32_t partition = 0;
  std::int64_t log_end_offset = 0;
  std::int64_t time_ms = 0;
};
struct StatesEndFrame {};
struct CleanStopFrame {
  std::int64_t time_ms = 0;
};

// Every older file was on stable storage when it was written.
struct OlderSyncedFrame {};

using Frame = std::variant<AttributionFrame, AppendFrame, StateFrame, QuarantineFrame, RemovedFrame, StatesEndFrame,
                           CleanStopFrame, OlderSyncedFrame>;

[[nodiscard]] ByteBuffer encode(const FileHeader& header);
[[nodiscard]] std::optional<FileHeader> decode_header(ByteSpan bytes);

// Appends the frame, with length and CRC, to `to`. An append is written as kind 2 when it is a single entry.
void encode_to(ByteBuffer& to, const Frame& frame);

// An append frame of a single entry has a fixed size, so that the hot path needs no allocation.
inline constexpr std::size_t kAppendFrameSize = kFrameOverhead + 69;
void encode_append(std::byte* to, const AppendFrame& frame);

// The size of the frame that begins with these kFrameOverhead bytes; nullopt when none can.
[[nodiscard]] std::optional<std::size_t> frame_size(ByteSpan head);
struct DecodedFrame {
  std::optional<Frame> frame;  // nullopt for a kind of a later version
};
// `whole` is of that size. nullopt when its CRC does not hold, or its body is not what its kind says.
[[nodiscard]] std::optional<DecodedFrame> decode_frame(ByteSpan whole);

[[nodiscard]] std::string file_name(std::uint64_t first_sequence);
// nullopt when the name is not one of ours.
[[nodiscard]] std::optional<std::uint64_t> parse_file_name(std::string_view name);

}  // namespace myelin::storage::provenance
