#include "app/settings.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <span>
#include <variant>

#include "document/nearest.h"
#include "document/parse.h"

namespace myelin::app {
namespace {

constexpr std::size_t kConfigBytesMax = 64 * 1024;

struct Number {
  std::int64_t Settings::* field;
  std::int64_t lowest;
  std::int64_t highest;
  bool or_zero = false;  // which leaves the number to Myelin
};
struct Text {
  std::string Settings::* field;
};
struct Choice {
  std::string Settings::* field;
  std::vector<std::string_view> values;
};

struct Definition {
  std::string_view name;
  std::string_view unit;
  std::variant<Number, Text, Choice> kind;
  std::string_view meaning;
};

std::vector<Definition> coordination_definitions() {
  return {
      {"groups.initial_rebalance_delay_ms", "milliseconds",
       Number{&Settings::groups_initial_rebalance_delay_ms, 0, 60'000},
       "How long the first rebalance of an empty group waits for more members."},
      {"groups.session_timeout_min_ms", "milliseconds", Number{&Settings::groups_session_timeout_min_ms, 1, 3'600'000},
       "Shortest session timeout a member may ask for."},
      {"groups.session_timeout_max_ms", "milliseconds", Number{&Settings::groups_session_timeout_max_ms, 1, 86'400'000},
       "Longest session timeout a member may ask for."},
      {"groups.consumer_heartbeat_interval_ms", "milliseconds",
       Number{&Settings::groups_consumer_heartbeat_interval_ms, 100, 60'000},
       "How often a member of the newer group protocol is told to call."},
      {"groups.consumer_session_timeout_ms", "milliseconds",
       Number{&Settings::groups_consumer_session_timeout_ms, 1'000, 3'600'000},
       "How long a member of the newer group protocol may be silent."},
      {"groups.offsets_retention_minutes", "minutes",
       Number{&Settings::groups_offsets_retention_minutes, 1, 52'560'000},
       "How long the offsets of an empty group are kept."},
      {"transactions.timeout_max_ms", "milliseconds", Number{&Settings::transactions_timeout_max_ms, 1'000, 86'400'000},
       "Longest time a producer may ask for its transactions; Kafka's transaction.max.timeout.ms."},
      {"transactions.id_expiration_minutes", "minutes",
       Number{&Settings::transactions_id_expiration_minutes, 60, 35'000},
       "How long a transactional id is remembered that nobody uses; Kafka's transactional.id.expiration.ms."},
  };
}

std::vector<Definition> all_definitions() {
  std::vector<Definition> all{
      {"net.threads", "threads", Number{&Settings::net_threads, 0, 256}, "Event loops; 0 means one per core."},
      {"net.frame_bytes", "bytes", Number{&Settings::net_frame_bytes, 65'536, 1 << 30},
       "Largest request of a signed-in client. Before sign-in it is 64 KiB."},
      {"net.connections", "connections", Number{&Settings::net_connections, 1, 1'000'000},
       "Most Kafka connections at a time; further ones are closed at once."},
      {"net.unauthenticated_connections", "connections",
       Number{&Settings::net_unauthenticated_connections, 1, 1'000'000}, "Of those, most that have not signed in yet."},
      {"net.connections_per_address", "connections", Number{&Settings::net_connections_per_address, 1, 1'000'000},
       "Most connections from one address."},
      {"net.authentication_deadline_ms", "milliseconds",
       Number{&Settings::net_authentication_deadline_ms, 100, 600'000}, "From accepting a connection to its sign-in."},
      {"net.idle_limit_ms", "milliseconds", Number{&Settings::net_idle_limit_ms, 1'000, 86'400'000},
       "A connection on which no byte moves for so long is closed."},
      {"net.stop_deadline_ms", "milliseconds", Number{&Settings::net_stop_deadline_ms, 0, 600'000},
       "How long a stop waits for answers that are owed."},
      {"net.advertised_host", "host name", Text{&Settings::net_advertised_host},
       "What clients are told to connect to; empty: the address they reached Myelin by."},
      {"tls.certificate", "file", Text{&Settings::tls_certificate},
       "PEM with the server's certificate and its intermediates; read again on SIGHUP."},
      {"tls.key", "file", Text{&Settings::tls_key}, "PEM with its key, not encrypted; read again on SIGHUP."},
      {"tls.client_ca", "file", Text{&Settings::tls_client_ca},
       "PEM with the authorities that sign client certificates; needed by ssl:// listeners; read again on SIGHUP."},
      {"storage.open_files", "files", Number{&Settings::storage_open_files, 16, 1'000'000, true},
       "Most segment files held open at a time; 0: half of what `ulimit -n` allows, from 4096 up to 65536."},
      {"storage.journal_retention_days", "days", Number{&Settings::storage_journal_retention_days, 1, 36'500},
       "How long it is known who wrote which record."},
      {"storage.cleanup_interval_ms", "milliseconds", Number{&Settings::storage_cleanup_interval_ms, 100, 86'400'000},
       "How often topics are looked through for what retention deletes and compaction takes out."},
      {"storage.sync_threads", "threads", Number{&Settings::storage_sync_threads, 1, 64},
       "Threads that sync logs and journal to disk and do housekeeping."},
      {"topics.default_partitions", "partitions", Number{&Settings::topics_default_partitions, 1, 10'000},
       "Partitions of a topic whose creator leaves the number open."},
      {"topics.auto_create", "", Choice{&Settings::topics_auto_create, {"off", "on"}},
       "Whether a topic comes into being when a principal that may create it asks for its metadata."},
      {"topics.replication", "", Choice{&Settings::topics_replication, {"refuse", "clamp"}},
       "What happens to a replication factor above 1: refused as INVALID_REPLICATION_FACTOR, or taken as 1."},
      {"max.incremental.fetch.session.cache.slots", "sessions", Number{&Settings::fetch_session_slots, 0, 100'000},
       "Most fetch sessions at a time, as Kafka's setting of this name; 0: none. All of them hold at most 200,000 "
       "partitions."},
      {"access.authorise", "", Choice{&Settings::access_authorise, {"enforce", "report"}},
       "report: reads and writes of declared topics that would be denied are let through and counted."},
      {"access.undeclared_topics", "", Choice{&Settings::access_undeclared_topics, {"model", "closed", "report"}},
       "Topics no document declares: as the model's Policy says, closed, or let through and counted."},
      {"acl_api", "", Choice{&Settings::acl_api, {"read_only", "writable"}},
       "writable: the role platform may create ACLs over Kafka's API; they become grants that `myelin adopt` writes "
       "out. "
       "read_only: none are made or deleted; those that were made stay in force."},
      {"http.host_names", "host names, comma-separated", Text{&Settings::http_host_names},
       "Host names the HTTP side answers to besides the one it listens on and localhost."},
      {"log.level", "", Choice{&Settings::log_level, {"debug", "info", "warn", "error"}},
       "Log lines below this level are not written."},
  };
  // Where they stand in the list: behind the topics.
  const auto behind = std::ranges::find(all, "access.authorise", &Definition::name);
  const auto coordination = coordination_definitions();
  all.insert(behind, coordination.begin(), coordination.end());
  return all;
}

const std::vector<Definition>& definitions() {
  static const std::vector<Definition> kDefinitions = all_definitions();
  return kDefinitions;
}

std::string joined(std::span<const std::string_view> values) {
  std::string text;
  for (const auto value : values) {
    if (!text.empty()) text += ", ";
    text += value;
  }
  return text;
}

Result<std::string> read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Code::NotFound, "--config {}: the file can't be opened", path);
  std::string text(kConfigBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kConfigBytesMax)
    return fail(Code::TooLarge, "--config {}: larger than {} bytes", path, kConfigBytesMax);
  return text;
}

const Definition* find(std::string_view name) {
  for (const auto& definition : definitions()) {
    if (definition.name == name) return &definition;
  }
  return nullptr;
}

struct Assign {
  Settings& settings;
  const Definition& definition;
  std::string_view value;

  Result<void> operator()(const Number& number) const {
    std::int64_t parsed = 0;
    const auto* end = value.data() + value.size();
    const auto result = std::from_chars(value.data(), end, parsed);
    const bool in_range = (parsed >= number.lowest && parsed <= number.highest) || (number.or_zero && parsed == 0);
    if (result.ec != std::errc() || result.ptr != end || !in_range) {
      return fail(Code::Invalid, "setting {}: \"{}\" is not {}a number from {} to {}{}{}", definition.name, value,
                  number.or_zero ? "0 or " : "", number.lowest, number.highest, definition.unit.empty() ? "" : " of ",
                  definition.unit);
    }
    settings.*number.field = parsed;
    return {};
  }
  Result<void> operator()(const Text& text) const {
    settings.*text.field = std::string(value);
    return {};
  }
  Result<void> operator()(const Choice& choice) const {
    for (const auto one : choice.values) {
      if (one != value) continue;
      settings.*choice.field = std::string(value);
      return {};
    }
    return fail(Code::Invalid, "setting {}: \"{}\" is unknown; use one of {}", definition.name, value,
                joined(choice.values));
  }
};

std::string range_text(const Definition& definition) {
  if (const auto* number = std::get_if<Number>(&definition.kind)) {
    return fmt::format("{}{} to {}", number->or_zero ? "0, or " : "", number->lowest, number->highest);
  }
  if (const auto* choice = std::get_if<Choice>(&definition.kind)) return joined(choice->values);
  return "text";
}

std::string value_text(const Definition& definition, const Settings& settings) {
  if (const auto* number = std::get_if<Number>(&definition.kind)) return std::to_string(settings.*number->field);
  if (const auto* choice = std::get_if<Choice>(&definition.kind)) return settings.*choice->field;
  const auto& text = settings.*std::get<Text>(definition.kind).field;
  return text.empty() ? "none" : text;
}

std::string default_text(const Definition& definition) {
  const auto usual = value_text(definition, Settings());
  const auto in_dev = value_text(definition, dev_settings());
  return in_dev == usual ? usual : fmt::format("{}; with --dev {}", usual, in_dev);
}

}  // namespace

Settings dev_settings() {
  Settings settings;
  settings.topics_default_partitions = 4;
  settings.topics_auto_create = "on";
  settings.groups_initial_rebalance_delay_ms = 0;
  return settings;
}

Result<void> check_together(const Settings& settings) {
  if (settings.groups_consumer_heartbeat_interval_ms >= settings.groups_consumer_session_timeout_ms) {
    return fail(
        Code::Invalid,
        "groups.consumer_heartbeat_interval_ms is {}, not below groups.consumer_session_timeout_ms, which is {}: "
        "every member would be taken for dead; lower the first or raise the second",
        settings.groups_consumer_heartbeat_interval_ms, settings.groups_consumer_session_timeout_ms);
  }
  if (settings.groups_session_timeout_min_ms <= settings.groups_session_timeout_max_ms) return {};
  return fail(Code::Invalid,
              "groups.session_timeout_min_ms is {}, above groups.session_timeout_max_ms, which is {}: no member could "
              "join; raise the second or lower the first",
              settings.groups_session_timeout_min_ms, settings.groups_session_timeout_max_ms);
}

Result<void> set(Settings& settings, std::string_view name, std::string_view value) {
  const auto* definition = find(name);
  if (definition == nullptr) {
    std::vector<std::string> names;
    for (const auto& known : definitions()) names.emplace_back(known.name);
    return fail(Code::Invalid, "setting \"{}\" is unknown{}; `myelin settings` lists them", name,
                document::suggestion(name, names));
  }
  return std::visit(Assign{settings, *definition, value}, definition->kind);
}

Result<void> read_settings_file(Settings& settings, const std::string& path) {
  auto text = read_whole(path);
  if (!text) return pass(text);
  const auto parsed = document::parse({path, std::move(*text)});
  auto problems = parsed.problems;
  for (const auto& document : parsed.documents) {
    const document::Place start{path, document.root->position};
    if (!document.root->is(document::NodeKind::Map)) {
      problems.push_back({start, "expected \"name: value\" lines"});
      continue;
    }
    for (const auto& member : document.root->members) {
      if (member.value.is(document::NodeKind::List) || member.value.is(document::NodeKind::Map)) {
        problems.push_back({{path, member.value.position},
                            fmt::format("a setting's value is one word, number or text; settings are not nested: write "
                                        "\"{}.NAME: value\"",
                                        member.key)});
        continue;
      }
      const auto outcome = set(settings, member.key, member.value.text);
      if (!outcome) problems.push_back({{path, member.key_position}, outcome.error().message});
    }
  }
  if (problems.empty()) return {};
  document::sort(problems);
  return fail(Code::Invalid, "{}", document::listed(problems));
}

std::string settings_reference() {
  std::string text =
      "# Settings\n\nGiven to `myelin serve` as `--set name=value`, or as `name: value` lines in the file named by "
      "`--config`; `--set` wins.\nThis page is printed by `myelin settings`.\n\n"
      "| setting | unit | range | default | meaning |\n|---|---|---|---|---|\n";
  for (const auto& definition : definitions()) {
    text +=
        fmt::format("| `{}` | {} | {} | {} | {} |\n", definition.name, definition.unit.empty() ? "–" : definition.unit,
                    range_text(definition), default_text(definition), definition.meaning);
  }
  return text;
}

}  // namespace myelin::app
