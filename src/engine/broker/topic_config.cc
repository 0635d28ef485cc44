#include "engine/broker/topic_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace myelin::engine::broker {
namespace {

constexpr double kInt32Highest = std::numeric_limits<std::int32_t>::max();
constexpr double kInt64Highest = static_cast<double>(std::numeric_limits<std::int64_t>::max());
constexpr double kMebibyte = 1'048'576;

using enum ConfigType;

constexpr std::array kDefinitions = {
    ConfigDefinition{"cleanup.policy", List, "delete", "log.cleanup.policy",
                     "What happens to old segments: 'delete' removes them by age and size, 'compact' keeps the latest "
                     "record of each key. Both may be given.",
                     0, 0, "delete|compact"},
    ConfigDefinition{"compression.gzip.level", Int, "-1", "compression.gzip.level",
                     "Compression level for gzip when compression.type is gzip. Batches are kept as producers sent "
                     "them, so it has no effect here.",
                     -1, 9, ""},
    ConfigDefinition{"compression.lz4.level", Int, "9", "compression.lz4.level",
                     "Compression level for lz4 when compression.type is lz4. Has no effect here.", 1, 17, ""},
    ConfigDefinition{"compression.type", String, "producer", "compression.type",
                     "Compression of stored batches. Batches are kept as producers sent them, whatever is set here.", 0,
                     0, "uncompressed|zstd|lz4|snappy|gzip|producer"},
    ConfigDefinition{"compression.zstd.level", Int, "3", "compression.zstd.level",
                     "Compression level for zstd when compression.type is zstd. Has no effect here.", -131072, 22, ""},
    ConfigDefinition{"delete.retention.ms", Long, "86400000", "log.cleaner.delete.retention.ms",
                     "How long delete markers of a compacted topic are kept.", 0, kInt64Highest, ""},
    ConfigDefinition{"file.delete.delay.ms", Long, "60000", "log.segment.delete.delay.ms",
                     "Time between taking a segment out of the log and removing its file. Has no effect here: a file "
                     "lives as long as a reader holds it.",
                     0, kInt64Highest, ""},
    ConfigDefinition{"flush.messages", Long, "9223372036854775807", "log.flush.interval.messages",
                     "Records between syncs to disk, at most. A stricter minimum than myelin.durability.", 1,
                     kInt64Highest, ""},
    ConfigDefinition{"flush.ms", Long, "9223372036854775807", "log.flush.interval.ms",
                     "Age of a record that is not yet synced to disk, at most. A stricter minimum than "
                     "myelin.durability.",
                     0, kInt64Highest, ""},
    ConfigDefinition{"follower.replication.throttled.replicas", List, "", "",
                     "Replicas whose replication is throttled. Has no effect on one broker.", 0, 0, ""},
    ConfigDefinition{"index.interval.bytes", Int, "4096", "log.index.interval.bytes",
                     "Bytes of log between two entries of the offset index.", 0, kInt32Highest, ""},
    ConfigDefinition{"leader.replication.throttled.replicas", List, "", "",
                     "Replicas whose replication is throttled. Has no effect on one broker.", 0, 0, ""},
    ConfigDefinition{"local.retention.bytes", Long, "-2", "log.local.retention.bytes",
                     "Size of the local part of a tiered log. Has no effect here.", -2, kInt64Highest, ""},
    ConfigDefinition{"local.retention.ms", Long, "-2", "log.local.retention.ms",
                     "Age of the local part of a tiered log. Has no effect here.", -2, kInt64Highest, ""},
    ConfigDefinition{"max.compaction.lag.ms", Long, "9223372036854775807", "log.cleaner.max.compaction.lag.ms",
                     "Time within which a record of a compacted topic becomes eligible for compaction, at most.", 1,
                     kInt64Highest, ""},
    ConfigDefinition{"max.message.bytes", Int, "1048588", "message.max.bytes",
                     "Size of a record batch as it is sent, compression included, at most.", 0, kInt32Highest, ""},
    ConfigDefinition{"message.timestamp.after.max.ms", Long, "3600000", "log.message.timestamp.after.max.ms",
                     "How far a record's timestamp may lie in the future, with CreateTime.", 0, kInt64Highest, ""},
    ConfigDefinition{"message.timestamp.before.max.ms", Long, "9223372036854775807",
                     "log.message.timestamp.before.max.ms",
                     "How far a record's timestamp may lie in the past, with CreateTime.", 0, kInt64Highest, ""},
    ConfigDefinition{"message.timestamp.type", String, "CreateTime", "log.message.timestamp.type",
                     "Whether records keep the producer's time or get the time of the append.", 0, 0,
                     "CreateTime|LogAppendTime"},
    ConfigDefinition{"min.cleanable.dirty.ratio", Double, "0.5", "log.cleaner.min.cleanable.ratio",
                     "Share of a compacted log that must be dirty before it is cleaned.", 0, 1, ""},
    ConfigDefinition{"min.compaction.lag.ms", Long, "0", "log.cleaner.min.compaction.lag.ms",
                     "Time a record of a compacted topic stays uncompacted, at least.", 0, kInt64Highest, ""},
    ConfigDefinition{"min.insync.replicas", Int, "1", "min.insync.replicas",
                     "Replicas that must acknowledge a write with acks=all. Capped by the number of replicas, which is "
                     "one.",
                     1, kInt32Highest, ""},
    ConfigDefinition{"myelin.durability", String, "synced", "",
                     "What an acknowledgement promises. 'synced': on disk before the answer, survives a power cut. "
                     "'interval': in the page cache, on disk within 100 ms or 1 MiB. 'os': in the page cache.",
                     0, 0, "synced|interval|os"},
    ConfigDefinition{"preallocate", Boolean, "false", "log.preallocate",
                     "Whether segment files are allocated whole when created. Has no effect here.", 0, 0, "true|false"},
    ConfigDefinition{"remote.log.copy.disable", Boolean, "false", "", "Part of tiered storage. Has no effect here.", 0,
                     0, "true|false"},
    ConfigDefinition{"remote.log.delete.on.disable", Boolean, "false", "",
                     "Part of tiered storage. Has no effect here.", 0, 0, "true|false"},
    ConfigDefinition{"remote.storage.enable", Boolean, "false", "",
                     "Tiered storage. Only 'false' is accepted: there is no remote storage.", 0, 0, "false"},
    ConfigDefinition{"retention.bytes", Long, "-1", "log.retention.bytes",
                     "Size of a partition beyond which old segments are deleted; -1: no limit.", -1, kInt64Highest, ""},
    ConfigDefinition{"retention.ms", Long, "604800000", "log.retention.ms",
                     "Age beyond which old segments are deleted; -1: no limit.", -1, kInt64Highest, ""},
    ConfigDefinition{"segment.bytes", Int, "1073741824", "log.segment.bytes",
                     "Size of a segment file. Retention and compaction work on whole segments.", kMebibyte,
                     kInt32Highest, ""},
    ConfigDefinition{"segment.index.bytes", Int, "10485760", "log.index.size.max.bytes",
                     "Size of an offset index, at most.", 4, kInt32Highest, ""},
    ConfigDefinition{"segment.jitter.ms", Long, "0", "log.roll.jitter.ms",
                     "Random time taken off segment.ms. Has no effect here.", 0, kInt64Highest, ""},
    ConfigDefinition{"segment.ms", Long, "604800000", "log.roll.ms",
                     "Age beyond which a segment is closed even if it is not full.", 1, kInt64Highest, ""},
    ConfigDefinition{"unclean.leader.election.enable", Boolean, "false", "unclean.leader.election.enable",
                     "Whether a replica that lags may lead. Has no effect on one broker.", 0, 0, "true|false"},
};
static_assert(std::ranges::is_sorted(kDefinitions, {}, &ConfigDefinition::name));

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Calls `sink` for each part of `text`; a text without separators is one part, an empty one is none.
template <typename Sink>
void each_part(std::string_view text, char separator, Sink sink) {
  while (!text.empty()) {
    const auto end = text.find(separator);
    sink(trim(text.substr(0, end)));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

bool is_choice(const ConfigDefinition& definition, std::string_view value) {
  if (definition.choices.empty()) return true;
  bool found = false;
  each_part(definition.choices, '|', [&](std::string_view choice) { found = found || choice == value; });
  return found;
}

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> parse_as(ConfigType type, std::string_view text) {
  if (type == Int) {
    const auto number = parse_number<std::int32_t>(text);
    return number ? std::optional<double>(*number) : std::nullopt;
  }
  if (type == Long) {
    const auto number = parse_number<std::int64_t>(text);
    return number ? std::optional<double>(static_cast<double>(*number)) : std::nullopt;
  }
  return parse_number<double>(text);
}

std::string_view type_name(ConfigType type) {
  switch (type) {
    case Boolean:
      return "BOOLEAN";
    case String:
      return "STRING";
    case Int:
      return "INT";
    case Long:
      return "LONG";
    case Double:
      return "DOUBLE";
    case List:
      return "LIST";
  }
  return "UNKNOWN";
}

Result<void> check_value(const ConfigDefinition& definition, std::string_view value) {
  switch (definition.type) {
    case Int:
    case Long:
    case Double: {
      const auto number = parse_as(definition.type, value);
      if (!number) {
        return fail(Code::Invalid, "Invalid value {} for configuration {}: Not a number of type {}", value,
                    definition.name, type_name(definition.type));
      }
      if (*number < definition.lowest || *number > definition.highest) {
        return fail(Code::Invalid, "Invalid value {} for configuration {}: Value must be between {} and {}", value,
                    definition.name, definition.lowest, definition.highest);
      }
      return {};
    }
    case List: {
      bool all_known = true;
      each_part(value, ',', [&](std::string_view part) { all_known = all_known && is_choice(definition, part); });
      if (all_known) return {};
      break;
    }
    case Boolean:
    case String:
      if (is_choice(definition, value)) return {};
      break;
  }
  return fail(Code::Invalid, "Invalid value {} for configuration {}: expected one of {}", value, definition.name,
              definition.choices);
}

std::string_view value_of(const ConfigOverrides& overrides, std::string_view name) {
  if (const auto found = overrides.find(name); found != overrides.end()) return trim(found->second);
  return find_topic_config(name)->default_value;
}

std::int64_t number_of(const ConfigOverrides& overrides, std::string_view name) {
  return parse_number<std::int64_t>(value_of(overrides, name)).value_or(0);
}

storage::Durability durability_of(const ConfigOverrides& overrides) {
  const auto level = value_of(overrides, "myelin.durability");
  if (level == "os") return storage::Durability::Os;
  if (level == "interval") return storage::Durability::Interval;
  return storage::Durability::Synced;
}

// A duration that std::chrono can add to a clock reading without overflow.
std::chrono::milliseconds bounded_age(std::int64_t milliseconds) {
  constexpr std::int64_t kHundredYears = std::int64_t{100} * 365 * 24 * 3600 * 1000;
  return std::chrono::milliseconds(std::min(milliseconds, kHundredYears));
}

}  // namespace

std::span<const ConfigDefinition> topic_config_definitions() { return kDefinitions; }

const ConfigDefinition* find_topic_config(std::string_view name) {
  const auto found = std::ranges::lower_bound(kDefinitions, name, {}, &ConfigDefinition::name);
  return found != kDefinitions.end() && found->name == name ? &*found : nullptr;
}

Result<void> check_topic_config(std::string_view name, const std::optional<std::string>& value) {
  const auto* definition = find_topic_config(name);
  if (definition == nullptr) return fail(Code::Invalid, "Unknown topic config name: {}", name);
  if (!value) return fail(Code::Invalid, "Null value not supported for topic configs: {}", name);
  return check_value(*definition, trim(*value));
}

storage::LogConfig to_log_config(const ConfigOverrides& overrides) {
  storage::LogConfig config;
  config.durability = durability_of(overrides);
  config.segment_bytes = static_cast<std::int32_t>(number_of(overrides, "segment.bytes"));
  config.segment_age = bounded_age(number_of(overrides, "segment.ms"));
  config.retention_ms = number_of(overrides, "retention.ms");
  config.retention_bytes = number_of(overrides, "retention.bytes");
  config.index_interval_bytes = static_cast<std::int32_t>(number_of(overrides, "index.interval.bytes"));
  config.message_bytes_max = static_cast<std::int32_t>(number_of(overrides, "max.message.bytes"));
  config.timestamp_type = value_of(overrides, "message.timestamp.type") == "LogAppendTime"
                              ? storage::TimestampType::LogAppendTime
                              : storage::TimestampType::CreateTime;
  config.timestamp_before_ms_max = number_of(overrides, "message.timestamp.before.max.ms");
  config.timestamp_after_ms_max = number_of(overrides, "message.timestamp.after.max.ms");
  config.cleanup = {.remove = false, .compact = false};
  each_part(value_of(overrides, "cleanup.policy"), ',', [&](std::string_view policy) {
    config.cleanup.remove = config.cleanup.remove || policy == "delete";
    config.cleanup.compact = config.cleanup.compact || policy == "compact";
  });
  config.tombstone_retention_ms = number_of(overrides, "delete.retention.ms");
  config.flush_messages = number_of(overrides, "flush.messages");
  config.flush_ms = number_of(overrides, "flush.ms");
  return config;
}

}  // namespace myelin::engine::broker
