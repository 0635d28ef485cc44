#pragma once
// Clocks and order statistics for the measuring programs. Whatever fails ends the program: a figure of a run in which
// something went wrong is worth nothing.
#include <fmt/core.h>

#include <string>
#include <string_view>
#include <vector>

namespace myelin::bench {

[[noreturn]] void stop_with(std::string_view message);
template <typename... Args>
[[noreturn]] void die(fmt::format_string<Args...> format, Args&&... args) {
  stop_with(fmt::format(format, std::forward<Args>(args)...));
}

[[nodiscard]] double now_s();  // monotonic
void sleep_until(double when_s);
// Before threads are begun: they wake when they asked to, not up to 50 µs later as Linux has it otherwise.
void sleep_exactly();

// User and system time so far.
[[nodiscard]] double own_cpu_s();
[[nodiscard]] double ended_children_cpu_s();
// Of another process, to the nanosecond; 0 for process 0.
[[nodiscard]] double process_cpu_s(long process);

// {"p50":…,"p99":…,"p999":…,"max":…} of samples in microseconds, as JSON.
[[nodiscard]] std::string quantiles_json(std::vector<double> samples_us);

}  // namespace myelin::bench
