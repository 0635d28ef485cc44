#pragma once
// The engine in front of an existing Kafka cluster of one broker, reached over plaintext. Requests go there as they
// are, with the client's own id, one connection for each connection of a client; record bytes are not looked into but
// for the headers of batches.
//
// It keeps no journal: nothing is told again at start, and facts are those of this run.
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "engine/engine.h"
#include "engine/upstream/facts.h"
#include "engine/upstream/lane.h"
#include "net/frame_client.h"

namespace myelin::engine::upstream {

class Upstream final : public Engine {
 public:
  // Waits until the cluster has said which versions it serves and which topics it has. The reactor is running and, like
  // the clock, outlives the engine. Not to be called on a loop.
  [[nodiscard]] static Result<std::unique_ptr<Upstream>> open(net::FrameClientOptions options, net::Reactor& reactor,
                                                              const Clock& clock);
  // Closes its connections; what is under way is answered as unavailable. Not to be called on a loop.
  ~Upstream() override;

  // The versions that both we and the cluster serve.
  [[nodiscard]] std::vector<ApiRange> served() const override { return ranges_; }
  void handle(Call call, kafka::Request request, Reply reply) override;
  [[nodiscard]] Result<void> replay_appends(const AppendSink&) const override { return {}; }
  [[nodiscard]] Result<void> replay_consumed(const ConsumedSink&) const override { return {}; }

 private:
  // A client's connection is known by its attribution, of which it has one object.
  struct ClientLane {
    std::weak_ptr<const Attribution> client;
    std::shared_ptr<Lane> lane;
  };

  Upstream(net::FrameClientOptions options, net::Reactor& reactor, const Clock& clock)
      : options_(std::move(options)), reactor_(reactor), clock_(clock) {}
  [[nodiscard]] Result<void> introduce();
  [[nodiscard]] Result<kafka::Response> ask(Lane& lane, kafka::ApiKey key, std::int16_t version,
                                            const kafka::Request& request) const;
  [[nodiscard]] Result<std::shared_ptr<Lane>> lane_of(const Call& call);
  void close_abandoned();

  const net::FrameClientOptions options_;
  net::Reactor& reactor_;
  const Clock& clock_;
  std::vector<ApiRange> ranges_;
  // Shared with answers that are under way.
  const std::shared_ptr<Facts> facts_ = std::make_shared<Facts>();
  std::mutex mutex_;
  std::unordered_map<const Attribution*, ClientLane> lanes_;
};

}  // namespace myelin::engine::upstream
