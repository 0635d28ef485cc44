#include "app/cli/ask.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <iterator>
#include <memory>

#include "app/cli/adopt.h"
#include "app/cli/answers.h"
#include "app/cli/organisation.h"
#include "app/cli/topics.h"
#include "document/json_writer.h"

namespace myelin::app::cli {
namespace {

using document::Node;

// Asks, then prints what `tabulate` makes of the answer; JSON output is the server's answer itself.
int ask(const Asking& asking, const std::string& target, std::string_view when_empty,
        const std::function<Table(const Node&)>& tabulate) {
  const auto server = Server::connect(asking.server);
  if (!server) return report(server.error());
  if (asking.output == Output::Json) {
    const auto body = server->get_text(target);
    if (!body) return report(body.error());
    std::fwrite(body->data(), 1, body->size(), stdout);
    if (!body->ends_with('\n')) std::fputc('\n', stdout);
    return 0;
  }
  const auto answer = server->get(target);
  if (!answer) return report(answer.error());
  print(tabulate(*answer), asking.output, when_empty);
  return 0;
}

// The same for a list in pages: the answer is one page that holds them all.
int ask_all_pages(const Asking& asking, const std::string& target, std::string_view when_empty,
                  const std::function<Table(const Node&)>& tabulate) {
  const auto server = Server::connect(asking.server);
  if (!server) return report(server.error());
  const auto paged = target + (target.contains('?') ? "&" : "?") + "limit=5000";
  auto all = server->get(paged);
  if (!all) return report(all.error());
  for (auto next = text_of(*all, "next"); !next.empty();) {
    const auto page = server->get(paged + "&after=" + encoded(next));
    if (!page) return report(page.error());
    auto items = items_of(*page, "items");
    for (auto& member : all->members) {
      if (member.key == "items") std::ranges::move(items, std::back_inserter(member.value.items));
      if (member.key == "next") member.value.text.clear();
    }
    next = text_of(*page, "next");
  }
  if (asking.output == Output::Json) {
    fmt::print("{}\n", document::json(*all));
  } else {
    print(tabulate(*all), asking.output, when_empty);
  }
  return 0;
}

// Adds "?name=value&..." for those that are not empty.
std::string with_parameters(std::string target,
                            std::initializer_list<std::pair<std::string_view, const std::string&>> parameters) {
  char separator = '?';
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    target += separator + std::string(name) + '=' + encoded(value);
    separator = '&';
  }
  return target;
}

struct UsageOptions : Asking {
  std::string principal, squad, topic, direction, measure, exactness, from, to, group_by;
};

std::string usage_target(const UsageOptions& options, std::string target) {
  return with_parameters(std::move(target), {{"principal", options.principal},
                                             {"squad", options.squad},
                                             {"topic", options.topic},
                                             {"direction", options.direction},
                                             {"measure", options.measure},
                                             {"class", options.exactness},
                                             {"from", options.from},
                                             {"to", options.to},
                                             {"group_by", options.group_by}});
}

// Prints the recomputed lines; what the roll-up says otherwise goes to standard error and makes the exit code 1.
int recompute_usage(const UsageOptions& options) {
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  const auto answer = server->get(usage_target(options, "/api/v1/usage/recomputed"));
  if (!answer) return report(answer.error());
  int exit_code = 0;
  if (options.output == Output::Json) {
    fmt::print("{}\n", document::json(*answer));
  } else {
    print(usage_table(*answer), options.output, "the journals know of nothing");
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
    std::string thing, kind = "any", failure;
  };
  auto options = std::make_shared<Options>();
  auto* command =
      app.add_subcommand("who", "Who stands behind a principal, application, topic, group, product, squad or domain");
  command->add_option("thing", options->thing, "Its name")->required();
  command->add_option("--kind", options->kind,
                      "principal, application, topic, group, product, squad, domain; any without");
  add_server_options(*command, *options, true);
  command
      ->add_option("--failure", options->failure,
                   "Who is called when it fails: schema, data, freshness, lag, access, security, cost, platform or all")
      ->check(CLI::IsMember({"schema", "data", "freshness", "lag", "access", "security", "cost", "platform", "all"}));
  command->callback([options, &exit_code] {
    const auto tabulate = [&](const Node& answer) {
      return options->failure.empty() ? who_table(answer) : calls_table(answer, options->failure);
    };
    exit_code = ask(*options, "/api/v1/who/" + encoded(options->kind) + "/" + encoded(options->thing),
                    options->failure.empty() ? "nobody" : "nobody: the model has no platform group", tabulate);
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
    const auto target = with_parameters("/api/v1/lineage", {{"topic", options->topic}});
    const auto when_empty =
        options->topic.empty()
            ? std::string("nothing has been seen yet")
            : fmt::format("nothing is known around topic {}; `myelin topics` lists those you may see", options->topic);
    exit_code = ask(*options, target, when_empty, lineage_table);
  });
}

void add_organisation(CLI::App& app, int& exit_code) {
  struct Options : Asking {
    std::string squad;
  };
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(
      "organisation", "How squads say they work together, beside what moves between them, and what each carries");
  command->add_option("--squad", options->squad, "Only what concerns this squad");
  add_server_options(*command, *options, true);
  command->callback([options, &exit_code] {
    const auto target = with_parameters("/api/v1/organisation", {{"squad", options->squad}});
    exit_code = ask(*options, target, "there is no squad yet", organisation_table);
  });
}

void add_acls(CLI::App& app, int& exit_code) {
  struct Options : Asking {
    std::string principal, topic;
  };
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(
      "acls", "Who may do what, as Kafka's ACLs, each with its reason and the document that says so");
  command->add_option("--principal", options->principal, "Only what this principal may");
  command->add_option("--topic", options->topic, "Only what may be done with this topic");
  add_server_options(*command, *options, true);
  command->callback([options, &exit_code] {
    const auto target = with_parameters("/api/v1/acls", {{"principal", options->principal}, {"topic", options->topic}});
    exit_code = ask_all_pages(*options, target, "nobody may do that, or nobody that you may see", acls_table);
  });
}

void add_audit(CLI::App& app, int& exit_code) {
  struct Options : Asking {
    int limit = 100;
  };
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("audit", "Who changed what, was denied, signed in; newest first");
  command->add_option("--limit", options->limit, "So many of the newest records, 1 to 5000")
      ->check(CLI::Range(1, 5000))
      ->capture_default_str();
  add_server_options(*command, *options, true);
  command->callback([options, &exit_code] {
    exit_code =
        ask(*options, fmt::format("/api/v1/audit?limit={}", options->limit), "nothing was recorded yet", audit_table);
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
  if (!with_output) return;
  const auto take = [&asking](const std::string& text) {
    const auto output = parse_output(text);
    if (!output) throw CLI::ValidationError("--output", output.error().message);
    asking.output = *output;
  };
  command.add_option_function<std::string>("--output", take, "table, json, yaml or csv")->default_str("table");
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

void print(const Table& table, Output output, std::string_view when_empty) {
  if (table.rows.empty() && output == Output::Table) {
    fmt::print(stderr, "{}\n", when_empty);
    return;
  }
  const auto text = render(table, output, ::isatty(STDOUT_FILENO) == 1);
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void add_asking_commands(CLI::App& app, int& exit_code) {
  add_who(app, exit_code);
  add_usage(app, exit_code);
  add_lineage(app, exit_code);
  add_organisation(app, exit_code);
  add_acls(app, exit_code);
  add_adopt(app, exit_code);
  auto& topics = add_plain(app, exit_code, "topics", "Every topic you may see: owner, traffic, writers, readers",
                           "/api/v1/topics?limit=1000", "there is no topic yet", topics_table);
  add_topic_repair_commands(topics, exit_code);
  add_plain(app, exit_code, "groups", "Consumer groups: state, members, committed offsets, lag",
            "/api/v1/groups?limit=1000", "there is no consumer group yet", groups_table);
  add_plain(app, exit_code, "throttled", "When squads were over a quota and held back, since the server started",
            "/api/v1/throttled", "nobody was held back since the server started", throttled_table);
  add_plain(app, exit_code, "quotas", "What limits whom: squads by the Policy document, clients by Kafka's quota API",
            "/api/v1/quotas?limit=5000", "there is no quota", quotas_table);
  add_audit(app, exit_code);
}

}  // namespace myelin::app::cli
