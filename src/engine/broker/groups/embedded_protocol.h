#pragma once
// What consumers of the classic protocol say to each other inside JoinGroup and SyncGroup, version 0 to 3: which topics
// they want and hold, and which partitions they get. Read only where a group has members of both protocols; everywhere
// else these bytes are the clients' own.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/bytes.h"

namespace myelin::engine::groups {

using NamedPartitions = std::map<std::string, std::set<std::int32_t>>;

struct Subscription {
  std::int16_t version = 0;
  std::set<std::string> topics;
  NamedPartitions owned;  // empty before version 1
  std::optional<std::string> rack_id;
};

// nullopt: not such a message.
[[nodiscard]] std::optional<Subscription> read_subscription(ByteSpan bytes);
[[nodiscard]] std::optional<NamedPartitions> read_assignment(ByteSpan bytes);
[[nodiscard]] SharedBytes write_assignment(std::int16_t version, const NamedPartitions& partitions);

}  // namespace myelin::engine::groups
