#pragma once
// Accepts connections of one listening socket and hands them on. Private to this module.
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "net/fd_watch.h"
#include "net/reactor.h"
#include "net/socket.h"

namespace myelin::net {

class Acceptor final : public FdEvents, public std::enable_shared_from_this<Acceptor> {
 public:
  struct Events {
    std::function<void(Descriptor, Endpoint peer)> accepted;
    // No descriptor was free: a connection was taken from the queue and closed at once.
    std::function<void()> out_of_descriptors;
  };
  Acceptor(Loop& loop, ListeningSocket socket, Events events);

  // Any thread.
  void start();
  // On return nothing more is accepted.
  void stop();

  void on_readable() override;
  void on_writable() override {}

 private:
  enum class Outcome : std::uint8_t { Accepted, Nothing, Starved };
  Outcome accept_one();
  bool refuse_one();

  Loop& loop_;
  Descriptor socket_;
  Descriptor reserve_;  // given up for a moment when no other is free
  Events events_;
  std::unique_ptr<FdWatch> watch_;
  Timer retry_;
};

// The listening sockets of one server.
class Acceptors {
 public:
  // Binds and begins to accept on `loop`; the address with the real port.
  [[nodiscard]] Result<Endpoint> open(Loop& loop, const Endpoint& address, Acceptor::Events events);
  // On return nothing more is accepted.
  void stop();

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<Acceptor>> open_;
};

}  // namespace myelin::net
