#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <vector>

#include "bench/commands.h"
#include "bench/repeated.h"
#include "bench/window.h"

namespace myelin::bench {
namespace {

struct Client {
  Client(const std::string& address, const Wanted& wanted)
      : connection(address), request(repeated(connection, wanted)) {}
  Connection connection;
  Repeated request;
  double due = 0;
  bool is_waiting = false;
};

// Says which of many clients have an answer.
class Readiness {
 public:
  explicit Readiness(std::vector<std::unique_ptr<Client>>& clients) : poll_(epoll_create1(EPOLL_CLOEXEC)) {
    for (auto& client : clients) {
      epoll_event event{.events = EPOLLIN, .data = {.ptr = client.get()}};
      if (epoll_ctl(poll_.descriptor(), EPOLL_CTL_ADD, client->connection.descriptor(), &event) != 0)
        die("epoll: {}", std::strerror(errno));
    }
  }
  template <typename Handle>
  void wait(double until_s, const Handle& handle) {
    const int timeout_ms = std::max(0, static_cast<int>(std::ceil((until_s - now_s()) * 1e3)));
    const int ready = epoll_wait(poll_.descriptor(), events_.data(), static_cast<int>(events_.size()), timeout_ms);
    for (int at = 0; at < ready; ++at) handle(*static_cast<Client*>(events_[static_cast<std::size_t>(at)].data.ptr));
  }

 private:
  Socket poll_;
  std::array<epoll_event, 256> events_{};
};

}  // namespace

// Many clients that each send one small request every so often, and as consumers do wait for an answer in between.
void keep_connections(const Options& options) {
  const long connections = options.number("connections", 1000);
  const double interval_s = static_cast<double>(options.number("interval-ms", 0)) / 1e3;  // 0: at once after the answer
  const auto seconds = static_cast<double>(options.number("seconds", 5));
  Wanted wanted{.kind = options.text("kind"), .topic = options.text("topic")};
  wanted.wait_ms = options.number("wait-ms", 500);
  std::vector<std::unique_ptr<Client>> clients;
  for (; wanted.client < connections; ++wanted.client) {
    wanted.partition = static_cast<std::int32_t>(wanted.client % options.number("partitions", 1));
    clients.push_back(std::make_unique<Client>(options.text("address"), wanted));
  }
  Readiness readiness(clients);
  const double begin = now_s();
  const double spread_s = interval_s > 0 ? interval_s : static_cast<double>(wanted.wait_ms) / 1e3;
  for (std::size_t at = 0; at < clients.size(); ++at)
    clients[at]->due = begin + spread_s * static_cast<double>(at) / static_cast<double>(clients.size());
  long answers = 0;
  const Window window(options);
  const auto serve_until = [&](double end_s, bool is_sending) {
    for (double now = now_s(); now < end_s; now = now_s()) {
      double next = end_s;
      for (auto& client : clients) {
        if (client->is_waiting || !is_sending) continue;
        if (client->due <= now) {
          client->request.send(client->connection);
          client->is_waiting = true;
        } else {
          next = std::min(next, client->due);
        }
      }
      readiness.wait(next, [&](Client& client) {
        client.request.receive(client.connection);
        client.is_waiting = false;
        client.due = interval_s > 0 ? client.due + interval_s : 0;
        ++answers;
      });
    }
  };
  serve_until(begin + seconds, true);
  const auto passed = window.json();
  const auto counted = answers;
  serve_until(now_s() + spread_s, false);
  for (const auto& client : clients) client->request.leave(client->connection);
  if (counted == 0) die("no answer within {} s", seconds);
  fmt::print("{{\"requests\":{},{}}}\n", counted, passed);
}

}  // namespace myelin::bench
