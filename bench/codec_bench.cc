// What the codec costs per request: a produce request of one batch for one partition, its answer, and a batch's checks.
#include <benchmark/benchmark.h>

#include "kafka/messages.h"
#include "kafka/record_batch.h"

namespace {

using namespace myelin;

SharedBytes produce_frame(std::int16_t version, std::size_t record_bytes) {
  kafka::BatchBuilder batch;
  batch.add(1'750'000'000'000, "key", std::string(record_bytes, 'v'));
  kafka::ProduceRequest request;
  request.acks = -1;
  request.timeout_ms = 30'000;
  auto& topic = request.topic_data.emplace_back();
  topic.name = "shop.sales.v1";
  topic.partition_data.emplace_back().records = Payload(SharedBytes(batch.finish()));
  kafka::Writer writer;
  kafka::RequestHeader{static_cast<std::int16_t>(kafka::ApiKey::Produce), version, 7, "rdkafka", {}}.encode(writer);
  request.encode(writer, version);
  return SharedBytes(writer.finish_flat());
}

void produce_request(benchmark::State& state) {
  const auto version = static_cast<std::int16_t>(state.range(0));
  const auto frame = produce_frame(version, 1024);
  for (auto run : state) {
    kafka::Reader reader(frame);
    auto header = kafka::RequestHeader::decode(reader);
    auto request = kafka::decode_request(kafka::ApiKey::Produce, version, reader);
    benchmark::DoNotOptimize(request);
  }
}
BENCHMARK(produce_request)->Arg(7)->Arg(9);

void produce_response(benchmark::State& state) {
  const auto version = static_cast<std::int16_t>(state.range(0));
  kafka::ProduceResponse body;
  auto& topic = body.responses.emplace_back();
  topic.name = "shop.sales.v1";
  topic.partition_responses.emplace_back().base_offset = 123'456;
  const kafka::Response response(body);
  for (auto run : state) {
    kafka::Writer writer;
    kafka::ResponseHeader{7, {}}.encode(writer, kafka::ApiKey::Produce, version);
    kafka::encode_response(response, version, writer);
    auto chain = writer.finish();
    benchmark::DoNotOptimize(chain);
  }
}
BENCHMARK(produce_response)->Arg(7)->Arg(9);

void check_batch(benchmark::State& state) {
  kafka::BatchBuilder builder;
  builder.add(0, std::nullopt, std::string(static_cast<std::size_t>(state.range(0)), 'v'));
  const auto batch = builder.finish();
  for (auto run : state) {
    auto checked = kafka::check_produced(batch);
    benchmark::DoNotOptimize(checked);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(batch.size()));
}
BENCHMARK(check_batch)->Arg(100)->Arg(1 << 20);

}  // namespace

BENCHMARK_MAIN();
