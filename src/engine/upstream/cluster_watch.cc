#include "engine/upstream/cluster_watch.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <future>
#include <utility>

#include "base/log.h"
#include "engine/served_ranges.h"

namespace myelin::engine::upstream {
namespace {

// For a whole attempt or probe: connecting and every answer.
constexpr std::chrono::milliseconds kAttemptDeadline{10'000};
// The loop ends an attempt at its deadline; whoever waits for that allows the loop to be busy.
constexpr std::chrono::milliseconds kWaitMax = 2 * kAttemptDeadline;
constexpr std::chrono::milliseconds kProbeEvery{2'000};
constexpr std::chrono::milliseconds kTryAgainAfter{1'000};
constexpr std::int16_t kFeaturesVersion = 3;  // of ApiVersions
constexpr std::string_view kNextStep =
    "start the cluster, or correct --upstream: HOST:PORT of a Kafka listener without TLS and sign-in";

std::string trouble_text(const net::Endpoint& cluster, std::string_view reason) {
  return fmt::format("the upstream cluster {} can't be reached: {}; {}", cluster.text(), reason, kNextStep);
}

// What we can pass on. From Fetch 13 and Produce 13 on topics have ids alone, and only the cluster knows their names.
std::vector<ApiRange> passed_on() {
  constexpr std::array kHighest{std::pair{kafka::ApiKey::Produce, std::int16_t{12}},
                                std::pair{kafka::ApiKey::Fetch, std::int16_t{12}}};
  auto ranges = served_ranges();
  for (const auto& [key, highest] : kHighest) {
    const auto range = std::ranges::find(ranges, key, &ApiRange::key);
    range->highest = std::min(range->highest, highest);
  }
  return ranges;
}

std::vector<ApiRange> intersect(const std::vector<ApiRange>& ours, const kafka::ApiVersionsResponse& theirs) {
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

std::vector<Feature> intersect(const std::vector<Feature>& ours, const kafka::ApiVersionsResponse& theirs) {
  std::vector<Feature> both;
  for (const auto& feature : ours) {
    for (const auto& finalized : theirs.finalized_features) {
      if (finalized.name != feature.name) continue;
      both.push_back({feature.name, std::min(feature.level, finalized.max_version_level)});
    }
  }
  return both;
}

// Older ones take just version 0, whose answer is without features.
bool tells_features(const kafka::ApiVersionsResponse& versions) {
  return std::ranges::any_of(versions.api_keys, [](const auto& api) {
    return api.api_key == std::to_underlying(kafka::ApiKey::ApiVersions) && api.max_version >= kFeaturesVersion;
  });
}

}  // namespace

ClusterWatch::ClusterWatch(net::Loop& loop, net::FrameClientOptions options, std::shared_ptr<Facts> facts,
                           std::function<void()> lost)
    : loop_(loop),
      options_(std::move(options)),
      facts_(std::move(facts)),
      lost_(std::move(lost)),
      trouble_(trouble_text(options_.server, "it has not answered yet")),
      ranges_(passed_on()) {}

void ClusterWatch::start() {
  loop_.post([self = shared_from_this()] { self->introduce(); });
}

void ClusterWatch::stop() {
  auto stopped = std::make_shared<std::promise<void>>();
  auto future = stopped->get_future();
  loop_.post([self = shared_from_this(), stopped] {
    self->stopped_ = true;
    self->timer_.cancel();
    if (self->lane_) self->lane_->close("stopping");
    stopped->set_value();
  });
  if (future.wait_for(kWaitMax) != std::future_status::ready) {
    log::warn("the event loop did not end its connection to the upstream cluster in time",
              {{"cluster", options_.server.text()}, {"waited_ms", kWaitMax.count()}});
  }
}

void ClusterWatch::wait_for_first_attempt() {
  std::unique_lock lock(mutex_);
  attempted_.wait_for(lock, kWaitMax, [this] { return has_attempted_; });
}

std::optional<std::string> ClusterWatch::trouble() const {
  const std::scoped_lock lock(mutex_);
  return trouble_;
}

std::vector<ApiRange> ClusterWatch::ranges() const {
  const std::scoped_lock lock(mutex_);
  return ranges_;
}

std::vector<Feature> ClusterWatch::features() const {
  const std::scoped_lock lock(mutex_);
  return features_;
}

std::optional<std::int16_t> ClusterWatch::highest(kafka::ApiKey key) const {
  const auto known = ranges();
  const auto found = std::ranges::find(known, key, &ApiRange::key);
  return found == known.end() ? std::nullopt : std::optional(found->highest);
}

void ClusterWatch::later(std::chrono::milliseconds delay, void (ClusterWatch::*step)()) {
  timer_ = loop_.after(delay, [weak = weak_from_this(), step] {
    if (const auto self = weak.lock()) ((*self).*step)();
  });
}

void ClusterWatch::introduce() {
  if (stopped_) return;
  ++attempt_;
  auto lane = Lane::open(loop_, options_, [](std::string_view) {});
  if (!lane) {
    failed(lane.error().message);
    return;
  }
  lane_ = *std::move(lane);
  limit_attempt();
  ask(kafka::ApiKey::ApiVersions, 0, kafka::ApiVersionsRequest{}, &ClusterWatch::take_versions);
}

void ClusterWatch::limit_attempt() {
  timer_ = loop_.after(kAttemptDeadline, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self) self->failed(fmt::format("no answer within {} s", kAttemptDeadline.count() / 1000));
  });
}

void ClusterWatch::ask(kafka::ApiKey key, std::int16_t version, kafka::Request request, Then then) {
  lane_->send({.key = key, .version = version, .client_id = "myelin"}, request,
              [weak = weak_from_this(), attempt = attempt_, then](Result<kafka::Response> response) {
                const auto self = weak.lock();
                if (!self) return;
                self->loop_.dispatch([self, attempt, then, response = std::move(response)] {
                  if (self->stopped_ || attempt != self->attempt_) return;
                  if (response)
                    ((*self).*then)(*response);
                  else
                    self->failed(response.error().message);
                });
              });
}

void ClusterWatch::take_versions(const kafka::Response& response) {
  const auto& versions = std::get<kafka::ApiVersionsResponse>(response);
  auto common = intersect(passed_on(), versions);
  const auto metadata = std::ranges::find(common, kafka::ApiKey::Metadata, &ApiRange::key);
  if (metadata == common.end()) {
    failed("it serves no version of Metadata that Myelin knows");
    return;
  }
  {
    const std::scoped_lock lock(mutex_);
    ranges_ = std::move(common);
  }
  if (!tells_features(versions)) return go_on_with_topics();
  kafka::ApiVersionsRequest request;
  request.client_software_name = "myelin";
  request.client_software_version = "1";
  ask(kafka::ApiKey::ApiVersions, kFeaturesVersion, std::move(request), &ClusterWatch::take_features);
}

void ClusterWatch::take_features(const kafka::Response& response) {
  {
    const std::scoped_lock lock(mutex_);
    features_ = intersect(known_features(), std::get<kafka::ApiVersionsResponse>(response));
  }
  go_on_with_topics();
}

void ClusterWatch::go_on_with_topics() {
  if (is_reached()) {
    ask_for_missing_ends();
    return;
  }
  kafka::MetadataRequest all;
  all.topics.reset();
  all.allow_auto_topic_creation = false;
  ask(kafka::ApiKey::Metadata, highest(kafka::ApiKey::Metadata).value(), std::move(all), &ClusterWatch::take_topics);
}

void ClusterWatch::take_topics(const kafka::Response& response) {
  const auto& metadata = std::get<kafka::MetadataResponse>(response);
  facts_->learn(metadata);
  if (!was_ever_reached_) facts_->expect_ends(metadata);
  ask_for_missing_ends();
}

// Again with each probe: a partition without a leader can't tell its end, and must not keep the others waiting.
void ClusterWatch::ask_for_missing_ends() {
  auto missing = facts_->missing_ends();
  if (missing.topics.empty()) {
    reached();
    return;
  }
  const auto version = highest(kafka::ApiKey::ListOffsets);
  if (!version) {
    failed("it serves no version of ListOffsets that Myelin knows");
    return;
  }
  ask(kafka::ApiKey::ListOffsets, *version, std::move(missing), &ClusterWatch::take_ends);
}

void ClusterWatch::take_ends(const kafka::Response& response) {
  facts_->learn_ends(std::get<kafka::ListOffsetsResponse>(response));
  reached();
}

void ClusterWatch::probe() {
  if (stopped_) return;
  limit_attempt();
  ask(kafka::ApiKey::ApiVersions, 0, kafka::ApiVersionsRequest{}, &ClusterWatch::take_versions);
}

void ClusterWatch::reached() {
  was_ever_reached_ = true;
  const bool was_reached = is_reached_.exchange(true);
  {
    const std::scoped_lock lock(mutex_);
    trouble_.reset();
    has_attempted_ = true;
  }
  attempted_.notify_all();
  if (!was_reached) log::info("the upstream cluster answers", {{"cluster", options_.server.text()}});
  later(kProbeEvery, &ClusterWatch::probe);
}

void ClusterWatch::failed(const std::string& reason) {
  if (stopped_) return;
  ++attempt_;  // what is still under way no longer counts
  timer_.cancel();
  if (const auto lane = std::exchange(lane_, nullptr)) lane->close("the watch begins anew");
  const bool was_reached = is_reached_.exchange(false);
  bool is_news = was_reached;
  {
    const std::scoped_lock lock(mutex_);
    is_news = is_news || !has_attempted_;
    has_attempted_ = true;
    trouble_ = trouble_text(options_.server, reason);
  }
  attempted_.notify_all();
  if (is_news) {
    log::warn("the upstream cluster can't be reached; clients are told to try again",
              {{"cluster", options_.server.text()}, {"reason", reason}, {"next", kNextStep}});
  }
  if (was_reached) lost_();
  later(kTryAgainAfter, &ClusterWatch::introduce);
}

}  // namespace myelin::engine::upstream
