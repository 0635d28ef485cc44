#include "kafka/message/fetch.h"

#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include "bench/commands.h"
#include "bench/connection.h"
#include "bench/window.h"
#include "kafka/record_batch.h"

namespace myelin::bench {
namespace {

constexpr std::int16_t kFetchVersion = 11;
constexpr double kStalledAfterSeconds = 20;

struct Plan {
  std::string address;
  std::string topic;
  long records = 0;  // of all partitions; then the reader ends
  long partitions = 1;
  long connections = 1;
  long partition_max_bytes = 1 << 20;
};

// One reader of the whole topic, over several connections.
struct Reader {
  std::atomic<long> records{0};
  std::atomic<long> bytes{0};
};

// Counts the whole batches at the front of `records` and returns the offset after them.
std::int64_t count_batches(ByteSpan records, std::int64_t next, Reader& reader) {
  while (records.size() >= kafka::kBatchHeaderSize) {
    const auto header = kafka::parse_batch_header(records);
    if (!header) die("fetched batch: {}", header.error().message);
    if (header->size() > records.size()) break;
    if (header->next_offset() > next) {
      reader.records += header->record_count;
      reader.bytes += static_cast<long>(header->size());
      next = header->next_offset();
    }
    records = records.subspan(header->size());
  }
  return next;
}

kafka::FetchRequest next_request(const Plan& plan, const std::map<std::int32_t, std::int64_t>& next, std::size_t turn) {
  kafka::FetchRequest request;
  request.max_wait_ms = 100;
  request.min_bytes = 1;
  request.max_bytes = static_cast<std::int32_t>(8 * plan.partition_max_bytes);
  auto& topic = request.topics.emplace_back();
  topic.topic = plan.topic;
  for (const auto& [partition, offset] : next) {
    auto& slot = topic.partitions.emplace_back();
    slot.partition = partition;
    slot.fetch_offset = offset;
    slot.partition_max_bytes = static_cast<std::int32_t>(plan.partition_max_bytes);
  }
  std::rotate(topic.partitions.begin(), topic.partitions.begin() + static_cast<long>(turn % topic.partitions.size()),
              topic.partitions.end());
  return request;
}

void read_share(const Plan& plan, long index, Reader& reader) {
  Connection connection(plan.address);
  std::map<std::int32_t, std::int64_t> next;
  for (long partition = index; partition < plan.partitions; partition += plan.connections) {
    next[static_cast<std::int32_t>(partition)] = 0;
  }
  double last_seen = now_s();
  for (std::size_t turn = 0; reader.records < plan.records; ++turn) {
    const auto response =
        ask<kafka::FetchResponse>(connection, kafka::ApiKey::Fetch, kFetchVersion, next_request(plan, next, turn));
    for (const auto& partition : response.responses.empty() ? std::vector<kafka::FetchResponse::PartitionData>{}
                                                            : response.responses[0].partitions) {
      if (partition.error_code != 0) die("fetch: error {}", partition.error_code);
      if (!partition.records || payload_size(*partition.records) == 0) continue;
      auto& offset = next[partition.partition_index];
      offset = count_batches(std::get<SharedBytes>(*partition.records).view(), offset, reader);
      last_seen = now_s();
    }
    if (now_s() - last_seen > kStalledAfterSeconds)
      die("no record for {} s, {} of {} read", kStalledAfterSeconds, reader.records.load(), plan.records);
  }
}

}  // namespace

void fetch(const Options& options) {
  Plan plan{.address = options.text("address"), .topic = options.text("topic")};
  plan.records = options.number("records", 0);
  plan.partitions = options.number("partitions", 1);
  plan.connections = options.number("connections", 2);
  plan.partition_max_bytes = options.number("partition-max-bytes", 1 << 20);
  const long readers = options.number("readers", 1);
  std::vector<Reader> read(static_cast<std::size_t>(readers));
  const Window window(options);
  {
    std::vector<std::jthread> threads;
    for (auto& reader : read) {
      for (long index = 0; index < plan.connections; ++index) {
        threads.emplace_back([&plan, &reader, index] { read_share(plan, index, reader); });
      }
    }
  }
  long records = 0;
  long bytes = 0;
  for (const auto& reader : read) {
    records += reader.records;
    bytes += reader.bytes;
  }
  fmt::print("{{\"records\":{},\"bytes\":{},{}}}\n", records, bytes, window.json());
}

}  // namespace myelin::bench
