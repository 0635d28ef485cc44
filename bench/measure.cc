#include "bench/measure.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace myelin::bench {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

double cpu_s(int whose) {
  rusage usage{};
  getrusage(whose, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

void stop_with(std::string_view message) {
  fmt::print(stderr, "bench: {}\n", message);
  std::exit(1);
}

double now_s() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void sleep_until(double when_s) {
  const auto whole = static_cast<time_t>(when_s);
  const timespec time{whole, static_cast<long>((when_s - static_cast<double>(whole)) * 1e9)};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr);
}

void sleep_exactly() { prctl(PR_SET_TIMERSLACK, 1); }

double own_cpu_s() { return cpu_s(RUSAGE_SELF); }
double ended_children_cpu_s() { return cpu_s(RUSAGE_CHILDREN); }

double process_cpu_s(long process) {
  if (process == 0) return 0;
  timespec time{};
  // Linux makes a process's CPU clock of its id.
  if (clock_gettime(static_cast<clockid_t>((~process << 3) | 2), &time) != 0) die("process {} ended", process);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::string quantiles_json(std::vector<double> samples_us) {
  if (samples_us.empty()) die("no samples to order");
  std::ranges::sort(samples_us);
  const auto at = [&](double part) {
    return samples_us[static_cast<std::size_t>(part * static_cast<double>(samples_us.size() - 1))];
  };
  return fmt::format(R"({{"p50":{:.1f},"p99":{:.1f},"p999":{:.1f},"max":{:.1f}}})", at(0.5), at(0.99), at(0.999),
                     at(1));
}

}  // namespace myelin::bench
