// What is asked of a cluster as a whole: its APIs, its coordinator, producer ids, committed offsets, and that it is
// gone.
#include <algorithm>
#include <utility>

#include "engine/conformance/fixture.h"
#include "engine/served_ranges.h"
#include "kafka/error_code.h"

namespace myelin::engine {
namespace {

using kafka::code_of;
using kafka::ErrorCode;

TEST_P(Conformance, ServesItsRangesInTheOrderOfTheirKeys) {
  const auto ranges = engine_->served();
  EXPECT_EQ(ranges.size(), served_ranges().size());
  EXPECT_TRUE(std::ranges::is_sorted(ranges, {}, &ApiRange::key));
}

TEST_P(Conformance, NamesItselfAsCoordinatorAndCluster) {
  kafka::FindCoordinatorRequest request;
  request.coordinator_keys.emplace_back("readers");
  const auto found = ask<kafka::FindCoordinatorResponse>(request, 4);
  EXPECT_EQ(found.coordinators[0].host, "here");
  const auto cluster = ask<kafka::DescribeClusterResponse>(kafka::DescribeClusterRequest{}, 0);
  EXPECT_EQ(cluster.brokers[0].host, "here");
  EXPECT_FALSE(cluster.cluster_id.empty());
}

TEST_P(Conformance, GivesEachProducerAnIdOfItsOwn) {
  kafka::InitProducerIdRequest request;
  request.transactional_id.reset();
  const auto first = ask<kafka::InitProducerIdResponse>(request, 4);
  const auto second = ask<kafka::InitProducerIdResponse>(request, 4);
  EXPECT_EQ(first.error_code, 0);
  EXPECT_EQ(first.producer_epoch, 0);
  EXPECT_NE(first.producer_id, second.producer_id);
}

TEST_P(Conformance, GivesATransactionalIdItsProducerWithTheNextEpoch) {
  kafka::InitProducerIdRequest request;
  request.transactional_id = "payments";
  request.transaction_timeout_ms = 60'000;
  const auto first = ask<kafka::InitProducerIdResponse>(request, 4);
  const auto second = ask<kafka::InitProducerIdResponse>(request, 4);
  EXPECT_EQ(first.error_code, 0);
  EXPECT_EQ(second.producer_id, first.producer_id);
  EXPECT_EQ(second.producer_epoch, first.producer_epoch + 1);
}

TEST_P(Conformance, CommitsOffsetsTellsTheAdvanceAndGivesThemBack) {
  create("orders");
  const auto commit = [&](std::int64_t offset) {
    kafka::OffsetCommitRequest request;
    request.group_id = "readers";
    auto& topic = request.topics.emplace_back();
    topic.name = "orders";
    topic.partitions.emplace_back().committed_offset = offset;
    return finish(begin(std::move(request), 8));
  };
  static_cast<void>(commit(3));
  const auto second = commit(5);
  ASSERT_EQ(second.committed.size(), 1U);
  EXPECT_EQ(second.committed[0].previous, 3);
  EXPECT_EQ(second.committed[0].committed, 5);
  kafka::OffsetFetchRequest request;
  auto& group = request.groups.emplace_back();
  group.group_id = "readers";
  auto& topic = group.topics->emplace_back();
  topic.name = "orders";
  topic.partition_indexes = {0};
  const auto response = ask<kafka::OffsetFetchResponse>(request, 8);
  EXPECT_EQ(response.groups[0].topics[0].partitions[0].committed_offset, 5);
}

TEST_P(Conformance, TellsHowMuchOfTheDiskEachPartitionTakes) {
  create("orders", 2);
  create("other");
  const auto batch = records(3, now()).finish();
  const auto size = static_cast<std::int64_t>(batch.size());
  ASSERT_EQ(code_of_produce("orders", batch), 0);
  kafka::DescribeLogDirsRequest request;
  auto& asked = request.topics->emplace_back();
  asked.topic = "orders";
  asked.partitions = {0, 1, 7};
  request.topics->emplace_back().topic = "absent";
  const auto told = ask<kafka::DescribeLogDirsResponse>(request, 4);
  EXPECT_EQ(told.error_code, 0);
  ASSERT_EQ(told.results.size(), 1U);
  const auto& disk = told.results[0];
  EXPECT_TRUE(disk.log_dir.ends_with("/log")) << disk.log_dir;
  EXPECT_GE(disk.total_bytes, disk.usable_bytes);
  EXPECT_GT(disk.usable_bytes, 0);
  ASSERT_EQ(disk.topics.size(), 1U);
  ASSERT_EQ(disk.topics[0].partitions.size(), 2U);
  EXPECT_EQ(disk.topics[0].partitions[0].partition_size, size);
  EXPECT_EQ(disk.topics[0].partitions[1].partition_size, 0);
  request.topics.reset();
  const auto all = ask<kafka::DescribeLogDirsResponse>(request, 4);
  std::vector<std::string> names;
  for (const auto& topic : all.results[0].topics) names.push_back(topic.name);
  EXPECT_EQ(names, (std::vector<std::string>{"__consumer_offsets", "__transaction_state", "orders", "other"}));
}

TEST_P(Conformance, HasEveryLeaderWhereItShouldBe) {
  create("orders");
  kafka::ElectLeadersRequest request;
  auto& asked = request.topic_partitions->emplace_back();
  asked.topic = "orders";
  asked.partitions = {0, 1};
  const auto codes = [&] {
    std::vector<ErrorCode> found;
    for (const auto& topic : ask<kafka::ElectLeadersResponse>(request, 2).replica_election_results) {
      for (const auto& partition : topic.partition_result) found.push_back(ErrorCode{partition.error_code});
    }
    return found;
  };
  EXPECT_EQ(codes(), (std::vector{ErrorCode::ElectionNotNeeded, ErrorCode::UnknownTopicOrPartition}));
  request.election_type = 7;
  EXPECT_EQ(codes(), (std::vector{ErrorCode::InvalidRequest, ErrorCode::InvalidRequest}));
  request.election_type = 1;
  request.topic_partitions.reset();
  EXPECT_TRUE(codes().empty());
}

TEST_P(Conformance, MovesNoReplicaBecauseThereIsNowhereToMoveItTo) {
  create("orders", 5);
  kafka::AlterPartitionReassignmentsRequest request;
  auto& asked = request.topics.emplace_back();
  asked.name = "orders";
  const std::vector<std::optional<std::vector<std::int32_t>>> replicas = {
      std::vector{1}, std::nullopt, std::vector{1, 2}, std::vector{1, 1}, std::vector<std::int32_t>{}};
  for (std::int32_t index = 0; index < 5; ++index) {
    auto& partition = asked.partitions.emplace_back();
    partition.partition_index = index;
    partition.replicas = replicas[static_cast<std::size_t>(index)];
  }
  asked.partitions.emplace_back().partition_index = 5;
  const auto answer = ask<kafka::AlterPartitionReassignmentsResponse>(request, 0);
  std::vector<ErrorCode> codes;
  for (const auto& partition : answer.responses[0].partitions) codes.push_back(ErrorCode{partition.error_code});
  EXPECT_EQ(codes, (std::vector{ErrorCode::None, ErrorCode::NoReassignmentInProgress,
                                ErrorCode::InvalidReplicaAssignment, ErrorCode::InvalidReplicaAssignment,
                                ErrorCode::InvalidReplicaAssignment, ErrorCode::UnknownTopicOrPartition}));
  const auto listed = ask<kafka::ListPartitionReassignmentsResponse>(kafka::ListPartitionReassignmentsRequest{}, 0);
  EXPECT_TRUE(listed.topics.empty());
}

TEST_P(Conformance, AnswersRetriableErrorsWhenTheClusterIsGone) {
  if (GetParam() == Which::Broker) return;
  create("orders");
  server_.reset();
  EXPECT_EQ(code_of_produce("orders", records(1, now()).finish()), code_of(ErrorCode::NotLeaderOrFollower));
  EXPECT_EQ(ask<kafka::MetadataResponse>(metadata_of("orders"), 12).topics[0].error_code,
            code_of(ErrorCode::LeaderNotAvailable));
}

}  // namespace
}  // namespace myelin::engine
