#include "governance/kept_time.h"

#include <charconv>
#include <cstdint>
#include <optional>

#include "base/log.h"
#include "governance/state_file.h"

namespace myelin::governance {
namespace {

std::optional<WallTime> time_in(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return from_unix_milliseconds(value);
}

}  // namespace

Result<std::unique_ptr<KeptTime>> KeptTime::open(const std::string& state_directory, const Clock& inner) {
  auto path = state_directory + "/clock";
  auto text = read_state_file(path);
  if (!text) return pass(text);
  const auto kept = *text ? time_in(**text) : WallTime();
  if (!kept) {
    return fail(Code::Corrupt,
                "{} says no time, expected milliseconds since 1970: if the machine's clock is right, remove the file",
                path);
  }
  return std::unique_ptr<KeptTime>(new KeptTime(std::move(path), inner, *kept));
}

Result<void> KeptTime::watch() {
  const bool is_suspect = clock_.is_suspect();
  if (is_suspect != was_suspect_) {
    was_suspect_ = is_suspect;
    if (is_suspect) {
      jumps_.fetch_add(1, std::memory_order_relaxed);
      log::warn("the wall clock jumped: grants begin by the time that has passed, and end by whichever clock is later",
                {{"ahead_seconds", std::chrono::duration_cast<std::chrono::seconds>(clock_.ahead()).count()}});
    } else {
      log::info("the wall clock says again what time has passed");
    }
  }
  return clock_.monotonic() < keep_at_ ? Result<void>{} : keep();
}

Result<void> KeptTime::keep() {
  keep_at_ = clock_.monotonic() + kKeepEvery;
  return write_state_file(path_, std::to_string(unix_milliseconds(clock_.moment().reached)) + "\n");
}

}  // namespace myelin::governance
