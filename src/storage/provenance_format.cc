#include "storage/provenance_format.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "base/check.h"
#include "base/crc32c.h"

namespace myelin::storage::provenance {
namespace {

constexpr std::string_view kMagic = "MYLNPROV";
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kHeaderCrcAt = 32;
constexpr std::uint32_t kCoalescedFlag = 1;
constexpr std::string_view kSuffix = ".journal";
constexpr std::size_t kDigits = 20;

enum class Kind : std::uint8_t {
  Attribution = 1,
  Append = 2,
  Run = 3,
  State = 4,
  Quarantine = 5,
  Removed = 6,
  StatesEnd = 7,
  CleanStop = 8,
  OlderSynced = 9,
};

// Writes fields one after another into a buffer that is large enough.
class FieldWriter {
 public:
  explicit FieldWriter(std::byte* to) : at_(to) {}
  template <typename Integer>
  void put(Integer value) {
    store_big_endian(at_, value);
    at_ += sizeof value;
  }
  void put(const Uuid& id) { at_ = std::ranges::copy(id.bytes, at_).out; }

 private:
  std::byte* at_;
};

class FieldReader {
 public:
  explicit FieldReader(ByteSpan from) : from_(from) {}
  template <typename Integer>
  Integer take() {
    if (from_.size() < sizeof(Integer)) return fail<Integer>();
    const auto value = load_big_endian<Integer>(from_.data());
    from_ = from_.subspan(sizeof(Integer));
    return value;
  }
  Uuid take_uuid() {
    Uuid id;
    if (from_.size() < id.bytes.size()) return fail<Uuid>();
    std::copy_n(from_.begin(), id.bytes.size(), id.bytes.begin());
    from_ = from_.subspan(id.bytes.size());
    return id;
  }
  std::string take_string() {
    const auto size = take<std::uint16_t>();
    if (from_.size() < size) return fail<std::string>();
    std::string text(as_text(from_.first(size)));
    from_ = from_.subspan(size);
    return text;
  }
  // The fields can't be what a writer put down.
  void refuse() { has_failed_ = true; }
  // Whether all fields were there and nothing is left.
  bool is_exact() const { return !has_failed_ && from_.empty(); }

