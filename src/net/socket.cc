#include "net/socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <string>

namespace myelin::net {
namespace {

constexpr int kBacklog = 4096;  // the kernel's own bound, net.core.somaxconn, is usually as large

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Result<Addresses> resolve(const Endpoint& endpoint, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const auto port = std::to_string(endpoint.port);
  const int status = ::getaddrinfo(endpoint.host.c_str(), port.c_str(), &hints, &found);
  if (status != 0) {
    return fail(Code::NotFound, "{}: host name \"{}\" does not resolve: {}; check its spelling or use an IP address",
                endpoint.text(), endpoint.host, ::gai_strerror(status));
  }
  return Addresses(found, &::freeaddrinfo);
}

void set_option(int descriptor, int level, int option, int value) {
  // Best effort: the connection works without, and sockets of tests may be of other families.
  [[maybe_unused]] const int status = ::setsockopt(descriptor, level, option, &value, sizeof value);
}

std::string bind_advice(const Endpoint& address, int error_number) {
  switch (error_number) {
    case EADDRINUSE:
      return fmt::format(
          "the port is in use by another process; stop it (find it with: ss -ltnp 'sport = :{}') or choose another "
          "port",
          address.port);
    case EADDRNOTAVAIL:
      return "this machine has no such address; use one that `ip addr` lists, or 0.0.0.0 for all";
    case EACCES:
      return "ports below 1024 need the right to bind them; choose a higher port";
    default:
      return std::strerror(error_number);
  }
}

}  // namespace

void Descriptor::reset(int value) {
  if (value_ >= 0) ::close(value_);
  value_ = value;
}

void ignore_broken_pipes() {
  // Not undone: the process either serves sockets or is a command that reads write errors anyway.
  [[maybe_unused]] const auto previous = std::signal(SIGPIPE, SIG_IGN);
}

Result<ListeningSocket> listen_on(const Endpoint& address) {
  auto addresses = resolve(address, AI_PASSIVE);
  if (!addresses) return pass(addresses);
  const addrinfo& first = **addresses;
  Descriptor descriptor(::socket(first.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!descriptor) return fail_errno("socket", address.text(), errno);
  set_option(descriptor.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (::bind(descriptor.get(), first.ai_addr, first.ai_addrlen) != 0 || ::listen(descriptor.get(), kBacklog) != 0) {
    return fail(Code::Unavailable, "cannot listen on {}: {}", address.text(), bind_advice(address, errno));
  }
  auto bound = local_endpoint(descriptor.get());
  return ListeningSocket{std::move(descriptor), std::move(bound)};
}

Result<Descriptor> connect_to(const Endpoint& server) {
  auto addresses = resolve(server, 0);
  if (!addresses) return pass(addresses);
  int last_error = 0;
  for (const addrinfo* address = addresses->get(); address != nullptr; address = address->ai_next) {
    Descriptor descriptor(::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!descriptor) return fail_errno("socket", server.text(), errno);
    tune_stream(descriptor.get());
    if (::connect(descriptor.get(), address->ai_addr, address->ai_addrlen) == 0 || errno == EINPROGRESS)
      return descriptor;
    last_error = errno;
  }
  return fail(Code::Unavailable, "{}: {}", server.text(), std::strerror(last_error));
}

int connect_error(int descriptor) {
  int error_number = 0;
  socklen_t size = sizeof error_number;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error_number, &size) != 0) return errno;
  return error_number;
}

void tune_stream(int descriptor) {
  set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set_option(descriptor, IPPROTO_TCP, TCP_KEEPCNT, 3);
  set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, 60'000);
}

Endpoint endpoint_of(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return Endpoint{text, ntohs(v4.sin_port)};
  }
  if (address.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    // A dual-stack socket shows IPv4 peers as ::ffff:a.b.c.d; people know them as a.b.c.d.
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      ::inet_ntop(AF_INET, v6.sin6_addr.s6_addr + 12, text, sizeof text);
    } else {
      ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    }
    return Endpoint{text, ntohs(v6.sin6_port)};
  }
  return Endpoint{};
}

Endpoint local_endpoint(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return Endpoint{};
  return endpoint_of(address);
}

Endpoint peer_endpoint(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return Endpoint{};
  return endpoint_of(address);
}

}  // namespace myelin::net
