#include "net/acceptor.h"

#include <fcntl.h>

#include <cerrno>

namespace myelin::net {
namespace {

constexpr int kAcceptsPerTurn = 64;
constexpr std::chrono::milliseconds kRetry{100};

Descriptor spare_descriptor() { return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

}  // namespace

Acceptor::Acceptor(Loop& loop, ListeningSocket socket, Events events)
    : loop_(loop), socket_(std::move(socket.descriptor)), reserve_(spare_descriptor()), events_(std::move(events)) {}

void Acceptor::start() {
  loop_.dispatch([self = shared_from_this()] {
    if (!self->socket_) return;
    self->watch_ = std::make_unique<FdWatch>(self->loop_, self->socket_.get());
    self->watch_->wait_readable(self);
  });
}

void Acceptor::stop() {
  run_and_wait(loop_, [this] {
    retry_.cancel();
    watch_.reset();
    socket_.reset();
    reserve_.reset();
  });
}

void Acceptor::on_readable() {
  auto outcome = Outcome::Accepted;
  for (int turn = 0; turn < kAcceptsPerTurn && watch_ && outcome == Outcome::Accepted; ++turn) outcome = accept_one();
  if (outcome == Outcome::Starved) {
    retry_ = loop_.after(kRetry, [self = shared_from_this()] { self->on_readable(); });
  } else if (watch_ && !watch_->waiting_readable()) {
    watch_->wait_readable(shared_from_this());
  }
}

Acceptor::Outcome Acceptor::accept_one() {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  Descriptor accepted(
      ::accept4(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (accepted) {
    tune_stream(accepted.get());
    events_.accepted(std::move(accepted), endpoint_of(address));
    return Outcome::Accepted;
  }
  switch (errno) {
    case EAGAIN:
      return Outcome::Nothing;
    case EMFILE:
    case ENFILE:
      return refuse_one() ? Outcome::Accepted : Outcome::Starved;
    case ENOBUFS:
    case ENOMEM:
      return Outcome::Starved;
    default:
      return Outcome::Accepted;  // the peer left before it was accepted
  }
}

// A connection that can't be accepted would keep the socket readable for ever and the peer waiting.
bool Acceptor::refuse_one() {
  reserve_.reset();
  Descriptor refused(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  const bool took_one = static_cast<bool>(refused);
  refused.reset();
  reserve_ = spare_descriptor();
  if (took_one) events_.out_of_descriptors();
  return took_one;
}

Result<Endpoint> Acceptors::open(Loop& loop, const Endpoint& address, Acceptor::Events events) {
  auto socket = listen_on(address);
  if (!socket) return pass(socket);
  Endpoint bound = socket->bound;
  const auto acceptor = std::make_shared<Acceptor>(loop, std::move(*socket), std::move(events));
  {
    const std::lock_guard lock(mutex_);
    open_.push_back(acceptor);
  }
  acceptor->start();
  return bound;
}

void Acceptors::stop() {
  const std::lock_guard lock(mutex_);
  for (const auto& acceptor : open_) acceptor->stop();
  open_.clear();
}

}  // namespace myelin::net
