#include "engine/broker/catalogue_codec.h"

#include <utility>

#include "base/check.h"
#include "base/crc32c.h"

namespace myelin::engine::broker {
namespace {

// The number of each entry is its place in the variant plus one, and never changes.
class FrameWriter {
 public:
  template <typename Integer>
  void integer(Integer value) {
    std::byte bytes[sizeof value];
    if constexpr (sizeof value == 1) {
      bytes[0] = static_cast<std::byte>(value);
    } else {
      store_big_endian(bytes, value);
    }
    out_.insert(out_.end(), bytes, bytes + sizeof value);
  }
  void uuid(const Uuid& value) { out_.insert(out_.end(), value.bytes.begin(), value.bytes.end()); }
  void time(WallTime value) { integer(unix_milliseconds(value)); }
  void text(std::string_view value) {
    integer(static_cast<std::uint32_t>(value.size()));
    const ByteSpan bytes = as_bytes(value);
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }
  void configs(const ConfigOverrides& value) {
    integer(static_cast<std::uint32_t>(value.size()));
    for (const auto& [name, setting] : value) {
      text(name);
      text(setting);
    }
  }

  void entry(const ClusterNamed& value) { uuid(value.cluster_id); }
  void entry(const TopicCreated& value) {
    uuid(value.id);
    text(value.name.text());
    integer(value.partitions);
    time(value.time);
    configs(value.configs);
  }
  void entry(const TopicDeleted& value) {
    uuid(value.id);
    time(value.time);
  }
  void entry(const ProducerIdsReserved& value) { integer(value.next); }
  void entry(const TopicRemembered& value) {
    uuid(value.id);
    text(value.name.text());
    time(value.deleted);
  }

  void entry(const TopicChanged& value) {
    uuid(value.id);
    integer(value.partitions);
    configs(value.configs);
  }

  [[nodiscard]] ByteBuffer take() { return std::move(out_); }

 private:
  ByteBuffer out_;
};

// Reads past the end give zeros and are remembered.
class FrameReader {
 public:
  explicit FrameReader(ByteSpan from) : from_(from) {}

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return from_.empty(); }

  template <typename Integer>
  Integer integer() {
    const ByteSpan bytes = take(sizeof(Integer));
    if (bytes.empty()) return 0;
    if constexpr (sizeof(Integer) == 1)
      return static_cast<Integer>(bytes[0]);
    else
      return load_big_endian<Integer>(bytes.data());
  }
  Uuid uuid() {
    Uuid value;
    const ByteSpan bytes = take(value.bytes.size());
    if (!bytes.empty()) std::memcpy(value.bytes.data(), bytes.data(), bytes.size());
    return value;
  }
  WallTime time() { return from_unix_milliseconds(integer<std::int64_t>()); }
  std::string text() {
    const auto size = integer<std::uint32_t>();
    return std::string(as_text(take(size)));
  }
  ConfigOverrides configs() {
    ConfigOverrides value;
    for (auto left = integer<std::uint32_t>(); left > 0 && good_; --left) {
      auto name = text();
      value.emplace(std::move(name), text());
    }
    return value;
  }

  std::optional<CatalogueEntry> entry() {
    switch (integer<std::uint8_t>()) {
      case 1:
        return ClusterNamed{uuid()};
      case 2: {
        TopicCreated value;
        value.id = uuid();
        value.name = TopicName(text());
        value.partitions = integer<std::int32_t>();
        value.time = time();
        value.configs = configs();
        return value;
      }
      case 3: {
        TopicDeleted value;
        value.id = uuid();
        value.time = time();
        return value;
      }
      case 4:
        return ProducerIdsReserved{integer<std::int64_t>()};
      case 5: {
        TopicRemembered value;
        value.id = uuid();
        value.name = TopicName(text());
        value.deleted = time();
        return value;
      }
      case 6: {
        TopicChanged value;
        value.id = uuid();
        value.partitions = integer<std::int32_t>();
        value.configs = configs();
        return value;
      }
      default:
        return std::nullopt;
    }
  }

 private:
  ByteSpan take(std::size_t size) {
    if (size > from_.size()) {
      good_ = false;
      from_ = {};
      return {};
    }
    const ByteSpan taken = from_.first(size);
    from_ = from_.subspan(size);
    return taken;
  }

  ByteSpan from_;
  bool good_ = true;
};

}  // namespace

ByteBuffer encode_frame(const CatalogueFrame& frame) {
  FrameWriter body_writer;
  for (const auto& entry : frame) {
    body_writer.integer(static_cast<std::uint8_t>(entry.index() + 1));
    std::visit([&](const auto& value) { body_writer.entry(value); }, entry);
  }
  const ByteBuffer body = body_writer.take();
  CHECK(body.size() <= kFrameBodyMax);
  ByteBuffer out(kFrameHeaderSize);
  store_big_endian(out.data(), static_cast<std::uint32_t>(body.size()));
  store_big_endian(out.data() + 4, crc32c(body));
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

std::optional<DecodedFrame> decode_frame(ByteSpan bytes) {
  if (bytes.size() < kFrameHeaderSize) return std::nullopt;
  const auto length = load_big_endian<std::uint32_t>(bytes.data());
  if (length == 0 || length > kFrameBodyMax || length > bytes.size() - kFrameHeaderSize) return std::nullopt;
  const ByteSpan body = bytes.subspan(kFrameHeaderSize, length);
  if (crc32c(body) != load_big_endian<std::uint32_t>(bytes.data() + 4)) return std::nullopt;
  DecodedFrame decoded{.frame = {}, .size = kFrameHeaderSize + length};
  FrameReader reader(body);
  while (!reader.at_end()) {
    auto entry = reader.entry();
    if (!entry || !reader.good()) return std::nullopt;
    decoded.frame.push_back(*std::move(entry));
  }
  return decoded;
}

}  // namespace myelin::engine::broker
