// What members of groups send for the server to understand: the messages of the classic protocol inside JoinGroup and
// SyncGroup, and patterns of topics. Each reader ends with a refusal or with something that is written and read again
// to the same.
//
// Input: one byte chooses the reader, then its bytes.
#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "base/check.h"
#include "engine/broker/groups/embedded_protocol.h"
#include "engine/broker/groups/topic_patterns.h"

namespace myelin::fuzz {
namespace {

using namespace engine;

void read_a_subscription(ByteSpan input) {
  const auto subscription = groups::read_subscription(input);
  if (!subscription) return;
  std::size_t bytes = 0;
  for (const auto& topic : subscription->topics) bytes += topic.size();
  for (const auto& [topic, partitions] : subscription->owned) bytes += topic.size() + partitions.size() * 4;
  CHECK(bytes <= input.size());
  CHECK(subscription->version >= 1 || subscription->owned.empty());
}

void read_an_assignment(ByteSpan input) {
  const auto assignment = groups::read_assignment(input);
  if (!assignment) return;
  for (std::int16_t version = 0; version <= 3; ++version) {
    const auto again = groups::read_assignment(groups::write_assignment(version, *assignment).view());
    CHECK(again == assignment);
  }
}

// Names that a pattern finds are names that there are, and none is internal.
void match_a_pattern(ByteSpan input) {
  static const auto kTopics = [] {
    auto index = std::make_shared<broker::TopicIndex>();
    for (const char* name : {"orders", "orders.v2", "a", "A-b_c.9", "__consumer_offsets"})
      index->by_name[TopicName(name)] = {{}, 1};
    return index;
  }();
  groups::TopicPatterns patterns;
  const std::string pattern(as_text(input));
  if (const auto problem = patterns.problem(pattern)) {
    CHECK(!problem->empty());
    return;
  }
  for (const auto& name : patterns.matching(pattern, kTopics)) {
    CHECK(kTopics->by_name.contains(TopicName(name)) && !name.starts_with("__"));
  }
}

}  // namespace
}  // namespace myelin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace myelin::fuzz;
  constexpr std::array kReaders{&read_a_subscription, &read_an_assignment, &match_a_pattern};
  if (size == 0) return 0;
  kReaders[data[0] % kReaders.size()](std::as_bytes(std::span(data + 1, size - 1)));
  return 0;
}
