#include "api/metrics.h"

#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace myelin::api {
namespace {

std::string escaped(std::string_view value) {
  std::string text;
  for (const char byte : value) {
    if (byte == '\\' || byte == '"') text += '\\';
    if (byte == '\n') {
      text += "\\n";
    } else {
      text += byte;
    }
  }
  return text;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

void MetricsPage::counter(std::string_view name, std::string_view help, double value, Labels labels) {
  add("counter", name, help, value, labels);
}
void MetricsPage::gauge(std::string_view name, std::string_view help, double value, Labels labels) {
  add("gauge", name, help, value, labels);
}

void MetricsPage::add(std::string_view type, std::string_view name, std::string_view help, double value,
                      Labels labels) {
  Family& family = families_.try_emplace(std::string(name), Family{type, std::string(help), {}}).first->second;
  std::string sample(name);
  if (labels.size() > 0) {
    sample += '{';
    for (const auto& [label, text] : labels)
      sample += fmt::format("{}{}=\"{}\"", sample.back() == '{' ? "" : ",", label, escaped(text));
    sample += '}';
  }
  family.samples.push_back(fmt::format("{} {}", sample, value));
}

std::string MetricsPage::text() const {
  std::string page;
  for (const auto& [name, family] : families_) {
    page += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, family.help, name, family.type);
    for (const auto& sample : family.samples) page += sample + "\n";
  }
  return page;
}

void add_metrics(MetricsPage& page, const governance::PathCounters& counters) {
  const auto count = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    page.counter(name, help, static_cast<double>(value));
  };
  count("myelin_governance_requests_total", "Kafka requests that took the governance path.", counters.requests);
  count("myelin_governance_denied_total", "Refusals of an operation on a resource.", counters.denied);
  count("myelin_governance_would_deny_total", "Refusals that a reporting rule let through.", counters.would_deny);
  count("myelin_governance_throttled_total", "Answers that told the client to wait.", counters.throttled);
  count("myelin_governance_sign_ins_total", "Kafka clients that signed in.", counters.signed_in);
  count("myelin_governance_sign_in_failures_total", "Sign-ins of Kafka clients that failed.",
        counters.sign_in_failures);
  count("myelin_governance_outdated_nonces_total", "Sign-ins by clients that repeat an old SCRAM nonce.",
        counters.outdated_nonces);
  page.gauge("myelin_governance_sessions", "Kafka connections now.", static_cast<double>(counters.sessions));
  const auto& fetches = counters.fetch_sessions;
  page.gauge("myelin_governance_fetch_sessions", "Fetch sessions now.", static_cast<double>(fetches.sessions));
  page.gauge("myelin_governance_fetch_session_partitions", "Partitions in these.",
             static_cast<double>(fetches.partitions));
  count("myelin_governance_fetch_session_evictions_total", "Fetch sessions that gave way to another one.",
        fetches.evictions);
}

void add_metrics(MetricsPage& page, const net::HttpServerCounters& counters) {
  page.gauge("myelin_net_http_connections", "HTTP connections now.", static_cast<double>(counters.open));
  page.gauge("myelin_net_http_event_streams", "Browsers that watch live events now.",
             static_cast<double>(counters.event_streams));
  page.counter("myelin_net_http_accepted_total", "HTTP connections accepted.", static_cast<double>(counters.accepted));
  page.counter("myelin_net_http_refused_total", "HTTP connections refused over the cap.",
               static_cast<double>(counters.refused));
  page.counter("myelin_net_http_requests_total", "HTTP requests that were well formed.",
               static_cast<double>(counters.requests));
  page.counter("myelin_net_http_rejected_total", "HTTP requests that were not.",
               static_cast<double>(counters.rejected));
}

void add_metrics(MetricsPage& page, const usage::Rows& rows) {
  constexpr usage::GroupBy kNothing{.principal = false, .squad = false, .topic = false, .direction = false};
  for (const auto& line : usage::report(rows, {}, kNothing, [](const PrincipalName&) { return SquadName(); })) {
    const auto& traits = usage::traits_of(line.measure);
    const bool is_time = line.measure == usage::Measure::RequestTime;
    page.counter(fmt::format("myelin_usage_{}{}_total", traits.name, is_time ? "_seconds" : ""),
                 "As `myelin usage` tells it, over all principals.",
                 static_cast<double>(line.amount) / (is_time ? 1e6 : 1.0), {{"class", to_text(line.exactness)}});
  }
}

void add_process_metrics(MetricsPage& page) {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  page.counter("process_cpu_seconds_total", "CPU time of the process.",
               seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
  std::uint64_t virtual_pages = 0;
  std::uint64_t resident_pages = 0;
  std::ifstream("/proc/self/statm") >> virtual_pages >> resident_pages;
  const auto page_bytes = static_cast<double>(::sysconf(_SC_PAGESIZE));
  page.gauge("process_resident_memory_bytes", "Memory of the process that is in RAM.",
             static_cast<double>(resident_pages) * page_bytes);
  page.gauge("process_virtual_memory_bytes", "Address space of the process.",
             static_cast<double>(virtual_pages) * page_bytes);
  std::error_code error;
  const auto files = std::filesystem::directory_iterator("/proc/self/fd", error);
  page.gauge("process_open_fds", "Open files of the process.",
             static_cast<double>(std::distance(begin(files), end(files))));
}

}  // namespace myelin::api
