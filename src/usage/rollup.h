#pragma once
// What moved and what it took, by hour. Three ledgers: flows (the half-edges of the lineage), consumers (groups that
// commit) and callers (clients that ask). Appends and consumption are exact and rebuilt from the engine's journals,
// where it keeps them; the rest is journalled. Not thread-safe: the owner serialises.
#include <cstdint>
#include <string>
#include <vector>

#include "base/attribution.h"
#include "base/ids.h"
#include "usage/hourly.h"
#include "usage/measure.h"

namespace myelin::usage {

// The client's library and version as ApiVersions told: "librdkafka 2.0.2"; empty when it did not.
[[nodiscard]] std::string client_of(const Attribution& attribution);

// A principal writing to a topic, or a topic read by a principal, through one client id.
struct Flow {
  PrincipalName principal;
  std::string client_id;
  std::string client;  // client_of()
  TopicName topic;
  Direction direction = Direction::Write;
  auto operator<=>(const Flow&) const = default;
  [[nodiscard]] std::size_t hash() const noexcept;
};
struct Moved {
  std::int64_t offsets = 0;  // Write: records appended. Read: offsets served, last - first + 1
  std::int64_t bytes = 0;    // log bytes, batch headers included
  Moved& operator+=(const Moved& other);
  auto operator<=>(const Moved&) const = default;
};

// A group at one partition, by the principal that commits.
struct Consumer {
  PrincipalName principal;
  GroupName group;
  TopicName topic;
  std::int32_t partition = 0;
  auto operator<=>(const Consumer&) const = default;
  [[nodiscard]] std::size_t hash() const noexcept;
};
struct Consumed {
  std::int64_t offsets = 0;  // how far the committed offset advanced
  Consumed& operator+=(const Consumed& other);
  auto operator<=>(const Consumed&) const = default;
};

// A principal asking, with one client library. The topic is empty but for refused bytes.
struct Caller {
  PrincipalName principal;
  std::string client;  // client_of()
  TopicName topic;
  auto operator<=>(const Caller&) const = default;
  [[nodiscard]] std::size_t hash() const noexcept;
};
struct Asked {
  std::int64_t requests = 0;
  std::int64_t microseconds = 0;  // from the request's arrival to its answer, waiting included
  std::int64_t connections = 0;   // that asked for something after signing in
  std::int64_t refused_bytes = 0;
  Asked& operator+=(const Asked& other);
  auto operator<=>(const Asked&) const = default;
};

using FlowRow = HourlyRow<Flow, Moved>;
using ConsumerRow = HourlyRow<Consumer, Consumed>;
using CallerRow = HourlyRow<Caller, Asked>;

struct Rollup {
  Hourly<Flow, Moved> writes;
  Hourly<Flow, Moved> reads;
  Hourly<Consumer, Consumed> consumers;
  Hourly<Caller, Asked> callers;
  Exactness at_best = Exactness::Exact;  // journalled when there are no journals to rebuild from
};

// Everything a rollup holds, sorted, as values.
struct Rows {
  std::vector<FlowRow> writes;
  std::vector<FlowRow> reads;
  std::vector<ConsumerRow> consumers;
  std::vector<CallerRow> callers;
  Exactness at_best = Exactness::Exact;  // no amount is of a stronger class, whatever its measure
  bool operator==(const Rows&) const = default;
};
[[nodiscard]] Rows rows_of(const Rollup& rollup);

}  // namespace myelin::usage
