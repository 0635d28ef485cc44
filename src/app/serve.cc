#include "app/serve.h"

#include <fmt/core.h>
#include <signal.h>

#include <cstdio>
#include <thread>

#include "app/instance.h"
#include "app/version.h"
#include "base/log.h"

namespace myelin::app {
namespace {

sigset_t stop_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  return signals;
}

void set_log_level(const std::string& level) {
  log::set_level(level == "debug"   ? log::Level::Debug
                 : level == "warn"  ? log::Level::Warn
                 : level == "error" ? log::Level::Error
                                    : log::Level::Info);
}

void print_ready(const Instance& instance, const ServeOptions& options) {
  const auto& recovery = instance.recovery();
  if (!recovery.was_clean && recovery.partitions > 0) {
    log::info("recovered after an unclean stop", {{"partitions", recovery.partitions},
                                                  {"scanned", recovery.scanned},
                                                  {"torn_bytes", recovery.torn_bytes},
                                                  {"damaged", recovery.damaged.size()}});
  }
  for (const auto& range : recovery.damaged) log::error("damaged records are quarantined", {{"where", range}});
  if (options.dev_mode) {
    fmt::print("dev mode: anybody on this machine may read and write everything; not for production\n");
  }
  if (const auto path = instance.enrolment_path(); !path.empty()) {
    fmt::print(
        "nobody can sign in yet; enrol the first principal with the token in {}:\n"
        "  myelin principal enrol NAME --server {} --token-file {}\n",
        path, instance.http_address(), path);
  }
  std::string listeners;
  for (const auto& address : instance.addresses()) listeners += (listeners.empty() ? "" : " ") + address;
  fmt::print("myelin {} ready: kafka {} http {}\n", kVersion, listeners.empty() ? "none" : listeners,
             instance.http_address());
  std::fflush(stdout);
}

// A second signal means now: what was acknowledged is safe, the next start recovers.
void exit_on_second_signal(const sigset_t& signals) {
  std::thread([signals] {
    int signal = 0;
    ::sigwait(&signals, &signal);
    log::warn("stopped at once by a second signal");
    std::_Exit(0);
  }).detach();
}

}  // namespace

int serve(const ServeOptions& options) {
  set_log_level(options.settings.log_level);
  // Blocked before any thread exists, so that every thread inherits it and only sigwait sees them.
  const auto signals = stop_signals();
  auto all_signals = signals;
  ::sigaddset(&all_signals, SIGHUP);
  ::pthread_sigmask(SIG_BLOCK, &all_signals, nullptr);
  ::signal(SIGHUP, SIG_DFL);  // whoever started this may have had it ignored, as nohup does
  ::signal(SIGPIPE, SIG_IGN);
  auto instance = Instance::start(options);
  if (!instance) {
    fmt::print(stderr, "myelin: {}\n", instance.error().message);
    return 1;
  }
  print_ready(**instance, options);
  int signal = 0;
  while (::sigwait(&all_signals, &signal) == 0 && signal == SIGHUP) (*instance)->reload_certificates();
  log::info("stopping", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
  exit_on_second_signal(signals);
  const auto stopped = (*instance)->stop(std::chrono::milliseconds(options.settings.net_stop_deadline_ms));
  if (!stopped) {
    fmt::print(stderr, "myelin: {}\n", stopped.error().message);
    return 1;
  }
  log::info("stopped");
  return 0;
}

}  // namespace myelin::app
