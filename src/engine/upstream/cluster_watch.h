#pragma once
// Whether the cluster can be reached, by a connection of its own: introduces itself (versions, topics, ends of the
// logs), then asks again every two seconds, and begins anew a second after an attempt that failed. An attempt that has
// not ended within ten seconds has failed.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/upstream/facts.h"
#include "engine/upstream/lane.h"
#include "net/frame_client.h"

namespace myelin::engine::upstream {

class ClusterWatch final : public std::enable_shared_from_this<ClusterWatch> {
 public:
  // `lost` is called on the loop, when a cluster that was reached no longer is.
  ClusterWatch(net::Loop& loop, net::FrameClientOptions options, std::shared_ptr<Facts> facts,
               std::function<void()> lost);

  void start();
  // Returns when the loop has ended the watch, and nothing is called after that. A loop that is stuck for 20 seconds is
  // not waited for any longer, with a warning; it then ends the watch when it goes on. Not to be called on the loop.
  void stop();
  // Until the first attempt has ended, either way, or for 20 seconds while the loop is stuck: trouble() then says that
  // there was no answer yet. Not to be called on the loop.
  void wait_for_first_attempt();

  // Any thread. Why the cluster is not reached and what to do; nothing when it is.
  [[nodiscard]] std::optional<std::string> trouble() const;
  [[nodiscard]] bool is_reached() const { return is_reached_.load(std::memory_order_relaxed); }
  // Any thread. What both we and the cluster serve, by its latest answer; what we serve before there was one.
  [[nodiscard]] std::vector<ApiRange> ranges() const;
  // Any thread. Those that we know, at the level of both; none before there was an answer.
  [[nodiscard]] std::vector<Feature> features() const;

 private:
  using Then = void (ClusterWatch::*)(const kafka::Response& response);
  void introduce();
  void limit_attempt();
  void ask(kafka::ApiKey key, std::int16_t version, kafka::Request request, Then then);
  void take_versions(const kafka::Response& response);
  void take_features(const kafka::Response& response);
  void go_on_with_topics();
  void take_topics(const kafka::Response& response);
  void ask_for_missing_ends();
  void take_ends(const kafka::Response& response);
  void probe();
  void reached();
  void failed(const std::string& reason);
  void later(std::chrono::milliseconds delay, void (ClusterWatch::*step)());
  [[nodiscard]] std::optional<std::int16_t> highest(kafka::ApiKey key) const;

  net::Loop& loop_;
  const net::FrameClientOptions options_;
  const std::shared_ptr<Facts> facts_;
  std::function<void()> lost_;
  std::atomic<bool> is_reached_{false};

  // On the loop only.
  std::shared_ptr<Lane> lane_;
  std::uint64_t attempt_ = 0;
  bool was_ever_reached_ = false;
  bool stopped_ = false;
  net::Timer timer_;

  mutable std::mutex mutex_;
  std::condition_variable attempted_;
  bool has_attempted_ = false;
  std::optional<std::string> trouble_;
  std::vector<ApiRange> ranges_;
  std::vector<Feature> features_;
};

}  // namespace myelin::engine::upstream
