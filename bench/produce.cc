#include <chrono>
#include <latch>
#include <random>
#include <thread>
#include <vector>

#include "bench/commands.h"
#include "bench/records.h"
#include "bench/window.h"
#include "kafka/message/produce.h"
#include "kafka/record_batch.h"

namespace myelin::bench {
namespace {

constexpr unsigned kVariants = 4;  // different batches for each partition

// As compressible as business records are: names that repeat, numbers that don't.
std::string json_like(std::mt19937_64& random, std::size_t bytes) {
  std::string text = "{";
  while (text.size() < bytes) {
    text += fmt::format(R"("order_id":{},"customer":"c-{}","status":"confirmed","amount":{}.{:02},"currency":"EUR",)",
                        random(), random() % 100'000, random() % 1000, random() % 100);
  }
  text.resize(bytes);
  return text;
}

std::string noise(std::mt19937_64& random, std::size_t bytes) {
  std::string value(bytes, '\0');
  for (auto& byte : value) byte = static_cast<char>(random());
  return value;
}

struct Plan {
  std::string address;
  std::string topic;
  BatchShape shape;
  long requests = 0;  // of one connection
  long connections = 1;
  long partitions = 1;
  long in_flight = 5;
  double requests_per_s = 0;  // of one connection; 0: as fast as answers come
};

// Connections begin to send together.
struct Start {
  explicit Start(long connections) : connected(connections), signal(1) {}
  std::latch connected;
  std::latch signal;
};

// Connection `index` writes its share of the requests, round robin over the partitions that are its own.
void send_share(const Plan& plan, long index, Start& start) {
  std::vector<ByteBuffer> frames;
  const auto variants = plan.partitions > 64 ? 1 : kVariants;
  for (unsigned variant = 0; variant < variants; ++variant) {
    for (long partition = index % plan.partitions; partition < plan.partitions; partition += plan.connections) {
      const auto seed = static_cast<unsigned>(index) * kVariants + variant;
      frames.push_back(produce_frame(plan.topic, static_cast<std::int32_t>(partition), plan.shape, seed));
    }
  }
  Connection connection(plan.address);
  start.connected.count_down();
  start.signal.wait();
  const double begun = now_s();
  long owed = 0;
  for (long sent = 0; sent < plan.requests; ++sent) {
    if (plan.requests_per_s > 0) sleep_until(begun + static_cast<double>(sent) / plan.requests_per_s);
    connection.send(frames[static_cast<std::size_t>(sent) % frames.size()]);
    if (++owed >= plan.in_flight) {
      expect_produced(connection);
      --owed;
    }
  }
  for (; owed > 0; --owed) expect_produced(connection);
}

kafka::Compression codec_named(const std::string& name) {
  using enum kafka::Compression;
  for (const auto codec : {None, Gzip, Snappy, Lz4, Zstd}) {
    if (kafka::name_of(codec) == name) return codec;
  }
  die("--compression {}: expected none, gzip, snappy, lz4 or zstd", name);
}

Plan plan_of(const Options& options) {
  Plan plan{.address = options.text("address"), .topic = options.text("topic"), .shape = {}};
  plan.shape.records = options.number("batch", 256);
  plan.shape.record_bytes = options.number("record-bytes", 1000);
  plan.shape.compression = codec_named(options.text("compression", "none"));
  plan.connections = options.number("connections", 2);
  plan.partitions = options.number("partitions", 1);
  plan.in_flight = options.number("in-flight", 5);
  const long bytes = options.number("megabytes", 100) * 1'000'000;
  const long request_bytes = plan.shape.records * plan.shape.record_bytes;
  plan.requests = bytes / request_bytes / plan.connections;
  const auto rate = static_cast<double>(options.number("megabytes-per-s", 0)) * 1e6;
  plan.requests_per_s = rate / static_cast<double>(request_bytes * plan.connections);
  return plan;
}

}  // namespace

ByteBuffer produce_frame(const std::string& topic, std::int32_t partition, const BatchShape& shape, unsigned seed) {
  std::mt19937_64 random(seed);
  const auto bytes = static_cast<std::size_t>(shape.record_bytes);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto timestamp = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  kafka::BatchBuilder batch(shape.compression);
  for (long record = 0; record < shape.records; ++record) {
    const bool plain = shape.compression == kafka::Compression::None;
    batch.add(timestamp, std::nullopt, plain ? noise(random, bytes) : json_like(random, bytes));
  }
  kafka::ProduceRequest request;
  request.acks = -1;
  request.timeout_ms = 30'000;
  auto& data = request.topic_data.emplace_back();
  data.name = topic;
  auto& slot = data.partition_data.emplace_back();
  slot.index = partition;
  slot.records = SharedBytes(batch.finish());
  return encode_frame(kafka::ApiKey::Produce, kProduceVersion, request);
}

void expect_produced(Connection& connection) {
  const auto response = decode_answer<kafka::ProduceResponse>(
      connection.receive(kafka::ApiKey::Produce, kProduceVersion), kProduceVersion);
  const auto error = response.responses.at(0).partition_responses.at(0).error_code;
  if (error != 0) die("produce: error {}", error);
}

void produce(const Options& options) {
  const auto plan = plan_of(options);
  if (plan.requests == 0) die("less than one request for each connection");
  Start start(plan.connections);
  std::vector<std::jthread> threads;
  for (long index = 0; index < plan.connections; ++index) {
    threads.emplace_back([&plan, &start, index] { send_share(plan, index, start); });
  }
  start.connected.wait();
  const Window window(options);
  start.signal.count_down();
  threads.clear();
  const auto passed = window.json();
  const long requests = plan.requests * plan.connections;
  const long records = requests * plan.shape.records;
  fmt::print("{{\"requests\":{},\"records\":{},\"bytes\":{},{}}}\n", requests, records,
             records * plan.shape.record_bytes, passed);
}

}  // namespace myelin::bench
