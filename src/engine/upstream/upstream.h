#pragma once
// The engine in front of an existing Kafka cluster of one broker, reached over plaintext. Requests go there as they
// are, with the client's own id, one connection for each connection of a client; record bytes are not looked into but
// for the headers of batches.
//
// It keeps no journal: nothing is told again at start, and facts are those of this run.
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/engine.h"
#include "engine/upstream/cluster_watch.h"
#include "engine/upstream/facts.h"
#include "engine/upstream/lanes.h"
#include "net/frame_client.h"

namespace myelin::engine::upstream {

class Upstream final : public Engine {
 public:
  // Waits until the cluster has introduced itself, or could not be reached: then it is tried again for as long as the
  // engine lives, and clients get errors that they retry. The reactor is running and, like the clock, outlives the
  // engine. Not to be called on a loop.
  [[nodiscard]] static std::unique_ptr<Upstream> open(const net::FrameClientOptions& options, net::Reactor& reactor,
                                                      const Clock& clock);
  // Closes its connections; what is under way is answered as unavailable. Not to be called on a loop.
  ~Upstream() override;

  // The versions that both we and the cluster serve, by its latest answer; what we serve before there was one.
  [[nodiscard]] std::vector<ApiRange> served() const override { return watch_->ranges(); }
  [[nodiscard]] std::vector<Feature> features() const override { return watch_->features(); }
  void handle(Call call, kafka::Request request, Reply reply) override;
  [[nodiscard]] Result<void> replay_appends(const AppendSink&) const override { return {}; }
  [[nodiscard]] Result<void> replay_consumed(const ConsumedSink&) const override { return {}; }

  // Why the cluster is not reached and what to do; nothing when it is.
  [[nodiscard]] std::optional<std::string> trouble() const { return watch_->trouble(); }
  [[nodiscard]] std::size_t connections() const { return lanes_->size(); }

 private:
  Upstream(const net::FrameClientOptions& options, net::Reactor& reactor, const Clock& clock);
  void sweep_later();

  net::Reactor& reactor_;
  const Clock& clock_;
  net::Loop& loop_;
  // Shared with answers and timers that are under way.
  const std::shared_ptr<Facts> facts_;
  const std::shared_ptr<Lanes> lanes_;
  const std::shared_ptr<ClusterWatch> watch_;
  std::mutex sweep_mutex_;
  net::Timer sweep_;
  bool stopping_ = false;
};

}  // namespace myelin::engine::upstream
