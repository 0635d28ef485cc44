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

TEST_P(Conformance, GivesEachProducerAnIdOfItsOwnAndNoneToTransactions) {
  kafka::InitProducerIdRequest request;
  request.transactional_id.reset();
  const auto first = ask<kafka::InitProducerIdResponse>(request, 4);
  const auto second = ask<kafka::InitProducerIdResponse>(request, 4);
  EXPECT_EQ(first.error_code, 0);
  EXPECT_EQ(first.producer_epoch, 0);
  EXPECT_NE(first.producer_id, second.producer_id);
  request.transactional_id = "payments";
  EXPECT_NE(ask<kafka::InitProducerIdResponse>(request, 4).error_code, 0);
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
