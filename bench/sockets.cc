#include "bench/sockets.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "bench/measure.h"

namespace myelin::bench {
namespace {

void send_at_once(int descriptor) {
  const int on = 1;
  setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

sockaddr* generic(sockaddr_in& address) { return reinterpret_cast<sockaddr*>(&address); }

// A socket that was connected with BBR goes on pacing under any other.
void choose_before_connecting(int descriptor, Sending sending) {
  constexpr std::string_view kReno = "reno";  // every Linux has it, and a loopback that loses nothing never slows it
  if (sending == Sending::AsTheMachine) return;
  if (setsockopt(descriptor, IPPROTO_TCP, TCP_CONGESTION, kReno.data(), kReno.size()) != 0) {
    die("no congestion control \"{}\": {}", kReno, std::strerror(errno));
  }
}

Socket connect_to(sockaddr_in address, Sending sending) {
  Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  choose_before_connecting(socket.descriptor(), sending);
  if (connect(socket.descriptor(), generic(address), sizeof address) != 0) die("connect: {}", std::strerror(errno));
  send_at_once(socket.descriptor());
  return socket;
}

}  // namespace

Socket::~Socket() { close_now(); }

void Socket::close_now() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void Socket::shut_down_sending() const { shutdown(descriptor_, SHUT_WR); }

void Socket::write_all(std::span<const std::byte> bytes) const {
  while (!bytes.empty()) {
    const auto sent = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) die("send: {}", std::strerror(errno));
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
}

bool Socket::read_exactly(std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const auto received = recv(descriptor_, bytes.data(), bytes.size(), MSG_WAITALL);
    if (received < 0) die("receive: {}", std::strerror(errno));
    if (received == 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(received));
  }
  return true;
}

Socket connect_to(const std::string& host_and_port) {
  const auto colon = host_and_port.rfind(':');
  if (colon == std::string::npos) die("\"{}\" is no address; expected HOST:PORT", host_and_port);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(host_and_port.substr(colon + 1))));
  if (inet_pton(AF_INET, host_and_port.substr(0, colon).c_str(), &address.sin_addr) != 1) {
    die("\"{}\" is no IPv4 address", host_and_port);
  }
  return connect_to(address, Sending::WithoutPacing);
}

std::pair<Socket, Socket> connected_pair(Sending sending) {
  const Socket listener(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener.descriptor(), generic(address), size) != 0 || listen(listener.descriptor(), 1) != 0 ||
      getsockname(listener.descriptor(), generic(address), &size) != 0) {
    die("listen on loopback: {}", std::strerror(errno));
  }
  auto near = connect_to(address, sending);
  Socket far(accept(listener.descriptor(), nullptr, nullptr));
  send_at_once(far.descriptor());
  return {std::move(near), std::move(far)};
}

}  // namespace myelin::bench
