#include "app/cli/ask.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <map>
#include <memory>

#include "app/cli/topics.h"
#include "document/json_writer.h"

namespace myelin::app::cli {
namespace {

using document::Node;
using Row = std::vector<std::string>;

const std::vector<Node>& items_of(const Node& node, std::string_view key) {
  static const std::vector<Node> kNone;
  const auto* found = node.find(key);
  return found != nullptr ? found->items : kNone;
}

std::string text_of(const Node& node, std::string_view key) {
  const auto* found = node.find(key);
  return found == nullptr || found->is(document::NodeKind::Null) ? std::string() : found->text;
}

// "a, b, c" of a list of strings.
std::string list_of(const Node& node, std::string_view key) {
  std::string joined;
  for (const auto& item : items_of(node, key)) joined += (joined.empty() ? "" : ", ") + item.text;
  return joined;
}

// "1 record", "2 records".
std::string counted(const std::string& number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == "1" ? "" : "s");
}

// A whole second is enough for a person: "2026-11-21T04:00:00.123Z" to "2026-11-21 04:00:00".
std::string short_time(std::string time) {
  if (time.size() < 19) return time;
  time.resize(19);
  time[10] = ' ';
  return time;
}

Row row_of(const Node& node, std::initializer_list<std::string_view> keys) {
  Row row;
  for (const auto key : keys) row.push_back(text_of(node, key));
  return row;
}

std::string library_of(const Node& edge) {
  const auto library = text_of(edge, "library");
  return library.empty() ? "" : library + " " + text_of(edge, "library_version");
}

// The groups that a reader commits for; "none" when it never commits.
std::string groups_of(const Node& edge) {
  const auto groups = list_of(edge, "groups");
  return groups.empty() ? "none" : groups;
}

// Asks, then prints what `tabulate` makes of the answer; JSON output is the server's answer itself.
int ask(const Asking& asking, const std::string& target, std::string_view when_empty,
        const std::function<Table(const Node&)>& tabulate) {
  const auto server = Server::connect(asking.server);
  if (!server) return report(server.error());
  if (asking.output == "json") {
    const auto body = server->get_text(target);
    if (!body) return report(body.error());
    std::fwrite(body->data(), 1, body->size(), stdout);
    if (!body->ends_with('\n')) std::fputc('\n', stdout);
    return 0;
  }
  const auto answer = server->get(target);
  if (!answer) return report(answer.error());
  return print(tabulate(*answer), asking.output, when_empty);
}

Table usage_table(const Node& answer) {
  Table table{{{"principal"},
               {"squad"},
               {"topic"},
               {"direction"},
               {"hour"},
               {"group"},
               {"partition", true},
               {"client"},
               {"measure"},
               {"amount", true},
               {"unit"},
               {"first_seen"},
               {"last_seen"},
               {"class"}},
              {}};
  for (const auto& line : items_of(answer, "lines")) {
    auto row = row_of(line, {"principal", "squad", "topic", "direction", "hour", "group", "partition", "client",
                             "measure", "amount", "unit", "first_seen", "last_seen", "class"});
    for (const auto time : {4, 11, 12}) row[time] = short_time(row[time]);
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table lineage_table(const Node& answer) {
  Table table{{{"from"}, {"to"}, {"how"}, {"offsets", true}, {"bytes", true}, {"last_seen"}, {"client"}, {"mark"}}, {}};
  for (const auto& edge : items_of(answer, "writes")) {
    table.rows.push_back({text_of(edge, "principal"), text_of(edge, "topic"), "writes", text_of(edge, "records"),
                          text_of(edge, "bytes"), short_time(text_of(edge, "last_seen")), library_of(edge),
                          text_of(edge, "mark")});
  }
  for (const auto& edge : items_of(answer, "reads")) {
    table.rows.push_back({text_of(edge, "topic"), text_of(edge, "principal"), "read by group " + groups_of(edge),
                          text_of(edge, "offsets"), text_of(edge, "bytes"), short_time(text_of(edge, "last_seen")),
                          library_of(edge), text_of(edge, "mark")});
  }
  for (const auto& triple : items_of(answer, "triples")) {
    table.rows.push_back({text_of(triple, "producer"), text_of(triple, "consumer"),
                          "through " + text_of(triple, "topic"), "", "", short_time(text_of(triple, "last_seen")), "",
                          text_of(triple, "certain") == "true" ? "observed" : "observed (merged)"});
  }
  for (const auto& grant : items_of(answer, "unused_grants")) {
    table.rows.push_back({text_of(grant, "topic"), text_of(grant, "consumer"),
                          "granted by " + text_of(grant, "grant") + ", never read", "", "", "", "", "declared"});
  }
  return table;
}

// One row for each reason: "may read  loyalty, stock-board  (owner)".
void add_access(const auto& add, const Node& answer, std::string_view key, std::string_view label) {
  std::map<std::string, std::string> names_by_reason;
  for (const auto& access : items_of(answer, key)) {
    const auto application = text_of(access, "application");
    auto& names = names_by_reason[text_of(access, "through")];
    names += (names.empty() ? "" : ", ") + (application.empty() ? text_of(access, "squad") : application);
  }
  for (const auto& [reason, names] : names_by_reason) add(label, names + "  (" + reason + ")");
}

void add_who_rows(Table& table, const Node& answer) {
  const auto add = [&](std::string_view label, const std::string& value) {
    if (!value.empty()) table.rows.push_back({std::string(label), value});
  };
  add(text_of(answer, "kind"), text_of(answer, "name"));
  add("title", text_of(answer, "title"));
  for (const auto* key : {"application", "squad", "domain", "product", "mode", "contract"})
    add(key, text_of(answer, key));
  add("owned through", text_of(answer, "owned_through"));
  add("squads", list_of(answer, "squads"));
  add("principals", list_of(answer, "principals"));
  add("topics", list_of(answer, "topics"));
  add_access(add, answer, "may_write", "may write");
  add_access(add, answer, "may_read", "may read");
  for (const auto& grant : items_of(answer, "grants")) add("grant", grant.text);
  for (const auto& edge : items_of(answer, "writes")) {
    add("writes",
        fmt::format("{} > {}  {}, {}, last {}", text_of(edge, "principal"), text_of(edge, "topic"),
                    counted(text_of(edge, "records"), "record"), byte_size(std::atoll(text_of(edge, "bytes").c_str())),
                    short_time(text_of(edge, "last_seen"))));
  }
  for (const auto& edge : items_of(answer, "reads")) {
    add("reads",
        fmt::format("{} > {}  group {}, {}, {}, last {}", text_of(edge, "topic"), text_of(edge, "principal"),
                    groups_of(edge), counted(text_of(edge, "offsets"), "offset"),
                    byte_size(std::atoll(text_of(edge, "bytes").c_str())), short_time(text_of(edge, "last_seen"))));
  }
  for (const auto& channel : items_of(answer, "channels")) {
    add("call", text_of(channel, "name") + (text_of(channel, "url").empty() ? "" : "  " + text_of(channel, "url")));
  }
  if (const auto* place = answer.find("declared_at"); place != nullptr && !text_of(*place, "file").empty()) {
    add("declared at", fmt::format("{}:{}", text_of(*place, "file"), text_of(*place, "line")));
  }
  add("mark", text_of(answer, "mark"));
}

Table who_table(const Node& answer) {
  Table table{{{"what"}, {"answer"}}, {}};
  for (const auto& one : items_of(answer, "answers")) {
    if (!table.rows.empty()) table.rows.push_back({"", ""});
    add_who_rows(table, one);
  }
  return table;
}

Table topics_table(const Node& answer) {
  Table table{{{"topic"},
               {"partitions", true},
               {"squad"},
               {"product"},
               {"durability"},
               {"records", true},
               {"bytes", true},
               {"writers", true},
               {"readers", true},
               {"last_written"},
               {"last_read"},
               {"mark"}},
              {}};
  for (const auto& topic : items_of(answer, "items")) {
    auto row = row_of(topic, {"name", "partitions", "squad", "product", "durability", "written_records",
                              "written_bytes", "writers", "readers", "last_written", "last_read", "mark"});
    row[9] = short_time(row[9]);
    row[10] = short_time(row[10]);
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table groups_table(const Node& answer) {
  Table table{{{"group"},
               {"state"},
               {"members", true},
               {"squad"},
               {"topic"},
               {"partition", true},
               {"committed", true},
               {"end", true},
               {"lag", true}},
              {}};
  for (const auto& group : items_of(answer, "items")) {
    const auto head = row_of(group, {"name", "state", "members", "squad"});
    const auto& partitions = items_of(group, "partitions");
    if (partitions.empty()) table.rows.push_back({head[0], head[1], head[2], head[3], "", "", "", "", ""});
    for (const auto& partition : partitions) {
      auto row = head;
      for (auto& cell : row_of(partition, {"topic", "partition", "committed", "end", "lag"}))
        row.push_back(std::move(cell));
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

Table audit_table(const Node& answer) {
  Table table{
      {{"sequence", true}, {"at"}, {"principal"}, {"action"}, {"resource"}, {"outcome"}, {"detail"}, {"client"}}, {}};
  for (const auto& record : items_of(answer, "items")) {
    auto row = row_of(record, {"sequence", "at", "principal", "action", "resource", "outcome", "detail", "client"});
    row[1] = short_time(row[1]);
    table.rows.push_back(std::move(row));
  }
  return table;
}

struct UsageOptions : Asking {
  std::string principal, squad, topic, direction, measure, exactness, from, to, group_by;
};

std::string usage_target(const UsageOptions& options, std::string target) {
  auto add = [&, separator = '?'](std::string_view name, const std::string& value) mutable {
    if (value.empty()) return;
    target += separator + std::string(name) + '=' + (name == "group_by" ? value : encoded(value));
    separator = '&';
  };
  add("principal", options.principal);
  add("squad", options.squad);
  add("topic", options.topic);
  add("direction", options.direction);
  add("measure", options.measure);
  add("class", options.exactness);
  add("from", options.from);
  add("to", options.to);
  add("group_by", options.group_by);
  return target;
}

// Prints the recomputed lines; what the roll-up says otherwise goes to standard error and makes the exit code 1.
int recompute_usage(const UsageOptions& options) {
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  const auto answer = server->get(usage_target(options, "/api/v1/usage/recomputed"));
  if (!answer) return report(answer.error());
  int exit_code = 0;
  if (options.output == "json") {
    fmt::print("{}\n", document::json(*answer));
  } else {
    exit_code = print(usage_table(*answer), options.output, "the journals know of nothing");
  }
  for (const auto& difference : items_of(*answer, "differences")) {
    const auto* line = difference.find("line");
    if (line == nullptr) continue;
    std::string place;
    for (const auto* key : {"principal", "topic", "hour", "group", "partition", "client"}) {
      const auto value = text_of(*line, key);
      if (!value.empty()) place += fmt::format(" {} {}", key, value);
    }
    fmt::print(stderr, "myelin: {}{}: the journals say {}, the roll-up says {}\n", text_of(*line, "measure"), place,
               text_of(*line, "amount"), text_of(difference, "reported"));
    exit_code = 1;
  }
  return exit_code;
}

void add_usage(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<UsageOptions>();
  auto* command = app.add_subcommand("usage", "What was measured: moved, consumed, asked; each line with its class");
  command->add_option("--principal", options->principal, "Only this principal");
  command->add_option("--squad", options->squad, "Only this squad's principals");
  command->add_option("--topic", options->topic, "Only this topic");
  command->add_option("--direction", options->direction, "Only write or read");
  command->add_option("--measure", options->measure, "Only this measure; docs/reference/usage.md lists them");
  command->add_option("--class", options->exactness, "Only exact or journalled");
  command->add_option("--from", options->from, "Whole hours from this time on: 2026-11-21T04:00:00Z or 2026-11-21");
  command->add_option("--to", options->to, "Whole hours before this time");
  command->add_option("--by", options->group_by,
                      "Columns to tell lines apart by, of principal,squad,topic,direction,hour,group,partition,client");
  add_server_options(*command, *options, true);
  auto* recompute = command->add_subcommand(
      "recompute",
      "The class exact again, from the journals; exit code 1 and what differs when the roll-up says otherwise");
  recompute->fallthrough();
  command->callback([options, recompute, &exit_code] {
    exit_code = recompute->parsed()
                    ? recompute_usage(*options)
                    : ask(*options, usage_target(*options, "/api/v1/usage"), "nothing was measured yet", usage_table);
  });
}

void add_who(CLI::App& app, int& exit_code) {
  struct Options : Asking {
    std::string thing, kind = "any";
  };
  auto options = std::make_shared<Options>();
  auto* command =
      app.add_subcommand("who", "Who stands behind a principal, application, topic, group, product, squad or domain");
  command->add_option("thing", options->thing, "Its name")->required();
  command->add_option("--kind", options->kind,
                      "principal, application, topic, group, product, squad, domain; any without");
  add_server_options(*command, *options, true);
  command->callback([options, &exit_code] {
    exit_code =
        ask(*options, "/api/v1/who/" + encoded(options->kind) + "/" + encoded(options->thing), "nobody", who_table);
  });
}

void add_lineage(CLI::App& app, int& exit_code) {
  struct Options : Asking {
    std::string topic;
  };
  auto options = std::make_shared<Options>();
  auto* command =
      app.add_subcommand("lineage", "Who writes, who reads, who reads whose records, and grants nobody uses");
  command->add_option("topic", options->topic, "Only around this topic");
  add_server_options(*command, *options, true);
  command->callback([options, &exit_code] {
    const auto target = "/api/v1/lineage" + (options->topic.empty() ? "" : "?topic=" + encoded(options->topic));
    exit_code = ask(*options, target, "nothing has been seen yet", lineage_table);
  });
}

CLI::App& add_plain(CLI::App& app, int& exit_code, const std::string& name, const std::string& about,
                    const std::string& target, const std::string& when_empty, Table (*tabulate)(const Node&)) {
  auto options = std::make_shared<Asking>();
  auto* command = app.add_subcommand(name, about);
  add_server_options(*command, *options, true);
  command->callback([=, &exit_code] {
    if (command->get_subcommands().empty()) exit_code = ask(*options, target, when_empty, tabulate);
  });
  return *command;
}

}  // namespace

void add_server_options(CLI::App& command, Asking& asking, bool with_output) {
  command.add_option("--server", asking.server.url,
                     "The server's URL; default MYELIN_SERVER, else http://127.0.0.1:8080");
  command.add_option("--ca", asking.server.ca,
                     "PEM file of the authority that signed the server's certificate; default MYELIN_CA");
  if (with_output) command.add_option("--output", asking.output, "table, json, yaml or csv")->capture_default_str();
}

int report(const Error& error) {
  fmt::print(stderr, "myelin: {}\n", error.message);
  switch (error.code) {
    case Code::Denied:
    case Code::Unauthenticated:
      return 4;
    case Code::Unavailable:
    case Code::Timeout:
      return 5;
    default:
      return 1;
  }
}

int print(const Table& table, const std::string& output, std::string_view when_empty) {
  const auto form = parse_output(output);
  if (!form) {
    fmt::print(stderr, "myelin: {}\n", form.error().message);
    return 2;
  }
  const bool to_terminal = ::isatty(STDOUT_FILENO) == 1;
  if (table.rows.empty() && *form == Output::Table) {
    if (to_terminal) fmt::print("{}\n", when_empty);
    return 0;
  }
  const auto text = render(table, *form, to_terminal);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

void add_asking_commands(CLI::App& app, int& exit_code) {
  add_who(app, exit_code);
  add_usage(app, exit_code);
  add_lineage(app, exit_code);
  auto& topics = add_plain(app, exit_code, "topics", "Every topic you may see: owner, traffic, writers, readers",
                           "/api/v1/topics?limit=1000", "there is no topic yet", topics_table);
  add_topic_repair_commands(topics, exit_code);
  add_plain(app, exit_code, "groups", "Consumer groups: state, members, committed offsets, lag",
            "/api/v1/groups?limit=1000", "there is no consumer group yet", groups_table);
  add_plain(app, exit_code, "audit", "Who changed what, was denied, signed in; newest first", "/api/v1/audit?limit=100",
            "nothing was recorded yet", audit_table);
}

}  // namespace myelin::app::cli
