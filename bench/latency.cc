#include <vector>

#include "bench/commands.h"
#include "bench/records.h"

namespace myelin::bench {

// One record a request, one request in flight, at a fixed rate.
void measure_latency(const Options& options) {
  const long rate = options.number("rate", 1000);
  const long requests = rate * options.number("seconds", 5);
  Connection connection(options.text("address"));
  auto frame = produce_frame(options.text("topic"), 0, {.record_bytes = options.number("record-bytes", 1000)}, 1);
  std::vector<double> samples;
  const double begun = now_s() + 0.01;
  for (long request = 0; request < requests; ++request) {
    sleep_until(begun + static_cast<double>(request) / static_cast<double>(rate));
    const double sent = now_s();
    connection.send(frame);
    expect_produced(connection);
    samples.push_back((now_s() - sent) * 1e6);
  }
  fmt::print(R"({{"requests":{},"ack_us":{}}})"
             "\n",
             requests, quantiles_json(std::move(samples)));
}

}  // namespace myelin::bench