 private:
  template <typename T>
  T fail() {
    has_failed_ = true;
    from_ = {};
    return T{};
  }
  ByteSpan from_;
  bool has_failed_ = false;
};

// Collects a body of varying size.
class BodyBuilder {
 public:
  explicit BodyBuilder(Kind kind) { body_.push_back(static_cast<std::byte>(kind)); }
  template <typename Integer>
  BodyBuilder& put(Integer value) {
    std::array<std::byte, sizeof value> bytes;
    store_big_endian(bytes.data(), value);
    body_.insert(body_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  BodyBuilder& put(const Uuid& id) {
    body_.insert(body_.end(), id.bytes.begin(), id.bytes.end());
    return *this;
  }
  BodyBuilder& put_byte(bool value) {
    body_.push_back(static_cast<std::byte>(value ? 1 : 0));
    return *this;
  }
  BodyBuilder& put(std::string_view text) {
    text = text.substr(0, kStringSizeMax);
    put(static_cast<std::uint16_t>(text.size()));
    const auto bytes = as_bytes(text);
    body_.insert(body_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  const ByteBuffer& bytes() const { return body_; }

 private:
  ByteBuffer body_;
};

BodyBuilder body_of(const AttributionFrame& frame) {
  const auto& who = frame.attribution;
  BodyBuilder body(Kind::Attribution);
  body.put(frame.id).put(std::string_view(who.principal.text())).put(std::string_view(who.client_id));
  body.put(std::string_view(who.library)).put(std::string_view(who.library_version));
  return body;
}

BodyBuilder body_of(const AppendFrame& frame) {
  BodyBuilder body(Kind::Run);
  body.put(frame.sequence).put(frame.topic_id).put(frame.partition).put(frame.leader_epoch).put(frame.base_offset);
  body.put(frame.count).put(frame.log_bytes).put(frame.attribution).put(frame.time_ms).put(frame.synced_offset);
  body.put(frame.last_sequence).put(frame.last_time_ms);
  return body;
}

BodyBuilder body_of(const StateFrame& frame) {
  BodyBuilder body(Kind::State);
  body.put(frame.topic_id).put(frame.partition).put(frame.leader_epoch);
  body.put(frame.leader_epoch_start).put(frame.log_start_offset);
  body.put(frame.synced_offset).put(frame.covered_end).put(frame.segment_base).put(frame.segment_bytes);
  return body;
}

BodyBuilder body_of(const QuarantineFrame& frame) {
  BodyBuilder body(Kind::Quarantine);
  body.put(frame.topic_id).put(frame.partition).put(frame.first_offset).put(frame.next_offset);
  body.put(frame.segment_base).put(frame.position).put(frame.end_position).put_byte(frame.skipped);
  return body;
}

BodyBuilder body_of(const RemovedFrame& frame) {
  BodyBuilder body(Kind::Removed);
  body.put(frame.topic_id).put(frame.partition).put(frame.log_end_offset).put(frame.time_ms);
  return body;
}

BodyBuilder body_of(const StatesEndFrame&) { return BodyBuilder(Kind::StatesEnd); }

BodyBuilder body_of(const OlderSyncedFrame&) { return BodyBuilder(Kind::OlderSynced); }

BodyBuilder body_of(const CleanStopFrame& frame) {
  BodyBuilder body(Kind::CleanStop);
  body.put(frame.time_ms);
  return body;
}

AppendFrame take_append(FieldReader& from, bool is_run) {
  AppendFrame frame;
  frame.sequence = frame.last_sequence = from.take<std::uint64_t>();
  frame.topic_id = from.take_uuid();
  frame.partition = from.take<std::int32_t>();
  frame.leader_epoch = from.take<std::int32_t>();
  frame.base_offset = from.take<std::int64_t>();
  frame.count = is_run ? from.take<std::uint64_t>() : from.take<std::uint32_t>();
  frame.log_bytes = is_run ? from.take<std::uint64_t>() : from.take<std::uint32_t>();
  frame.attribution = from.take<std::uint32_t>();
  frame.time_ms = frame.last_time_ms = from.take<std::int64_t>();
  frame.synced_offset = from.take<std::int64_t>();
  if (is_run) {
    frame.last_sequence = from.take<std::uint64_t>();
    frame.last_time_ms = from.take<std::int64_t>();
  }
  // Where no log can end, sums would overflow.
  if (frame.base_offset < 0 || frame.count > static_cast<std::uint64_t>(INT64_MAX - frame.base_offset) ||
      frame.log_bytes > INT64_MAX) {
    from.refuse();
  }
  return frame;
}

AttributionFrame take_attribution(FieldReader& from) {
  AttributionFrame frame;
  frame.id = from.take<std::uint32_t>();
  frame.attribution.principal = PrincipalName(from.take_string());
  frame.attribution.client_id = from.take_string();
  frame.attribution.library = from.take_string();
  frame.attribution.library_version = from.take_string();
  return frame;
}

StateFrame take_state(FieldReader& from) {
  StateFrame frame;
  frame.topic_id = from.take_uuid();
  frame.partition = from.take<std::int32_t>();
  frame.leader_epoch = from.take<std::int32_t>();
  frame.leader_epoch_start = from.take<std::int64_t>();
  frame.log_start_offset = from.take<std::int64_t>();
  frame.synced_offset = from.take<std::int64_t>();
  frame.covered_end = from.take<std::int64_t>();
  frame.segment_base = from.take<std::int64_t>();
  frame.segment_bytes = from.take<std::uint64_t>();
  return frame;
}

QuarantineFrame take_quarantine(FieldReader& from) {
  QuarantineFrame frame;
  frame.topic_id = from.take_uuid();
  frame.partition = from.take<std::int32_t>();
  frame.first_offset = from.take<std::int64_t>();
  frame.next_offset = from.take<std::int64_t>();
  frame.segment_base = from.take<std::int64_t>();
  frame.position = from.take<std::uint64_t>();
  frame.end_position = from.take<std::uint64_t>();
  frame.skipped = from.take<std::uint8_t>() != 0;
  return frame;
}

RemovedFrame take_removed(FieldReader& from) {
  RemovedFrame frame;
  frame.topic_id = from.take_uuid();
  frame.partition = from.take<std::int32_t>();
  frame.log_end_offset = from.take<std::int64_t>();
  frame.time_ms = from.take<std::int64_t>();
  return frame;
}

// nullopt when the body is not what its kind says.
std::optional<DecodedFrame> decode_body(ByteSpan body) {
  FieldReader from(body.subspan(1));
  const auto done = [&](Frame frame) -> std::optional<DecodedFrame> {
    if (!from.is_exact()) return std::nullopt;
    return DecodedFrame{std::move(frame)};
  };
  switch (static_cast<Kind>(body.front())) {
    case Kind::Attribution:
      return done(take_attribution(from));
    case Kind::Append:
      return done(take_append(from, false));
    case Kind::Run:
      return done(take_append(from, true));
    case Kind::State:
      return done(take_state(from));
    case Kind::Quarantine:
      return done(take_quarantine(from));
    case Kind::Removed:
      return done(take_removed(from));
    case Kind::StatesEnd:
      return done(StatesEndFrame{});
    case Kind::CleanStop:
      return done(CleanStopFrame{from.take<std::int64_t>()});
    case Kind::OlderSynced:
      return done(OlderSyncedFrame{});
  }
  return DecodedFrame{};
}

}  // namespace

ByteBuffer encode(const FileHeader& header) {
  ByteBuffer bytes(kFileHeaderSize);
  std::ranges::copy(as_bytes(kMagic), bytes.begin());
  FieldWriter to(bytes.data() + kMagic.size());
  to.put(kVersion);
  to.put(static_cast<std::uint16_t>(kFileHeaderSize));
  to.put(header.is_coalesced ? kCoalescedFlag : std::uint32_t{0});
  to.put(header.first_sequence);
  to.put(header.created_ms);
  to.put(crc32c(ByteSpan(bytes).first(kHeaderCrcAt)));
  return bytes;
}

std::optional<FileHeader> decode_header(ByteSpan bytes) {
  if (bytes.size() < kFileHeaderSize || as_text(bytes.first(kMagic.size())) != kMagic) return std::nullopt;
  if (load_big_endian<std::uint32_t>(bytes.data() + kHeaderCrcAt) != crc32c(bytes.first(kHeaderCrcAt))) {
    return std::nullopt;
  }
  if (load_big_endian<std::uint16_t>(bytes.data() + 8) != kVersion) return std::nullopt;
  return FileHeader{load_big_endian<std::uint64_t>(bytes.data() + 16), load_big_endian<std::int64_t>(bytes.data() + 24),
                    (load_big_endian<std::uint32_t>(bytes.data() + 12) & kCoalescedFlag) != 0};
}

void encode_append(std::byte* to, const AppendFrame& frame) {
  CHECK(frame.count <= UINT32_MAX && frame.log_bytes <= UINT32_MAX && frame.sequence == frame.last_sequence);
  auto* const body = to + kFrameOverhead;
  *body = static_cast<std::byte>(Kind::Append);
  FieldWriter fields(body + 1);
  fields.put(frame.sequence);
  fields.put(frame.topic_id);
  fields.put(frame.partition);
  fields.put(frame.leader_epoch);
  fields.put(frame.base_offset);
  fields.put(static_cast<std::uint32_t>(frame.count));
  fields.put(static_cast<std::uint32_t>(frame.log_bytes));
  fields.put(frame.attribution);
  fields.put(frame.time_ms);
  fields.put(frame.synced_offset);
  constexpr auto kBodySize = kAppendFrameSize - kFrameOverhead;
  store_big_endian(to, static_cast<std::uint32_t>(kBodySize));
  store_big_endian(to + 4, crc32c({body, kBodySize}));
}

void encode_to(ByteBuffer& to, const Frame& frame) {
  const auto at = to.size();
  const auto* append = std::get_if<AppendFrame>(&frame);
  if (append != nullptr && append->sequence == append->last_sequence && append->count <= UINT32_MAX &&
      append->log_bytes <= UINT32_MAX) {
    to.resize(at + kAppendFrameSize);
    encode_append(to.data() + at, *append);
    return;
  }
  const auto body = std::visit([](const auto& kind) { return body_of(kind); }, frame);
  to.resize(at + kFrameOverhead);
  store_big_endian(to.data() + at, static_cast<std::uint32_t>(body.bytes().size()));
  store_big_endian(to.data() + at + 4, crc32c(body.bytes()));
  to.insert(to.end(), body.bytes().begin(), body.bytes().end());
}

std::optional<std::size_t> frame_size(ByteSpan head) {
  if (head.size() < kFrameOverhead) return std::nullopt;
  const auto length = load_big_endian<std::uint32_t>(head.data());
  if (length == 0 || length > kFrameBodyMax) return std::nullopt;
  return kFrameOverhead + length;
}

std::optional<DecodedFrame> decode_frame(ByteSpan whole) {
  const auto body = whole.subspan(kFrameOverhead);
  if (crc32c(body) != load_big_endian<std::uint32_t>(whole.data() + 4)) return std::nullopt;
  return decode_body(body);
}

std::string file_name(std::uint64_t first_sequence) { return fmt::format("{:020}{}", first_sequence, kSuffix); }

std::optional<std::uint64_t> parse_file_name(std::string_view name) {
  if (name.size() != kDigits + kSuffix.size() || !name.ends_with(kSuffix)) return std::nullopt;
  std::uint64_t sequence = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kDigits, sequence);
  if (error != std::errc{} || end != name.data() + kDigits) return std::nullopt;
  return sequence;
}

}  // namespace myelin::storage::provenance
