// Single fields at hand-written places: that bytes round-trip does not show that the right field has the right value.
#include <gtest/gtest.h>

#include "base/hex_testing.h"
#include "kafka/error_code.h"
#include "kafka/messages.h"

namespace myelin::kafka {
namespace {

Reader reader_of(std::string_view hex) { return Reader(SharedBytes(from_hex(hex))); }

template <typename Message>
std::string encoded(const Message& message, std::int16_t version) {
  Writer writer;
  message.encode(writer, version);
  return to_hex(writer.finish_flat());
}

TEST(RequestHeader, HasNoTagsBeforeFlexibleVersions) {
  // Metadata 4, correlation 7, client "kc"
  auto reader = reader_of("0003 0004 00000007 0002 6b63 ff");
  const auto header = RequestHeader::decode(reader);
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->api_key, 3);
  EXPECT_EQ(header->api_version, 4);
  EXPECT_EQ(header->correlation_id, 7);
  EXPECT_EQ(header->client_id, "kc");
  EXPECT_EQ(reader.left(), 1U);
}

TEST(RequestHeader, KeepsTheClassicClientIdAndReadsTagsInFlexibleVersions) {
  // Metadata 9, correlation 1, client null, one tag 5 of two bytes
  auto reader = reader_of("0003 0009 00000001 ffff 01 05 02 aabb");
  const auto header = RequestHeader::decode(reader);
  ASSERT_TRUE(header.has_value());
  EXPECT_FALSE(header->client_id.has_value());
  ASSERT_EQ(header->unknown_tags.size(), 1U);
  EXPECT_EQ(header->unknown_tags[0].tag, 5U);
  Writer writer;
  header->encode(writer);
  EXPECT_EQ(to_hex(writer.finish_flat()), "0003000900000001ffff010502aabb");
}

TEST(RequestHeader, OfAnUnknownApiStillTellsItsCorrelation) {
  auto reader = reader_of("7fff 0000 0000002a ffff");
  const auto header = RequestHeader::decode(reader);
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->api_key, 0x7fff);
  EXPECT_EQ(header->correlation_id, 42);
}

TEST(RequestHeader, RefusesACutOne) {
  auto reader = reader_of("0003 0009 0000");
  const auto header = RequestHeader::decode(reader);
  ASSERT_FALSE(header.has_value());
  EXPECT_EQ(header.error().code, Code::Corrupt);
  EXPECT_EQ(header.error().message, "request header correlation_id: ends inside a number at byte 4 of 6");
}

TEST(ResponseHeader, HasTagsInFlexibleVersionsButNeverForApiVersions) {
  Writer writer;
  ResponseHeader{9, {}}.encode(writer, ApiKey::Metadata, 9);
  EXPECT_EQ(to_hex(writer.finish_flat()), "0000000900");
  ResponseHeader{9, {}}.encode(writer, ApiKey::Metadata, 8);
  EXPECT_EQ(to_hex(writer.finish_flat()), "00000009");
  ResponseHeader{9, {}}.encode(writer, ApiKey::ApiVersions, 3);
  EXPECT_EQ(to_hex(writer.finish_flat()), "00000009");
}

TEST(ProduceRequest, ReadsAClassicOne) {
  // no transactional id, acks -1, 1500 ms, topic "t", partition 3, two bytes of records
  auto reader = reader_of("ffff ffff 000005dc 00000001 0001 74 00000001 00000003 00000002 cafe");
  const auto request = ProduceRequest::decode(reader, 7);
  ASSERT_TRUE(request.has_value()) << request.error().message;
  EXPECT_FALSE(request->transactional_id.has_value());
  EXPECT_EQ(request->acks, -1);
  EXPECT_EQ(request->timeout_ms, 1500);
  ASSERT_EQ(request->topic_data.size(), 1U);
  EXPECT_EQ(request->topic_data[0].name, "t");
  ASSERT_EQ(request->topic_data[0].partition_data.size(), 1U);
  EXPECT_EQ(request->topic_data[0].partition_data[0].index, 3);
  EXPECT_EQ(to_hex(std::get<SharedBytes>(*request->topic_data[0].partition_data[0].records).view()), "cafe");
}

TEST(ProduceResponse, PutsTheLeaderIntoATagOnlyWhenItIsSet) {
  ProduceResponse response;
  auto& partition = response.responses.emplace_back().partition_responses.emplace_back();
  response.responses[0].name = "t";
  partition.error_code = code_of(ErrorCode::NotLeaderOrFollower);
  partition.base_offset = -1;
  const std::string start = "02 02 74 02 00000000 0006 ffffffffffffffff ffffffffffffffff ffffffffffffffff 01 00";
  EXPECT_EQ(encoded(response, 10), to_hex(from_hex(start + "00 00 00000000 00")));
  partition.current_leader.leader_id = 5;
  EXPECT_EQ(encoded(response, 10), to_hex(from_hex(start + "01 00 09 00000005 ffffffff 00 00 00000000 00")));
  EXPECT_EQ(encoded(response, 9), to_hex(from_hex(start + "00 00 00000000 00")));
}

TEST(MetadataRequest, TellsNullFromEmpty) {
  auto all = reader_of("ffffffff 01");
  EXPECT_FALSE(MetadataRequest::decode(all, 4)->topics.has_value());
  auto none = reader_of("00000000 01");
  EXPECT_TRUE(MetadataRequest::decode(none, 4)->topics.has_value());
  auto null_in_version_0 = reader_of("ffffffff");
  const auto refused = MetadataRequest::decode(null_in_version_0, 0);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message, "MetadataRequest.topics: null where an array is required at byte 4 of 4");
}

