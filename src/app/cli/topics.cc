#include "app/cli/topics.h"

#include <fmt/core.h>
#include <unistd.h>

#include <memory>

#include "app/cli/ask.h"
#include "document/json_writer.h"

namespace myelin::app::cli {
namespace {

using document::Node;

constexpr int kFoundDamage = 1;

struct Options : Asking {
  std::string topic;
  int partition = -1;
  bool skip = false;
};

std::string text_of(const Node& node, std::string_view key) {
  const auto* found = node.find(key);
  return found == nullptr ? std::string() : found->text;
}

std::int64_t number_of(const Node& node, std::string_view key) {
  const auto* found = node.find(key);
  return found == nullptr ? 0 : document::as_integer(*found).value_or(0);
}

Table damage_table() {
  return {{{"topic"},
           {"partition", true},
           {"first_offset", true},
           {"last_offset", true},
           {"offsets", true},
           {"file"},
           {"position", true},
           {"bytes", true},
           {"skipped"}},
          {}};
}

// Whether readers are still kept from it.
bool add_damage(Table& table, const Node& damage) {
  std::vector<std::string> row;
  for (const auto& column : table.columns) row.push_back(text_of(damage, column.name));
  table.rows.push_back(std::move(row));
  return text_of(damage, "skipped") != "true";
}

void say_what_next(const std::string& topic) {
  fmt::print(
      stderr,
      "A fetch of these offsets answers KAFKA_STORAGE_ERROR; the offsets behind them are served.\n"
      "next: read them from a copy of the topic if you have one; `myelin topics repair {} --skip` lets readers pass\n",
      topic);
}

int repair(const Options& options) {
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  const auto path = "/api/v1/topics/" + encoded(options.topic);
  const bool one = options.partition >= 0;
  auto answer =
      options.skip
          ? server->send("POST", path + "/repair",
                         one ? fmt::format(R"({{"skip":true,"partition":{}}})", options.partition) : R"({"skip":true})")
          : server->get(path + "/damage" + (one ? fmt::format("?partition={}", options.partition) : ""));
  if (!answer) return report(answer.error());
  Table table = damage_table();
  bool is_kept = false;
  if (const auto* items = answer->find("items"); items != nullptr) {
    for (const auto& item : items->items) is_kept = add_damage(table, item) || is_kept;
  }
  print(table, options.output, "nothing is quarantined");
  if (is_kept) say_what_next(options.topic);
  return 0;
}

// What the events of a verification come to.
struct Verification {
  Table damage = damage_table();
  std::string first_kept;  // topic of the first damage that readers do not pass
  std::int64_t partitions = 0;
  std::int64_t bytes = 0;
  std::string failure = "the server ended the verification before it was done; see its log";

  void take(std::string_view event, const Node& data) {
    if (event == "damage") {
      if (add_damage(damage, data) && first_kept.empty()) first_kept = text_of(data, "topic");
      return;
    }
    if (event == "failed") {
      failure = text_of(data, "detail");
      return;
    }
    partitions = number_of(data, "partitions");
    bytes = number_of(data, "bytes");
    if (event == "done") failure.clear();
    if (event == "progress" && ::isatty(STDERR_FILENO) == 1) {
      fmt::print(stderr, "\r\033[K{} of {} read, {} of {} partitions", byte_size(bytes),
                 byte_size(number_of(data, "bytes_total")), partitions, number_of(data, "partitions_total"));
    }
  }
};

int verify(const Options& options) {
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  std::vector<document::Member> members;
  if (!options.topic.empty()) members.push_back({"topic", {}, Node::string(options.topic)});
  Verification run;
  const auto told = server->events("/api/v1/topics/verify", document::json(Node::map(std::move(members))),
                                   [&](std::string_view event, const Node& data) { run.take(event, data); });
  if (::isatty(STDERR_FILENO) == 1) fmt::print(stderr, "\r\033[K");
  if (!told) return report(told.error());
  print(run.damage, options.output, "no damage");
  if (!run.failure.empty()) return report({Code::Io, "the verification did not end: " + run.failure});
  fmt::print(stderr, "{} partitions, {} read, {} damaged ranges\n", run.partitions, byte_size(run.bytes),
             run.damage.rows.size());
  if (run.first_kept.empty()) return 0;
  say_what_next(run.first_kept);
  return kFoundDamage;
}

}  // namespace

void add_topic_repair_commands(CLI::App& topics, int& exit_code) {
  auto to_verify = std::make_shared<Options>();
  auto* command = topics.add_subcommand(
      "verify", "Read all that rests on disk and check every batch; damage is quarantined. Exit code 1: found some");
  command->add_option("topic", to_verify->topic, "Only this topic");
  add_server_options(*command, *to_verify, true);
  command->callback([to_verify, &exit_code] { exit_code = verify(*to_verify); });

  auto to_repair = std::make_shared<Options>();
  command = topics.add_subcommand("repair", "Show what is quarantined in a topic, or let readers pass it");
  command->add_option("topic", to_repair->topic, "The topic")->required();
  command->add_option("--partition", to_repair->partition, "Only this partition")->check(CLI::NonNegativeNumber);
  command->add_flag("--skip", to_repair->skip, "Readers go on behind the damage from now on; this is audited");
  add_server_options(*command, *to_repair, true);
  command->callback([to_repair, &exit_code] { exit_code = repair(*to_repair); });
}

}  // namespace myelin::app::cli
