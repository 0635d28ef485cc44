#pragma once
// How far each consumer group has come: the offsets it committed, by partition. Exact: rebuilt from the offsets topic.
// Consumed is counted from offset 0, so it equals the committed offset and needs no history to recompute.
#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace myelin::usage {

struct Consumed {
  GroupName group;
  TopicName topic;
  std::int32_t partition = 0;
  std::int64_t committed = 0;  // the next offset the group will read
  PrincipalName principal;     // who committed last; empty after a restart until the next commit
  WallTime last_seen;
};

// Pure and not thread-safe.
class Consumption {
 public:
  void commit(const Consumed& consumed);
  void forget_topic(const TopicName& topic);
  // Sorted by group, topic, partition.
  [[nodiscard]] std::vector<Consumed> rows() const;

 private:
  using Key = std::tuple<GroupName, TopicName, std::int32_t>;
  std::map<Key, Consumed> rows_;
};

}  // namespace myelin::usage
