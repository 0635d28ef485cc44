#pragma once
// How much a squad may use of what all share. A limit that is not declared does not limit.
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "document/problem.h"

namespace myelin::model {

struct Quota {
  std::optional<std::uint64_t> connections_max;  // open at a time
  std::optional<std::uint64_t> produce_bytes_per_second;
  std::optional<std::uint64_t> fetch_bytes_per_second;
  std::optional<std::uint64_t> request_time_percent;  // of one event loop's time: 200 is two of them
  std::optional<std::uint64_t> partitions_max;        // of all topics that it owns
  std::optional<std::uint64_t> storage_bytes_max;     // of their logs
  document::Place place;                              // of the entry; also where it takes a limit from the default
};

struct QuotaLimit {
  std::string_view name;  // in documents
  std::string_view unit;  // for people
  std::int64_t most;      // that can be declared; the least is 1
  std::optional<std::uint64_t> Quota::* value;
};

inline constexpr std::int64_t kBytesMost = 1'000'000'000'000;
inline constexpr std::array kQuotaLimits{
    QuotaLimit{"connections_max", "connections", 1'000'000, &Quota::connections_max},
    QuotaLimit{"produce_bytes_per_second", "bytes/s", kBytesMost, &Quota::produce_bytes_per_second},
    QuotaLimit{"fetch_bytes_per_second", "bytes/s", kBytesMost, &Quota::fetch_bytes_per_second},
    QuotaLimit{"request_time_percent", "percent", 100'000, &Quota::request_time_percent},
    QuotaLimit{"partitions_max", "partitions", 1'000'000, &Quota::partitions_max},
    QuotaLimit{"storage_bytes_max", "bytes", 1'000 * kBytesMost, &Quota::storage_bytes_max},
};

}  // namespace myelin::model
