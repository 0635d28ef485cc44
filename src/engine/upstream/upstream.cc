#include "engine/upstream/upstream.h"

#include <algorithm>
#include <future>
#include <utility>

#include "engine/served_ranges.h"
#include "engine/upstream/addresses.h"
#include "engine/upstream/unavailable.h"

namespace myelin::engine::upstream {
namespace {

constexpr std::chrono::seconds kIntroductionDeadline{10};
constexpr std::chrono::seconds kClosingDeadline{5};
constexpr std::int16_t kTopicIdVersion = 10;

bool is_answered(const kafka::Request& request) {
  const auto* produce = std::get_if<kafka::ProduceRequest>(&request);
  return produce == nullptr || produce->acks != 0;
}

// The cluster must not make topics that the caller may not make.
void restrict(kafka::Request& request, const Call& call) {
  if (auto* metadata = std::get_if<kafka::MetadataRequest>(&request)) {
    metadata->allow_auto_topic_creation = metadata->allow_auto_topic_creation && call.may_create_topics;
  }
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
  }
  put_our_address(response, call);
  outcome.response = std::move(response);
  return outcome;
}

std::vector<ApiRange> intersect(std::vector<ApiRange> ours, const kafka::ApiVersionsResponse& theirs) {
  std::vector<ApiRange> both;
  for (const auto& range : ours) {
    for (const auto& api : theirs.api_keys) {
      if (api.api_key != std::to_underlying(range.key)) continue;
      const ApiRange common{range.key, std::max(range.lowest, api.min_version),
                            std::min(range.highest, api.max_version)};
      if (common.lowest <= common.highest) both.push_back(common);
    }
  }
  return both;
}

}  // namespace

Result<std::unique_ptr<Upstream>> Upstream::open(net::FrameClientOptions options, net::Reactor& reactor,
                                                 const Clock& clock) {
  std::unique_ptr<Upstream> upstream(new Upstream(std::move(options), reactor, clock));
  auto introduced = upstream->introduce();
  if (!introduced) return pass(introduced);
  return upstream;
}

Upstream::~Upstream() {
  for (const auto& [client, entry] : lanes_) entry.lane->close();
  if (!reactor_.running()) return;
  // Connections end on their loops; what is posted after that runs when they have.
  for (std::size_t index = 0; index < reactor_.size(); ++index) {
    auto ended = std::make_shared<std::promise<void>>();
    auto future = ended->get_future();
    reactor_.loop(index).post([ended] { ended->set_value(); });
    future.wait_for(kClosingDeadline);
  }
}

Result<void> Upstream::introduce() {
  auto lane = Lane::open(reactor_.next_loop(), options_);
  if (!lane) return pass(lane);
  auto versions = ask(**lane, kafka::ApiKey::ApiVersions, 0, kafka::ApiVersionsRequest{});
  if (!versions) return pass(versions);
  ranges_ = intersect(served_ranges(), std::get<kafka::ApiVersionsResponse>(*versions));
  const auto metadata = std::ranges::find(ranges_, kafka::ApiKey::Metadata, &ApiRange::key);
  if (metadata != ranges_.end() && metadata->highest >= kTopicIdVersion) {
    kafka::MetadataRequest all;
    all.topics.reset();
    all.allow_auto_topic_creation = false;
    auto topics = ask(**lane, kafka::ApiKey::Metadata, metadata->highest, all);
    if (!topics) return pass(topics);
    facts_->learn(std::get<kafka::MetadataResponse>(*topics));
  }
  (*lane)->close();
  return {};
}

Result<kafka::Response> Upstream::ask(Lane& lane, kafka::ApiKey key, std::int16_t version,
                                      const kafka::Request& request) const {
  auto answered = std::make_shared<std::promise<Result<kafka::Response>>>();
  auto future = answered->get_future();
  lane.send({.key = key, .version = version, .client_id = "myelin"}, request,
            [answered](Result<kafka::Response> response) { answered->set_value(std::move(response)); });
  if (future.wait_for(kIntroductionDeadline) != std::future_status::ready) {
    return fail(Code::Timeout, "upstream {}: no answer within {} s; is it a Kafka listener without TLS and sign-in?",
                options_.server.text(), kIntroductionDeadline.count());
  }
  auto response = future.get();
  if (!response) return fail(Code::Unavailable, "upstream {}: {}", options_.server.text(), response.error().message);
  return response;
}

Result<std::shared_ptr<Lane>> Upstream::lane_of(const Call& call) {
  const std::scoped_lock lock(mutex_);
  if (const auto found = lanes_.find(call.attribution.get()); found != lanes_.end()) {
    const bool is_same_client = found->second.client.lock() == call.attribution;
    if (is_same_client && !found->second.lane->is_closed()) return found->second.lane;
    found->second.lane->close();
    lanes_.erase(found);
  }
  close_abandoned();
  auto lane = Lane::open(reactor_.next_loop(), options_);
  if (!lane) return pass(lane);
  lanes_[call.attribution.get()] = {call.attribution, *lane};
  return lane;
}

void Upstream::close_abandoned() {
  std::erase_if(lanes_, [](const auto& entry) {
    if (!entry.second.client.expired()) return false;
    entry.second.lane->close();
    return true;
  });
}

void Upstream::handle(Call call, kafka::Request request, Reply reply) {
  restrict(request, call);
  auto lane = lane_of(call);
  if (!lane) {
    reply(unavailable(request, call));
    return;
  }
  const LaneRequest about{.key = kafka::key_of(request),
                          .version = call.version,
                          .client_id = call.attribution->client_id,
                          .is_answered = is_answered(request)};
  if (!about.is_answered) {
    (*lane)->send(about, request, {});
    Outcome silent;
    silent.response = kafka::ProduceResponse{};
    reply(std::move(silent));
    return;
  }
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
