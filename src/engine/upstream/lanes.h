#pragma once
// The connections to the cluster, one for each connection of a client that asked something, and one for Myelin's own
// questions. They end with their clients, and are as many as FrameLimits lets clients be.
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>

#include "engine/upstream/lane.h"
#include "net/frame_client.h"

namespace myelin::engine::upstream {

// Threads: any.
class Lanes {
 public:
  static constexpr std::size_t kLanesMax = 12'000;

  Lanes(net::Reactor& reactor, net::FrameClientOptions options, Lane::OnFault on_fault)
      : reactor_(reactor), options_(std::move(options)), on_fault_(std::move(on_fault)) {}

  // An empty `client` is Myelin itself.
  [[nodiscard]] Result<std::shared_ptr<Lane>> of(const std::weak_ptr<const void>& client);
  // Ends those whose client has gone or whose cluster is silent.
  void sweep(MonotonicTime now);
  void close_all(std::string_view why);
  [[nodiscard]] std::size_t size() const;

 private:
  using ByClient = std::map<std::weak_ptr<const void>, std::shared_ptr<Lane>, std::owner_less<>>;

  net::Reactor& reactor_;
  const net::FrameClientOptions options_;
  const Lane::OnFault on_fault_;
  const std::shared_ptr<const void> itself_ = std::make_shared<const char>('\0');
  mutable std::mutex mutex_;
  ByClient lanes_;
};

}  // namespace myelin::engine::upstream
