#include <latch>
#include <thread>
#include <vector>

#include "bench/commands.h"
#include "bench/repeated.h"
#include "bench/window.h"

namespace myelin::bench {
namespace {

struct Plan {
  std::string address;
  Wanted wanted;
  long requests = 0;  // of one connection
  long in_flight = 1;
};

// Made ahead of the window: connected, and member of its group where that is needed.
struct Client {
  Client(const Plan& plan, long index) : connection(plan.address), request(made(plan, index)) {}
  Repeated made(const Plan& plan, long index) {
    auto wanted = plan.wanted;
    wanted.client = index;
    return repeated(connection, wanted);
  }
  Connection connection;
  Repeated request;
};

void send_all(const Plan& plan, Client& client) {
  long owed = 0;
  for (long sent = 0; sent < plan.requests; ++sent) {
    client.request.send(client.connection);
    if (++owed < plan.in_flight) continue;
    client.request.receive(client.connection);
    --owed;
  }
  for (; owed > 0; --owed) client.request.receive(client.connection);
}

}  // namespace

// One small request as fast as answers come.
void repeat_requests(const Options& options) {
  const long connections = options.number("connections", 2);
  Plan plan{.address = options.text("address"), .wanted = {}};
  plan.wanted.kind = options.text("kind");
  plan.wanted.topic = options.text("topic");
  plan.wanted.wait_ms = options.number("wait-ms", 10);
  plan.requests = options.number("requests", 1000) / connections;
  plan.in_flight = options.number("in-flight", 1);
  std::vector<std::unique_ptr<Client>> clients;
  for (long index = 0; index < connections; ++index) clients.push_back(std::make_unique<Client>(plan, index));
  const Window window(options);
  std::vector<std::jthread> threads;
  for (auto& client : clients) threads.emplace_back([&plan, &client] { send_all(plan, *client); });
  threads.clear();
  const auto passed = window.json();
  for (const auto& client : clients) client->request.leave(client->connection);
  fmt::print("{{\"requests\":{},{}}}\n", plan.requests * connections, passed);
}

}  // namespace myelin::bench
