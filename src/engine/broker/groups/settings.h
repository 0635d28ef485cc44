#pragma once
// What the owner may tune about consumer groups. Names in brackets are Kafka's own for the same thing.
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace myelin::engine::groups {

struct Settings {
  std::int32_t node_id = 1;  // this broker, as FindCoordinator names it
  // How long the first member of an empty group waits for others [group.initial.rebalance.delay.ms].
  std::chrono::milliseconds initial_rebalance_delay{3'000};
  std::chrono::milliseconds session_timeout_min{6'000};      // [group.min.session.timeout.ms]
  std::chrono::milliseconds session_timeout_max{1'800'000};  // [group.max.session.timeout.ms]
  std::size_t group_size_max = 10'000;  // members, those without a first join included [group.max.size]
  // The newer protocol: how often members are to call [group.consumer.heartbeat.interval.ms], and how long one may be
  // silent [group.consumer.session.timeout.ms].
  std::chrono::milliseconds consumer_heartbeat_interval{5'000};
  std::chrono::milliseconds consumer_session_timeout{45'000};
  // How long what a member may know of is believed, while neither topics nor its pattern change.
  std::chrono::milliseconds pattern_refresh_interval{10'000};
  std::size_t groups_max = 100'000;
  std::size_t offset_metadata_bytes_max = 4'096;                            // [offset.metadata.max.bytes]
  std::chrono::milliseconds offsets_retention{std::chrono::hours(24 * 7)};  // [offsets.retention.minutes]
  std::chrono::milliseconds retention_check_interval{
      std::chrono::minutes(10)};  // [offsets.retention.check.interval.ms]
};

}  // namespace myelin::engine::groups
