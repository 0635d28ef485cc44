// What the governance path itself costs: the same produce requests to an engine that does nothing, once directly and
// once through the whole path (identify, authorise, throttle, forward, meter, trace). One JSON object, microseconds of
// CPU a request, the folding of what was measured included.
//   bench_path REQUESTS
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/measure.h"
#include "engine/memory_internal_log.h"
#include "governance/durable_state.h"
#include "governance/path.h"
#include "model/model.h"

namespace myelin::bench {
namespace {

// Says of every batch that it was appended, and forgets it.
class ForgetfulEngine final : public engine::Engine {
 public:
  explicit ForgetfulEngine(const Clock& clock) : clock_(clock) {}

  std::vector<engine::ApiRange> served() const override { return {{kafka::ApiKey::Produce, 3, 9}}; }
  void handle(engine::Call, kafka::Request request, engine::Reply reply) override {
    const auto& produce = std::get<kafka::ProduceRequest>(request);
    const auto& topic = produce.topic_data.front();
    const auto& partition = topic.partition_data.front();
    kafka::ProduceResponse response;
    auto& answer = response.responses.emplace_back();
    answer.name = topic.name;
    answer.partition_responses.emplace_back().index = partition.index;
    engine::Outcome outcome;
    outcome.appended.push_back({.topic = TopicName(topic.name),
                                .topic_id = TopicId{},
                                .partition = partition.index,
                                .base_offset = std::exchange(next_, next_ + kRecords),
                                .records = kRecords,
                                .log_bytes = static_cast<std::int64_t>(payload_size(*partition.records)),
                                .time = clock_.wall()});
    outcome.response = std::move(response);
    reply(std::move(outcome));
  }
  Result<void> replay_appends(const AppendSink&) const override { return {}; }
  Result<void> replay_consumed(const ConsumedSink&) const override { return {}; }

 private:
  static constexpr std::int64_t kRecords = 4;
  const Clock& clock_;
  std::int64_t next_ = 0;
};

template <typename T>
T opened(Result<T> result) {
  if (!result) die("{}", result.error().message);
  return std::move(*result);
}

kafka::Request small_request(const SharedBytes& records) {
  kafka::ProduceRequest request;
  request.acks = -1;
  auto& topic = request.topic_data.emplace_back();
  topic.name = "sales.orders";
  auto& partition = topic.partition_data.emplace_back();
  partition.records = records;
  return request;
}

struct Governed {
  explicit Governed(ForgetfulEngine& engine, const Clock& clock)
      : state(opened(governance::DurableState::open(log, engine, clock))),
        policy(std::make_shared<const model::Model>(), {.dev_mode = true}),
        path(engine, policy, *state.credentials, *state.quotas, *state.grants, *state.rule_counts, *state.measurement,
             *state.audit, clock, {.dev_mode = true, .slow = {}}) {}

  // What is stored of the measurement costs here only what governance does for it.
  engine::MemoryInternalLog log;
  governance::DurableState state;
  governance::PolicyHolder policy;
  governance::Path path;
};

double cpu_us_each(long requests, const std::function<void()>& request) {
  const double before = own_cpu_s();
  for (long sent = 0; sent < requests; ++sent) request();
  return (own_cpu_s() - before) / static_cast<double>(requests) * 1e6;
}

void compare(long requests) {
  const SystemClock clock;
  ForgetfulEngine engine(clock);
  Governed governed(engine, clock);
  const SharedBytes records(ByteBuffer(4096));
  const auto attribution = std::make_shared<const Attribution>(Attribution{kAnonymous, "bench", "", ""});
  long answered = 0;
  const double direct = cpu_us_each(requests, [&] {
    engine.handle(
        {.attribution = attribution, .version = 7, .advertised_host = "127.0.0.1", .client_host = "127.0.0.1"},
        small_request(records), [&](engine::Outcome) { ++answered; });
  });
  const auto session =
      opened(governed.path.open({.host = "127.0.0.1", .advertised_host = "127.0.0.1", .certificate_name = {}}, [] {}));
  long sent = 0;
  const double through_path = cpu_us_each(requests, [&] {
    (void)governed.path.handle(session, {kafka::ApiKey::Produce, 7, "bench", small_request(records)},
                               [&](governance::Answer answer) { answered += answer.response.has_value() ? 1 : 0; });
    if (++sent % 1024 == 0) governed.state.measurement->fold();
  });
  if (answered != 2 * requests) die("{} of {} requests answered", answered, 2 * requests);
  fmt::print(R"({{"direct_us":{:.3f},"through_path_us":{:.3f}}})"
             "\n",
             direct, through_path);
}

}  // namespace
}  // namespace myelin::bench

int main(int count, char** arguments) {
  if (count != 2) myelin::bench::die("usage: bench_path REQUESTS");
  myelin::bench::compare(std::stol(arguments[1]));
}
