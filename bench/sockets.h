#pragma once
// Blocking TCP on loopback: what a measuring client needs and no more.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace myelin::bench {

// A connected socket, closed at the end of its scope.
class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket();
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  [[nodiscard]] int descriptor() const { return descriptor_; }
  void close_now();
  void shut_down_sending() const;

  void write_all(std::span<const std::byte> bytes) const;
  // False at the end of the stream.
  [[nodiscard]] bool read_exactly(std::span<std::byte> bytes) const;

 private:
  int descriptor_;
};

// How the connecting end sends. BBR, where it is the machine's default, sends by timers, at a rate that it begins to
// learn from what earlier connections left behind. What a timer sends is charged to whoever it interrupts: to the
// receiver, most of all at first.
enum class Sending : std::uint8_t { AsTheMachine, WithoutPacing };

// As a client of the server: without pacing.
[[nodiscard]] Socket connect_to(const std::string& host_and_port);
// The end that connected, and the one that accepted, which sends as the machine has it.
[[nodiscard]] std::pair<Socket, Socket> connected_pair(Sending sending);

}  // namespace myelin::bench
