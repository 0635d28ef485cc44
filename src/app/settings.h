#pragma once
// Every setting of `myelin serve` that is not a flag: name, unit, range, default and meaning in one table, from which
// the command line, the configuration file and docs/reference/settings.md are made. At most 40.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace myelin::app {

struct Settings {
  std::int64_t net_threads = 0;
  std::int64_t net_frame_bytes = 32 << 20;
  std::int64_t net_connections = 12'000;
  std::int64_t net_unauthenticated_connections = 2'000;
  std::int64_t net_connections_per_address = 12'000;
  std::int64_t net_authentication_deadline_ms = 10'000;
  std::int64_t net_idle_limit_ms = 600'000;
  std::int64_t net_stop_deadline_ms = 30'000;
  std::string net_advertised_host;
  std::string tls_certificate;
  std::string tls_key;
  std::string tls_client_ca;
  std::int64_t storage_open_files = 0;
  std::int64_t storage_journal_retention_days = 400;
  std::int64_t storage_cleanup_interval_ms = 300'000;
  std::int64_t storage_sync_threads = 4;
  std::int64_t topics_default_partitions = 1;
  std::string topics_auto_create = "off";
  std::string topics_replication = "refuse";
  std::int64_t groups_initial_rebalance_delay_ms = 3'000;
  std::int64_t groups_session_timeout_min_ms = 6'000;
  std::int64_t groups_session_timeout_max_ms = 1'800'000;
  std::int64_t groups_consumer_heartbeat_interval_ms = 5'000;
  std::int64_t groups_consumer_session_timeout_ms = 45'000;
  std::int64_t groups_offsets_retention_minutes = 7 * 24 * 60;
  std::int64_t transactions_timeout_max_ms = 900'000;
  std::int64_t transactions_id_expiration_minutes = 7 * 24 * 60;
  std::int64_t fetch_session_slots = 1'000;
  std::string access_authorise = "enforce";
  std::string access_undeclared_topics = "model";
  std::string acl_api = "read_only";
  std::string http_host_names;
  std::string log_level = "info";
};

// What --dev begins with: topics with 4 partitions on first use, and groups that wait for nobody.
[[nodiscard]] Settings dev_settings();

// Sets one by name from text, as written after --set or in the file. Errors name the range and the nearest name.
[[nodiscard]] Result<void> set(Settings& settings, std::string_view name, std::string_view value);

// Whether settings that are right one by one are so together.
[[nodiscard]] Result<void> check_together(const Settings& settings);

// Reads "name: value" pairs from a YAML file into the settings; all errors of the file in one message, a line each.
[[nodiscard]] Result<void> read_settings_file(Settings& settings, const std::string& path);

// docs/reference/settings.md
[[nodiscard]] std::string settings_reference();

}  // namespace myelin::app
