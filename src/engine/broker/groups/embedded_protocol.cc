#include "engine/broker/groups/embedded_protocol.h"

#include "engine/broker/record_codec.h"

namespace myelin::engine::groups {
namespace {

using broker::RecordReader;
using broker::RecordWriter;

constexpr std::int16_t kFirstVersionWithOwned = 1;
constexpr std::int16_t kFirstVersionWithGeneration = 2;
constexpr std::int16_t kFirstVersionWithRack = 3;

NamedPartitions read_partitions(RecordReader& in) {
  NamedPartitions partitions;
  for (std::int64_t topics = in.count(false); topics > 0 && !in.broken(); --topics) {
    auto& of_topic = partitions[in.text(false)];
    for (std::int64_t left = in.count(false); left > 0 && !in.broken(); --left)
      of_topic.insert(in.integer<std::int32_t>());
  }
  return partitions;
}

void skip_nullable_bytes(RecordReader& in) {
  const auto size = in.integer<std::int32_t>();
  if (size > 0) (void)in.raw(static_cast<std::size_t>(size));
}

}  // namespace

std::optional<Subscription> read_subscription(ByteSpan bytes) {
  RecordReader in(bytes);
  Subscription subscription;
  subscription.version = in.integer<std::int16_t>();
  for (std::int64_t left = in.count(false); left > 0 && !in.broken(); --left)
    subscription.topics.insert(in.text(false));
  skip_nullable_bytes(in);
  if (subscription.version >= kFirstVersionWithOwned) subscription.owned = read_partitions(in);
  if (subscription.version >= kFirstVersionWithGeneration) (void)in.integer<std::int32_t>();
  if (subscription.version >= kFirstVersionWithRack) subscription.rack_id = in.nullable_text(false);
  if (in.broken() || subscription.version < 0) return std::nullopt;
  return subscription;
}

std::optional<NamedPartitions> read_assignment(ByteSpan bytes) {
  RecordReader in(bytes);
  const auto version = in.integer<std::int16_t>();
  auto partitions = read_partitions(in);
  if (in.broken() || version < 0) return std::nullopt;
  return partitions;
}

SharedBytes write_assignment(std::int16_t version, const NamedPartitions& partitions) {
  RecordWriter out;
  out.integer(version);
  out.integer(static_cast<std::int32_t>(partitions.size()));
  for (const auto& [topic, numbers] : partitions) {
    out.text(topic);
    out.integer(static_cast<std::int32_t>(numbers.size()));
    for (const std::int32_t number : numbers) out.integer(number);
  }
  out.integer(std::int32_t{-1});  // no user data
  const ByteBuffer bytes = out.take();
  return SharedBytes::copy_of(bytes);
}

}  // namespace myelin::engine::groups
