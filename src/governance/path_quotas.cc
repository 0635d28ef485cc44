// How quotas of squads and clients hold them back on the path.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "governance/path.h"

namespace myelin::governance {

using std::chrono::milliseconds;

Result<void> Path::check_connection_rate(const std::string& host) {
  if (quotas_.version() == 0) return {};
  const auto ip = policy::canonical_ip(host).value_or(host);
  const auto rate = policy::connection_rate_of(*quotas_.table(), ip);
  if (!rate || throttle_.may_open(ip, *rate)) return {};
  return fail(Code::Unavailable, "{} opens more than {} connections a second, which is its quota", ip, *rate);
}

void Path::count_holdings() {
  if (counting_holdings_.exchange(true)) return;
  run_slow([this] {
    const auto counted = holdings_.count(engine_, *policy_.current(), options_.counts_bytes);
    if (!counted) log::warn("what squads hold can't be counted", {{"reason", counted.error().message}});
    counting_holdings_ = false;
  });
}

// Also what is refused costs time. The time is known at the end, so it is the next answer that pays; until then nothing
// may follow.
Path::Next Path::pass_on_counted(ExchangePtr exchange) {
  const auto limits = exchange->limits;
  const auto snapshot = exchange->snapshot;
  const auto squad = exchange->squad;
  const auto arrived = exchange->arrived;
  (void)pass_on(std::move(exchange));
  const auto spent = clock_.monotonic() - arrived;
  if (limits && limits->requests) throttle_.worked(*limits->requests, spent);
  throttle_.worked(*snapshot, squad, spent);
  return Next::AfterTheAnswer;
}

bool Path::limits_time(const Exchange& exchange) const {
  return Throttle::limits_time(*exchange.snapshot, exchange.squad) || (exchange.limits && exchange.limits->requests);
}

bool Path::limits_fetches(const Exchange& exchange) const {
  return Throttle::limits_fetches(*exchange.snapshot, exchange.squad) || (exchange.limits && exchange.limits->fetch);
}

// A fact for the squad and the platform group, besides the throttle time on the wire.
milliseconds Path::noted(const Exchange& exchange, std::string_view quota, milliseconds told) {
  if (told.count() > 0) measurement_.held_back().note(exchange.squad, quota, told, clock_.wall());
  return told;
}

milliseconds Path::produced(const Exchange& exchange, std::uint64_t bytes) {
  const auto squad =
      noted(exchange, "produce_bytes_per_second", throttle_.produced(*exchange.snapshot, exchange.squad, bytes));
  if (!exchange.limits || !exchange.limits->produce) return squad;
  return std::max(squad, throttle_.produced(*exchange.limits->produce, bytes));
}

// Of what a fetch was served, and of the time that earlier requests took.
milliseconds Path::served_or_owed(const Exchange& exchange, std::uint64_t bytes) {
  milliseconds longest{0};
  if (bytes > 0) {
    longest = noted(exchange, "fetch_bytes_per_second", throttle_.fetched(*exchange.snapshot, exchange.squad, bytes));
  }
  if (Throttle::limits_time(*exchange.snapshot, exchange.squad)) {
    longest =
        std::max(longest, noted(exchange, "request_time_percent", throttle_.owed(*exchange.snapshot, exchange.squad)));
  }
  if (!exchange.limits) return longest;
  const auto& limits = *exchange.limits;
  if (bytes > 0 && limits.fetch) longest = std::max(longest, throttle_.fetched(*limits.fetch, bytes));
  if (limits.requests) longest = std::max(longest, throttle_.owed(*limits.requests));
  return longest;
}

}  // namespace myelin::governance
