#pragma once
// Requests that only look: where groups are coordinated, what they have committed, which exist and who is in them.
#include <map>

#include "engine/broker/groups/group.h"
#include "engine/broker/groups/transactional_offsets.h"
#include "engine/engine.h"
#include "kafka/message/consumer_group_describe.h"
#include "kafka/message/describe_groups.h"
#include "kafka/message/find_coordinator.h"
#include "kafka/message/list_groups.h"
#include "kafka/message/offset_fetch.h"

namespace myelin::engine::groups {

using Groups = std::map<GroupName, Group>;

// This broker coordinates every group and every transaction.
[[nodiscard]] kafka::FindCoordinatorResponse find_coordinator(std::int32_t node_id, const Call& call,
                                                              const kafka::FindCoordinatorRequest& request);
// A partition of which a transaction holds an offset back is an error for whoever asks for stable ones.
[[nodiscard]] kafka::OffsetFetchResponse fetch_offsets(const Groups& groups, const TransactionalOffsets& transactional,
                                                       std::int16_t version, const kafka::OffsetFetchRequest& request);
[[nodiscard]] kafka::DescribeGroupsResponse describe_groups(const Groups& groups,
                                                            const kafka::DescribeGroupsRequest& request);
[[nodiscard]] kafka::ConsumerGroupDescribeResponse describe_consumer_groups(
    const Groups& groups, const broker::TopicIndex& topics, const kafka::ConsumerGroupDescribeRequest& request);
[[nodiscard]] kafka::ListGroupsResponse list_groups(const Groups& groups, const kafka::ListGroupsRequest& request);

}  // namespace myelin::engine::groups