TEST(MetadataRequest, KeepsTheDefaultOfWhatTheVersionLacks) {
  auto reader = reader_of("00000001 0001 61");
  const auto request = MetadataRequest::decode(reader, 1);
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->topics->at(0).name, "a");
  EXPECT_TRUE(request->allow_auto_topic_creation);
}

TEST(FetchRequest, ReadsTheClusterIdFromItsTag) {
  // version 12: replica -1, 500 ms, 1 byte, 2^31-1 bytes, isolation 1, session 7 epoch 8, no topics, none forgotten,
  // rack "r"
  auto reader = reader_of("ffffffff 000001f4 00000001 7fffffff 01 00000007 00000008 01 01 02 72 01 00 03 02 6964");
  const auto wrong_length = FetchRequest::decode(reader, 12);
  EXPECT_FALSE(wrong_length.has_value());
  reader = reader_of("ffffffff 000001f4 00000001 7fffffff 01 00000007 00000008 01 01 02 72 01 00 03 03 6964");
  const auto request = FetchRequest::decode(reader, 12);
  ASSERT_TRUE(request.has_value()) << request.error().message;
  EXPECT_EQ(request->max_wait_ms, 500);
  EXPECT_EQ(request->min_bytes, 1);
  EXPECT_EQ(request->isolation_level, 1);
  EXPECT_EQ(request->session_id, 7);
  EXPECT_EQ(request->session_epoch, 8);
  EXPECT_EQ(request->rack_id, "r");
  EXPECT_EQ(request->cluster_id, "id");
}

TEST(FetchResponse, SplicesRecordsWithoutCopyingThem) {
  FetchResponse response;
  auto& topic = response.responses.emplace_back();
  topic.topic = "t";
  const SharedBytes records(ByteBuffer(4096, std::byte{1}));
  topic.partitions.emplace_back().records = Payload(records);
  topic.partitions.emplace_back().records = Payload(FileRange{nullptr, 100, 7});
  Writer writer;
  response.encode(writer, 4);
  const auto size = writer.size();
  const auto chain = writer.finish();
  ASSERT_EQ(chain.size(), 4U);
  EXPECT_EQ(std::get<SharedBytes>(chain[1]).view().data(), records.view().data());
  EXPECT_EQ(std::get<FileRange>(chain[3]).offset, 100U);
  EXPECT_EQ(size, payload_size(chain[0]) + 4096 + payload_size(chain[2]) + 7);
  const auto between = std::get<SharedBytes>(chain[2]).view();
  EXPECT_EQ(to_hex(between.last(4)), "00000007");
}

TEST(ApiVersionsResponse, WritesItsTagsInAscendingOrder) {
  ApiVersionsResponse response;
  response.api_keys.push_back({.api_key = 18, .min_version = 0, .max_version = 4, .unknown_tags = {}});
  response.finalized_features_epoch = 1;
  response.zk_migration_ready = true;
  response.unknown_tags.push_back({2, SharedBytes(from_hex("ab"))});
  EXPECT_EQ(encoded(response, 3),
            to_hex(from_hex("0000 02 0012 0000 0004 00 00000000 03 01 08 0000000000000001 02 01 ab 03 01 01")));
}

TEST(ApiVersionsResponse, KeepsTheLargestUnknownTag) {
  ApiVersionsResponse response;
  response.unknown_tags.push_back({UINT32_MAX, SharedBytes(from_hex("ab"))});
  EXPECT_EQ(encoded(response, 3), to_hex(from_hex("0000 01 00000000 01 ffffffff0f 01 ab")));
}

TEST(AnyMessage, OfAVersionThatIsNotDescribedIsRefused) {
  auto reader = reader_of("00");
  const auto request = decode_request(ApiKey::Heartbeat, 99, reader);
  ASSERT_FALSE(request.has_value());
  EXPECT_EQ(request.error().code, Code::Unsupported);
  EXPECT_EQ(request.error().message, "HeartbeatRequest: version 99 is not described; use 0 to 4");
  EXPECT_EQ(decode_request(static_cast<ApiKey>(1234), 0, reader).error().code, Code::Unsupported);
}

TEST(DescribedApis, AnswerNameRangeAndFlexibility) {
  EXPECT_EQ(api_name(ApiKey::OffsetForLeaderEpoch), "OffsetForLeaderEpoch");
  EXPECT_EQ(api_name(static_cast<ApiKey>(1234)), "unknown");
  EXPECT_TRUE(described_range(ApiKey::Produce)->contains(13));
  EXPECT_FALSE(described_range(ApiKey::Produce)->contains(14));
  EXPECT_FALSE(described_range(static_cast<ApiKey>(1234)).has_value());
  EXPECT_FALSE(is_flexible(ApiKey::Produce, 8));
  EXPECT_TRUE(is_flexible(ApiKey::Produce, 9));
  EXPECT_FALSE(is_flexible(ApiKey::SaslHandshake, 1));
}

TEST(ErrorCodes, HaveKafkasNumbersAndNames) {
  EXPECT_EQ(code_of(ErrorCode::TopicAuthorizationFailed), 29);
  EXPECT_EQ(code_of(ErrorCode::InvalidRecord), 87);
  EXPECT_EQ(error_name(ErrorCode::UnknownServerError), "UNKNOWN_SERVER_ERROR");
  EXPECT_EQ(error_name(ErrorCode::ShareSessionLimitReached), "SHARE_SESSION_LIMIT_REACHED");
  EXPECT_EQ(error_name(static_cast<ErrorCode>(134)), "UNKNOWN");
  EXPECT_EQ(error_name(static_cast<ErrorCode>(-2)), "UNKNOWN");
}

}  // namespace
}  // namespace myelin::kafka
