#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "bench/commands.h"
#include "bench/records.h"
#include "bench/window.h"
#include "kafka/message/fetch.h"
#include "kafka/record_batch.h"

namespace myelin::bench {
namespace {

constexpr std::int16_t kFetchVersion = 11;

struct Plan {
  std::string address;
  std::string topic;
  double rate = 0;  // requests a second of one connection, one record each
  long requests = 0;
  double begin = 0;

  // When a request should leave, whatever became of those before it: a broker that stalls is charged for all that wait.
  [[nodiscard]] double due(std::int64_t request) const { return begin + static_cast<double>(request) / rate; }
};

struct Samples {
  std::vector<double> ack_us;
  std::vector<double> end_to_end_us;
};

void send_all(const Plan& plan, std::int32_t partition, Connection& connection) {
  auto frame = produce_frame(plan.topic, partition, {.record_bytes = 1000}, 1);
  for (long request = 0; request < plan.requests; ++request) {
    sleep_until(plan.due(request));
    connection.send(frame);
  }
}

std::vector<double> acknowledged(const Plan& plan, Connection& connection) {
  std::vector<double> samples;
  for (long request = 0; request < plan.requests; ++request) {
    expect_produced(connection);
    samples.push_back((now_s() - plan.due(request)) * 1e6);
  }
  return samples;
}

// A reader that waits at the partition's end. The topic is new, so an offset is the number of its request.
std::vector<double> read_at_the_end(const Plan& plan, std::int32_t partition) {
  Connection connection(plan.address);
  std::vector<double> samples;
  while (static_cast<long>(samples.size()) < plan.requests) {
    kafka::FetchRequest request;
    request.max_wait_ms = 500;
    request.min_bytes = 1;
    auto& topic = request.topics.emplace_back();
    topic.topic = plan.topic;
    auto& slot = topic.partitions.emplace_back();
    slot.partition = partition;
    slot.fetch_offset = static_cast<std::int64_t>(samples.size());
    slot.partition_max_bytes = 1 << 20;
    const auto answer = ask<kafka::FetchResponse>(connection, kafka::ApiKey::Fetch, kFetchVersion, request);
    const double arrived = now_s();
    if (answer.responses.empty()) continue;
    const auto& data = answer.responses.at(0).partitions.at(0);
    if (data.error_code != 0) die("fetch: error {}", data.error_code);
    if (!data.records || payload_size(*data.records) == 0) continue;
    auto records = std::get<SharedBytes>(*data.records).view();
    while (records.size() >= kafka::kBatchHeaderSize) {
      const auto batch = kafka::parse_batch_header(records);
      if (!batch || batch->size() > records.size()) break;
      records = records.subspan(batch->size());
      for (auto offset = static_cast<std::int64_t>(samples.size()); offset < batch->next_offset(); ++offset)
        samples.push_back((arrived - plan.due(offset)) * 1e6);
    }
  }
  return samples;
}

void add(std::vector<double>& all, const std::vector<double>& own) { all.insert(all.end(), own.begin(), own.end()); }

}  // namespace

// Records at a fixed rate, one a request, with a reader at the end of each partition; latencies count from when a
// request was due.
void measure_paced(const Options& options) {
  Plan plan{.address = options.text("address"), .topic = options.text("topic")};
  const long connections = options.number("connections", 1);  // each to a partition of its own
  plan.rate = static_cast<double>(options.number("rate", 1000)) / static_cast<double>(connections);
  plan.requests = static_cast<long>(plan.rate * static_cast<double>(options.number("seconds", 5)));
  Samples samples;
  std::mutex mutex;
  std::vector<Connection> writers;
  writers.reserve(static_cast<std::size_t>(connections));
  for (long index = 0; index < connections; ++index) writers.emplace_back(plan.address);
  plan.begin = now_s() + 0.1;
  const Window window(options);
  std::vector<std::jthread> threads;
  for (long index = 0; index < connections; ++index) {
    auto& writer = writers[static_cast<std::size_t>(index)];
    const auto partition = static_cast<std::int32_t>(index);
    threads.emplace_back([&plan, &writer, partition] { send_all(plan, partition, writer); });
    threads.emplace_back([&plan, &writer, &samples, &mutex] {
      const auto own = acknowledged(plan, writer);
      const std::scoped_lock lock(mutex);
      add(samples.ack_us, own);
    });
    threads.emplace_back([&plan, partition, &samples, &mutex] {
      const auto own = read_at_the_end(plan, partition);
      const std::scoped_lock lock(mutex);
      add(samples.end_to_end_us, own);
    });
  }
  threads.clear();
  const auto passed = window.json();
  fmt::print("{{\"requests\":{},{},\"ack_us\":{},\"end_to_end_us\":{}}}\n", samples.ack_us.size(), passed,
             quantiles_json(samples.ack_us), quantiles_json(samples.end_to_end_us));
}

}  // namespace myelin::bench
