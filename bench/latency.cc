#include <mutex>
#include <thread>
#include <vector>

#include "bench/commands.h"
#include "bench/records.h"
#include "bench/window.h"

namespace myelin::bench {
namespace {

struct Plan {
  std::string address;
  std::string topic;
  long partitions = 1;
  long record_bytes = 1000;
  double rate = 0;  // of one connection; 0: as fast as answers come
  double seconds = 5;
};

// Microseconds from sending to the answer of one record a request, one request in flight.
std::vector<double> acknowledgements(const Plan& plan, long index) {
  Connection connection(plan.address);
  auto frame = produce_frame(plan.topic, static_cast<std::int32_t>(index % plan.partitions),
                             {.record_bytes = plan.record_bytes}, 1);
  std::vector<double> samples;
  const double begun = now_s() + 0.01;
  for (double due = begun; due < begun + plan.seconds;) {
    sleep_until(due);
    const double sent = now_s();
    connection.send(frame);
    expect_produced(connection);
    const double answered = now_s();
    samples.push_back((answered - sent) * 1e6);
    due = plan.rate > 0 ? begun + static_cast<double>(samples.size()) / plan.rate : answered;
  }
  return samples;
}

}  // namespace

void measure_latency(const Options& options) {
  Plan plan{.address = options.text("address"), .topic = options.text("topic")};
  const long connections = options.number("connections", 1);
  plan.partitions = options.number("partitions", 1);
  plan.record_bytes = options.number("record-bytes", 1000);
  plan.rate = static_cast<double>(options.number("rate", 0)) / static_cast<double>(connections);
  plan.seconds = static_cast<double>(options.number("seconds", 5));
  std::vector<double> samples;
  std::mutex mutex;
  const Window window(options);
  std::vector<std::jthread> threads;
  for (long index = 0; index < connections; ++index) {
    threads.emplace_back([&, index] {
      const auto own = acknowledgements(plan, index);
      const std::scoped_lock lock(mutex);
      samples.insert(samples.end(), own.begin(), own.end());
    });
  }
  threads.clear();
  const auto passed = window.json();
  fmt::print("{{\"requests\":{},{},\"ack_us\":{}}}\n", samples.size(), passed, quantiles_json(samples));
}

}  // namespace myelin::bench
