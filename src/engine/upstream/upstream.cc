#include "engine/upstream/upstream.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <utility>

#include "base/log.h"
#include "engine/upstream/addresses.h"
#include "engine/upstream/unavailable.h"
#include "kafka/error_code.h"

namespace myelin::engine::upstream {
namespace {

constexpr std::chrono::seconds kClosingDeadline{5};
constexpr std::chrono::milliseconds kSweepEvery{1'000};
constexpr std::chrono::seconds kFaultEvery{10};
// What an answer may take beyond the time that its request allows for.
constexpr std::chrono::milliseconds kPatience{30'000};
// A SyncGroup waits for the group's leader, for as long as the longest rebalance.
constexpr std::chrono::milliseconds kSyncPatience{600'000};
// Of records in one answer: well below FrameClientOptions::frame_bytes.
constexpr std::int32_t kFetchBytesMax = 64 * 1024 * 1024;

// Without an answer nobody knows whether the records were appended, so none is asked for less than the leader's word.
void ask_for_answer(kafka::ProduceRequest& request) {
  if (request.acks == 0) request.acks = 1;
}

void limit(kafka::FetchRequest& request) {
  request.max_bytes = std::min(request.max_bytes, kFetchBytesMax);
  for (auto& topic : request.topics) {
    for (auto& partition : topic.partitions) {
      partition.partition_max_bytes = std::min(partition.partition_max_bytes, kFetchBytesMax);
    }
  }
}

void prepare(kafka::Request& request, const Call& call) {
  if (auto* metadata = std::get_if<kafka::MetadataRequest>(&request)) {
    // The cluster must not make topics that the caller may not make.
    metadata->allow_auto_topic_creation = metadata->allow_auto_topic_creation && call.may_create_topics;
  } else if (auto* produce = std::get_if<kafka::ProduceRequest>(&request)) {
    ask_for_answer(*produce);
  } else if (auto* fetch = std::get_if<kafka::FetchRequest>(&request)) {
    limit(*fetch);
  }
}

// The cluster would match a pattern of topics, and it knows nothing of grants. An empty one is none.
bool has_pattern(const kafka::Request& request) {
  const auto* heartbeat = std::get_if<kafka::ConsumerGroupHeartbeatRequest>(&request);
  return heartbeat != nullptr && !heartbeat->subscribed_topic_regex.value_or("").empty();
}

Outcome pattern_refused() {
  kafka::ConsumerGroupHeartbeatResponse response;
  response.error_code = kafka::code_of(kafka::ErrorCode::InvalidRegularExpression);
  response.error_message = "patterns are not matched before a cluster; subscribe to topics by their names";
  Outcome outcome;
  outcome.response = std::move(response);
  return outcome;
}

std::chrono::milliseconds patience_of(const kafka::Request& request) {
  std::int64_t allowed = 0;
  if (const auto* fetch = std::get_if<kafka::FetchRequest>(&request)) allowed = fetch->max_wait_ms;
  if (const auto* produce = std::get_if<kafka::ProduceRequest>(&request)) allowed = produce->timeout_ms;
  if (const auto* create = std::get_if<kafka::CreateTopicsRequest>(&request)) allowed = create->timeout_ms;
  if (const auto* remove = std::get_if<kafka::DeleteTopicsRequest>(&request)) allowed = remove->timeout_ms;
  if (const auto* join = std::get_if<kafka::JoinGroupRequest>(&request)) {
    allowed = std::max(join->session_timeout_ms, join->rebalance_timeout_ms);
  }
  if (std::holds_alternative<kafka::SyncGroupRequest>(request)) return kSyncPatience;
  return kPatience + std::chrono::milliseconds(std::max<std::int64_t>(allowed, 0));
}

Outcome to_outcome(kafka::Response response, const kafka::Request& request, const Call& call, Facts& facts,
                   WallTime now) {
  Outcome outcome;
  if (const auto* metadata = std::get_if<kafka::MetadataResponse>(&response)) {
    facts.learn(*metadata);
  } else if (const auto* produced = std::get_if<kafka::ProduceResponse>(&response)) {
    outcome.appended = facts.appended(std::get<kafka::ProduceRequest>(request), *produced, now);
  } else if (const auto* fetched = std::get_if<kafka::FetchResponse>(&response)) {
    outcome.served = facts.served(*fetched);
  } else if (const auto* committed = std::get_if<kafka::OffsetCommitResponse>(&response)) {
    outcome.committed = facts.committed(std::get<kafka::OffsetCommitRequest>(request), *committed, now);
  } else if (const auto* held_back = std::get_if<kafka::TxnOffsetCommitResponse>(&response)) {
    facts.held_back(std::get<kafka::TxnOffsetCommitRequest>(request), *held_back);
  } else if (const auto* ended = std::get_if<kafka::EndTxnResponse>(&response)) {
    outcome.committed = facts.ended(std::get<kafka::EndTxnRequest>(request), *ended, now);
  }
  put_our_address(response, call);
  outcome.response = std::move(response);
  return outcome;
}

// Says what was wrong with the cluster's answers, but not for each of them.
Lane::OnFault told_now_and_then(std::string cluster) {
  auto next = std::make_shared<std::atomic<std::int64_t>>(0);
  return [next, cluster = std::move(cluster)](std::string_view what) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch() / std::chrono::seconds(1);
    auto due = next->load();
    if (now < due || !next->compare_exchange_strong(due, now + kFaultEvery.count())) return;
    log::warn(
        "an answer of the upstream cluster was refused and its connection closed",
        {{"cluster", cluster}, {"what", what}, {"next", "see that --upstream names a Kafka listener, and its log"}});
  };
}

}  // namespace

Upstream::Upstream(const net::FrameClientOptions& options, net::Reactor& reactor, const Clock& clock)
    : reactor_(reactor),
      clock_(clock),
      loop_(reactor.next_loop()),
      facts_(std::make_shared<Facts>()),
      lanes_(std::make_shared<Lanes>(reactor, options, told_now_and_then(options.server.text()))),
      watch_(std::make_shared<ClusterWatch>(loop_, options, facts_,
                                            [lanes = lanes_] { lanes->close_all("the cluster can't be reached"); })) {}

std::unique_ptr<Upstream> Upstream::open(const net::FrameClientOptions& options, net::Reactor& reactor,
                                         const Clock& clock) {
  std::unique_ptr<Upstream> upstream(new Upstream(options, reactor, clock));
  upstream->watch_->start();
  upstream->watch_->wait_for_first_attempt();
  upstream->sweep_later();
  return upstream;
}

Upstream::~Upstream() {
  {
    const std::scoped_lock lock(sweep_mutex_);
    stopping_ = true;
    sweep_.cancel();
  }
  lanes_->close_all("stopping");
  if (!reactor_.running()) return;
  watch_->stop();
  // Connections end on their loops; what is posted after that runs when they have.
  for (std::size_t index = 0; index < reactor_.size(); ++index) {
    auto ended = std::make_shared<std::promise<void>>();
    auto future = ended->get_future();
    reactor_.loop(index).post([ended] { ended->set_value(); });
    future.wait_for(kClosingDeadline);
  }
}

void Upstream::sweep_later() {
  const std::scoped_lock lock(sweep_mutex_);
  if (stopping_) return;
  sweep_ = loop_.after(kSweepEvery, [this, lanes = lanes_] {
    lanes->sweep(std::chrono::steady_clock::now());
    sweep_later();
  });
}

void Upstream::handle(Call call, kafka::Request request, Reply reply) {
  if (!watch_->is_reached()) {
    reply(unavailable(request, call));
    return;
  }
  if (has_pattern(request)) {
    reply(pattern_refused());
    return;
  }
  prepare(request, call);
  auto lane = lanes_->of(call.connection);
  if (!lane) {
    reply(unavailable(request, call));
    return;
  }
  const LaneRequest about{.key = kafka::key_of(request),
                          .version = call.version,
                          .client_id = call.attribution->client_id,
                          .patience = patience_of(request)};
  auto shared_request = std::make_shared<const kafka::Request>(std::move(request));
  (*lane)->send(about, *shared_request,
                [facts = facts_, &clock = clock_, call = std::move(call), shared_request,
                 reply = std::move(reply)](Result<kafka::Response> response) mutable {
                  if (response)
                    reply(to_outcome(*std::move(response), *shared_request, call, *facts, clock.wall()));
                  else
                    reply(unavailable(*shared_request, call));
                });
}

}  // namespace myelin::engine::upstream
