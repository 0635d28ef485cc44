#pragma once
// A group changes its protocol: to the newer one when the first member that speaks it joins, and back when the last one
// is gone. Members keep their ids, epochs and partitions.
#include <expected>
#include <vector>

#include "engine/broker/groups/consumer_membership.h"
#include "engine/broker/groups/group.h"

namespace myelin::engine::groups {

// Of a classic group; who waits in it is to be answered by the caller. The records that make it last, or why it
// can't be done; then nothing has changed.
[[nodiscard]] std::expected<std::vector<OffsetsRecord>, Refusal> make_consumer_group(Group& group,
                                                                                     const Settings& settings,
                                                                                     const broker::TopicIndex& topics);
// Of a group all of whose members speak the classic protocol; they are stable, and are to be rebalanced.
[[nodiscard]] std::vector<OffsetsRecord> make_classic_group(Group& group, const broker::TopicIndex& topics, Now now);

}  // namespace myelin::engine::groups
