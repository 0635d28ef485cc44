#include "app/cli/doctor.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <vector>

#include "app/cli/ask.h"
#include "app/listener.h"
#include "base/clock.h"
#include "model/load.h"
#include "net/frame_server.h"
#include "net/reactor.h"
#include "net/tls.h"

namespace myelin::app::cli {
namespace {

struct Options : Asking {
  std::string data = ".";
  std::string model;
  std::string certificate;
  std::vector<std::string> listen;
};

// Rows of check, verdict (ok, warning, failed), finding, what to do.
class Report {
 public:
  void add(std::string check, std::string verdict, std::string finding, std::string advice = {}) {
    failed_ = failed_ || verdict == "failed";
    table_.rows.push_back({std::move(check), std::move(verdict), std::move(finding), std::move(advice)});
  }
  [[nodiscard]] const Table& table() const { return table_; }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  Table table_{{{"check"}, {"verdict"}, {"finding"}, {"what_to_do"}}, {}};
  bool failed_ = false;
};

void check_limits(Report& report) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  const bool few = files.rlim_cur < 8192;
  report.add("open files", few ? "warning" : "ok", fmt::format("limit {}", files.rlim_cur),
             few ? "raise it to 8192 or more (ulimit -n, or LimitNOFILE in the service unit)" : "");
  const auto cores = ::sysconf(_SC_NPROCESSORS_ONLN);
  const auto memory = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGE_SIZE));
  const bool small = memory < 1e9;
  report.add("machine", small ? "warning" : "ok", fmt::format("{} cores, {:.1f} GB of memory", cores, memory / 1e9),
             small ? "1 GB of memory is the least for comfortable page caching" : "");
}

void check_disk(Report& report, const std::string& folder) {
  struct statvfs disk{};
  if (::statvfs(folder.c_str(), &disk) != 0) {
    report.add("disk", "failed", fmt::format("{}: can't be read", folder), "name an existing directory with --data");
    return;
  }
  const auto free_gb = static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize) / 1e9;
  const auto share =
      100.0 * static_cast<double>(disk.f_bavail) / static_cast<double>(std::max<fsblkcnt_t>(1, disk.f_blocks));
  const bool low = free_gb < 1 || share < 5;
  report.add("disk", low ? "warning" : "ok", fmt::format("{:.1f} GB free, {:.0f} %", free_gb, share),
             low ? "make room: keep 1 GB and 5 % free" : "");
}

// How long a durable acknowledgement takes at least: the median of some small synced writes in the directory.
void check_sync(Report& report, const std::string& folder) {
  const auto path = folder + "/.myelin-doctor";
  const int file = ::open(path.c_str(), O_CREAT | O_RDWR | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) {
    report.add("sync", "failed", fmt::format("{}: can't be written", folder),
               "check the owner and permissions of the directory");
    return;
  }
  std::array<char, 4096> block{};
  std::vector<double> times;
  for (int round = 0; round < 30; ++round) {
    const auto start = std::chrono::steady_clock::now();
    const bool synced = ::pwrite(file, block.data(), block.size(), round * 4096L) == 4096 && ::fdatasync(file) == 0;
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    if (!synced) times.back() = 1e9;
  }
  ::close(file);
  ::unlink(path.c_str());
  std::ranges::sort(times);
  const auto median = times[times.size() / 2];
  const bool slow = median > 20;
  report.add("sync",
             median >= 1e9 ? "failed"
             : slow        ? "warning"
                           : "ok",
             fmt::format("fdatasync of 4 KiB takes {:.2f} ms (median of {})", median, times.size()),
             slow ? "a durable acknowledgement waits this long; use a faster disk or level interval" : "");
}

void check_clock(Report& report) {
  const auto now = SystemClock().wall();
  const auto year = static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(now)).year());
  const bool wrong = year < 2025 || year > 2100;
  report.add("clock", wrong ? "failed" : "ok", fmt::format("the year is {}", year),
             wrong ? "set the clock: retention, grants and certificates go by it" : "");
}

void check_certificate(Report& report, const std::string& file) {
  const auto facts = net::read_certificate(file);
  if (!facts) {
    report.add("certificate", "failed", facts.error().message, "name the server's PEM certificate");
    return;
  }
  const auto days = std::chrono::duration_cast<std::chrono::days>(facts->valid_until - SystemClock().wall()).count();
  report.add("certificate",
             days < 0    ? "failed"
             : days < 30 ? "warning"
                         : "ok",
             fmt::format("{}, {} days left", facts->subject, days),
             days < 30 ? "renew it and put the new files in the same place" : "");
}

void check_model(Report& report, const std::string& folder) {
  const auto loaded = model::load_folder(folder);
  if (!loaded) {
    report.add("model", "failed", loaded.error().message, "name the folder with org/, contracts/, products/, grants/");
    return;
  }
  for (const auto& problem : loaded->problems) report.add("model", "failed", problem.text(), "correct the document");
  if (loaded->ok()) {
    report.add(
        "model", "ok",
        fmt::format("{} squads, {} applications, {} topics, {} grants", loaded->model.squads.size(),
                    loaded->model.applications.size(), loaded->model.topics.size(), loaded->model.grants.size()));
  }
}

void check_port(Report& report, const std::string& text) {
  const auto listener = parse_listener(text, true);
  if (!listener) {
    report.add("port", "failed", listener.error().message, "write PROTOCOL://HOST:PORT");
    return;
  }
  net::Reactor reactor(1);
  net::FrameServer probe(reactor, {});
  const auto bound = probe.listen({listener->address, nullptr, {}});
  report.add("port", bound ? "ok" : "warning", bound ? text + " is free" : bound.error().message,
             bound ? "" : "stop what listens there, or choose another port");
}

void check_server(Report& report, const ServerOptions& options) {
  const auto server = Server::connect(options);
  if (!server) {
    report.add("server", "failed", server.error().message, "");
    return;
  }
  const auto answer = server->get("/api/v1/doctor");
  if (!answer) {
    report.add("server", answer.error().code == Code::Unavailable ? "warning" : "failed", answer.error().message,
               "start it with `myelin serve`, or sign in with MYELIN_USER and MYELIN_PASSWORD_FILE");
    return;
  }
  report.add("server", "ok", "reachable");
  const auto* checks = answer->find("checks");
  if (checks == nullptr) return;
  for (const auto& check : checks->items) {
    const auto text = [&](const char* key) {
      return check.find(key) != nullptr ? check.find(key)->text : std::string();
    };
    report.add("server: " + text("name"), text("verdict"), text("finding"), text("advice"));
  }
}

int run(const Options& options) {
  Report report;
  check_limits(report);
  check_disk(report, options.data);
  check_sync(report, options.data);
  check_clock(report);
  if (!options.certificate.empty()) check_certificate(report, options.certificate);
  if (!options.model.empty()) check_model(report, options.model);
  for (const auto& listener : options.listen) check_port(report, listener);
  check_server(report, options.server);
  print(report.table(), options.output, "");
  return report.failed() ? 1 : 0;
}

}  // namespace

void add_doctor_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(
      "doctor", "Check machine, limits, disk, clock, TLS, model, ports and the server, and say what to do");
  command->add_option("--data", options->data, "The data directory, or where it will be")->capture_default_str();
  command->add_option("--model", options->model, "The model's folder");
  command->add_option("--certificate", options->certificate, "The server's PEM certificate");
  command->add_option("--listen", options->listen, "A listener that is going to be used; repeatable");
  add_server_options(*command, *options, true);
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace myelin::app::cli
