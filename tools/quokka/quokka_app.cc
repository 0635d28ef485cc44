// Runs one application of Quokka Incorporated against a Kafka address until it is told to stop.
//
// SIGUSR1: stop producing and drain, keep reading. SIGTERM: drain, commit, leave. Survives restarts of the platform.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "quokka/consumer.h"
#include "quokka/plan.h"
#include "quokka/producer.h"
#include "quokka/truth_log.h"

namespace quokka {
namespace {

using std::chrono::steady_clock;

volatile std::sig_atomic_t g_drain = 0;
volatile std::sig_atomic_t g_stop = 0;

struct Options {
  std::string plan;
  std::string application;
  std::string log;
  std::uint64_t seed = 1;
  double pace = 1;
  long seconds = 0;      // drains after that many seconds by itself; 0: when told
  std::string instance;  // suffix of the client id of a second process
  bool reads_only = false;
  Connection connection;
};

constexpr const char* kUsage =
    "usage: quokka_app --plan FILE --application PRINCIPAL --bootstrap HOST:PORT --log FILE\n"
    "                  [--seed N] [--pace N] [--ca FILE] [--user NAME --password-file FILE [--mechanism NAME]]\n"
    "                  [--seconds N] [--instance N] [--reads-only]\n";

std::string password_from(const std::string& path) {
  std::ifstream file(path);
  std::string password;
  if (!std::getline(file, password)) throw std::runtime_error(path + ": holds no password");
  return password;
}

Options read_options(int argc, char** argv) {
  Options options;
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto name = arguments[i];
    if (name == "--reads-only") {
      options.reads_only = true;
      continue;
    }
    if (i + 1 == arguments.size()) throw std::runtime_error(kUsage);
    const std::string value(arguments[++i]);
    if (name == "--plan")
      options.plan = value;
    else if (name == "--application")
      options.application = value;
    else if (name == "--log")
      options.log = value;
    else if (name == "--seed")
      options.seed = std::stoull(value);
    else if (name == "--pace")
      options.pace = std::stod(value);
    else if (name == "--seconds")
      options.seconds = std::stol(value);
    else if (name == "--instance")
      options.instance = value;
    else if (name == "--bootstrap")
      options.connection.bootstrap = value;
    else if (name == "--ca")
      options.connection.authority = value;
    else if (name == "--user")
      options.connection.principal = value;
    else if (name == "--mechanism")
      options.connection.mechanism = value;
    else if (name == "--password-file")
      options.connection.password = password_from(value);
    else
      throw std::runtime_error(kUsage);
  }
  if (options.plan.empty() || options.application.empty() || options.log.empty() ||
      options.connection.bootstrap.empty()) {
    throw std::runtime_error(kUsage);
  }
  return options;
}

std::vector<std::unique_ptr<Consumer>> make_consumers(const ApplicationPlan& plan, const Connection& connection,
                                                      TruthLog& truth) {
  std::map<std::string, std::vector<ReadPlan>> by_group;
  for (const ReadPlan& read : plan.reads) by_group[read.group].push_back(read);
  std::vector<std::unique_ptr<Consumer>> consumers;
  for (const auto& [group, reads] : by_group)
    consumers.push_back(std::make_unique<Consumer>(reads, plan.stalls, connection, truth));
  return consumers;
}

class Application {
 public:
  Application(const Options& options, const ApplicationPlan& plan, TruthLog& truth)
      : options_(options),
        truth_(truth),
        producer_(plan, options.connection, options.seed, options.pace, truth, next_sequences(options.log)),
        consumers_(make_consumers(plan, options.connection, truth)) {
    producer_.create_topics();
    if (plan.transactions.answers.empty()) return;
    for (const auto& consumer : consumers_) {
      consumer->hand_over([this, &reader = *consumer](const auto& message) { producer_.answer(reader, message); });
    }
  }

  int run() {
    const auto start = steady_clock::now();
    while (g_stop == 0 || !producer_.drained()) {
      const auto now = steady_clock::now();
      if (g_drain != 0 || g_stop != 0 ||
          (options_.seconds > 0 && now - start >= std::chrono::seconds(options_.seconds))) {
        producer_.stop();
      }
      producer_.produce_due(now);
      producer_.poll();
      int taken = 0;
      for (const auto& consumer : consumers_) {
        taken += consumer->poll(consumer->is_handed_over() ? (g_stop == 0 ? producer_.room_for_answers() : 0) : 2000);
        consumer->commit_when_due(now);
      }
      producer_.move_on(now, g_stop != 0);
      write_truth_when_due(now);
      if (producer_.failed()) return 1;
      if (taken == 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    producer_.write_truth();
    const auto deadline = steady_clock::now() + std::chrono::seconds(30);
    for (const auto& consumer : consumers_) consumer->close(deadline);
    return 0;
  }

 private:
  void write_truth_when_due(steady_clock::time_point now) {
    if (now < next_line_) return;
    next_line_ = now + std::chrono::milliseconds(200);
    producer_.write_truth();
    bool caught_up = producer_.is_between_transactions();
    for (const auto& consumer : consumers_) {
      consumer->write_truth();
      caught_up = caught_up && consumer->caught_up();
    }
    const bool drained = producer_.drained();
    if (drained == drained_ && caught_up == caught_up_) return;
    drained_ = drained;
    caught_up_ = caught_up;
    truth_.line("status", std::string("\"drained\":") + (drained ? "true" : "false") +
                              ",\"caught_up\":" + (caught_up ? "true" : "false"));
  }

  const Options& options_;
  TruthLog& truth_;
  Producer producer_;
  std::vector<std::unique_ptr<Consumer>> consumers_;
  steady_clock::time_point next_line_{};
  bool drained_ = false;
  bool caught_up_ = false;
};

int run(int argc, char** argv) {
  Options options = read_options(argc, argv);
  ApplicationPlan plan = load_plan(options.plan, options.application);
  if (options.reads_only) {
    plan.writes.clear();
    plan.transactions = {};
  }
  options.connection.client_id = plan.client_id + (options.instance.empty() ? "" : "-" + options.instance);
  TruthLog truth(options.log);
  truth.line("start",
             "\"principal\":" + quoted(plan.principal) + ",\"client_id\":" + quoted(options.connection.client_id) +
                 ",\"library\":" + quoted(library_name()) + ",\"library_version\":" + quoted(library_version()));
  int code = 1;
  try {
    code = Application(options, plan, truth).run();
  } catch (const std::exception& error) {
    truth.line("error", "\"what\":" + quoted(error.what()));
    std::fprintf(stderr, "%s: %s\n", plan.principal.c_str(), error.what());
  }
  truth.line("end", "\"code\":" + std::to_string(code));
  return code;
}

}  // namespace
}  // namespace quokka

int main(int argc, char** argv) {
  std::signal(SIGUSR1, [](int) { quokka::g_drain = 1; });
  std::signal(SIGTERM, [](int) { quokka::g_stop = 1; });
  std::signal(SIGINT, SIG_IGN);  // Ctrl-C in the terminal belongs to the demo, which stops its applications in order
  try {
    return quokka::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
