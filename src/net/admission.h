#pragma once
// Who may still connect: the caps on connections, in all, not yet authenticated, and from one address. Thread-safe.
// Private to this module.
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace myelin::net {

class Admission {
 public:
  struct Limits {
    std::size_t connections;
    std::size_t unauthenticated;
    std::size_t per_address;
  };
  enum class Verdict : std::uint8_t { Admitted, TooMany, TooManyUnauthenticated, TooManyFromAddress };

  explicit Admission(Limits limits) : limits_(limits) {}

  // A new, not yet authenticated connection. Admitted ones must leave().
  [[nodiscard]] Verdict enter(std::string_view address);
  void authenticated();
  void leave(std::string_view address, bool was_authenticated);

  struct Counts {
    std::size_t connections = 0;
    std::size_t unauthenticated = 0;
  };
  [[nodiscard]] Counts counts() const;
  // False when some had not left in time.
  [[nodiscard]] bool wait_until_empty(std::chrono::steady_clock::time_point until);

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  const Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable left_;
  Counts counts_;
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> by_address_;
};

// False when taking `descriptor` leaves fewer than `headroom` below the process's limit for files and other listeners.
[[nodiscard]] bool leaves_descriptors(int descriptor, std::size_t headroom);

}  // namespace myelin::net
