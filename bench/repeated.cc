#include "bench/repeated.h"

#include "kafka/message/fetch.h"
#include "kafka/message/heartbeat.h"
#include "kafka/message/list_offsets.h"
#include "kafka/message/metadata.h"
#include "kafka/message/offset_commit.h"

namespace myelin::bench {
namespace {

constexpr std::int16_t kMetadataVersion = 5;
constexpr std::int16_t kFetchVersion = 11;
constexpr std::int16_t kCommitVersion = 7;
constexpr std::int16_t kHeartbeatVersion = 3;
constexpr std::int16_t kListVersion = 1;

void expect(std::int16_t error, const char* what) {
  if (error != 0) die("{}: error {}", what, error);
}

Repeated metadata(const Wanted& wanted) {
  kafka::MetadataRequest request;
  request.topics->emplace_back().name = wanted.topic;
  return {kafka::ApiKey::Metadata, kMetadataVersion, encode_frame(kafka::ApiKey::Metadata, kMetadataVersion, request),
          [](SharedBytes body, std::int16_t version) {
            expect(decode_answer<kafka::MetadataResponse>(std::move(body), version).topics.at(0).error_code,
                   "Metadata");
          }};
}

std::int64_t end_of(Connection& connection, const Wanted& wanted) {
  kafka::ListOffsetsRequest request;
  request.replica_id = -1;
  auto& topic = request.topics.emplace_back();
  topic.name = wanted.topic;
  auto& partition = topic.partitions.emplace_back();
  partition.partition_index = wanted.partition;
  partition.timestamp = -1;
  const auto answer = ask<kafka::ListOffsetsResponse>(connection, kafka::ApiKey::ListOffsets, kListVersion, request);
  const auto& found = answer.topics.at(0).partitions.at(0);
  expect(found.error_code, "ListOffsets");
  return found.offset;
}

Repeated poll(Connection& connection, const Wanted& wanted) {
  kafka::FetchRequest request;
  request.max_wait_ms = static_cast<std::int32_t>(wanted.wait_ms);
  request.min_bytes = 1;
  auto& topic = request.topics.emplace_back();
  topic.topic = wanted.topic;
  auto& partition = topic.partitions.emplace_back();
  partition.partition = wanted.partition;
  partition.fetch_offset = end_of(connection, wanted);
  partition.partition_max_bytes = 1 << 20;
  return {kafka::ApiKey::Fetch, kFetchVersion, encode_frame(kafka::ApiKey::Fetch, kFetchVersion, request),
          [](SharedBytes body, std::int16_t version) {
            const auto answer = decode_answer<kafka::FetchResponse>(std::move(body), version);
            expect(answer.error_code, "Fetch");
            for (const auto& of_topic : answer.responses) {
              for (const auto& slot : of_topic.partitions) {
                expect(slot.error_code, "Fetch");
                if (slot.records && payload_size(*slot.records) > 0) die("a poll that should be empty found records");
              }
            }
          }};
}

Repeated commit(const Member& member, const Wanted& wanted) {
  kafka::OffsetCommitRequest request;
  request.group_id = member.group;
  request.generation_id_or_member_epoch = member.generation;
  request.member_id = member.id;
  auto& topic = request.topics.emplace_back();
  topic.name = wanted.topic;
  auto& partition = topic.partitions.emplace_back();
  partition.partition_index = wanted.partition;
  partition.committed_offset = 1;
  return {kafka::ApiKey::OffsetCommit, kCommitVersion,
          encode_frame(kafka::ApiKey::OffsetCommit, kCommitVersion, request),
          [](SharedBytes body, std::int16_t version) {
            const auto answer = decode_answer<kafka::OffsetCommitResponse>(std::move(body), version);
            expect(answer.topics.at(0).partitions.at(0).error_code, "OffsetCommit");
          }};
}

Repeated heartbeat(const Member& member) {
  kafka::HeartbeatRequest request;
  request.group_id = member.group;
  request.generation_id = member.generation;
  request.member_id = member.id;
  return {kafka::ApiKey::Heartbeat, kHeartbeatVersion,
          encode_frame(kafka::ApiKey::Heartbeat, kHeartbeatVersion, request),
          [](SharedBytes body, std::int16_t version) {
            expect(decode_answer<kafka::HeartbeatResponse>(std::move(body), version).error_code, "Heartbeat");
          }};
}

}  // namespace

Repeated repeated(Connection& connection, const Wanted& wanted) {
  if (wanted.kind == "metadata") return metadata(wanted);
  if (wanted.kind == "poll") return poll(connection, wanted);
  if (wanted.kind != "commit" && wanted.kind != "heartbeat")
    die("--kind {}: expected metadata, poll, commit or heartbeat", wanted.kind);
  const auto member = join_group(connection, fmt::format("{}-{}-{}", wanted.topic, wanted.kind, wanted.client));
  auto request = wanted.kind == "commit" ? commit(member, wanted) : heartbeat(member);
  request.member = member;
  return request;
}

}  // namespace myelin::bench
