#include "app/cli/policy.h"

#include <fmt/core.h>

#include <memory>

#include "app/cli/answers.h"
#include "app/cli/ask.h"
#include "document/json_writer.h"

namespace myelin::app::cli {
namespace {

using document::Node;

// "14 from 2 squads"; empty for a rule about documents, which plans count.
std::string times_of(const Node& rule, std::string_view key) {
  const auto* found = rule.find(key);
  if (found == nullptr) return {};
  const auto times = text_of(*found, "times");
  if (times == "0") return "0";
  return fmt::format("{} from {}", times, counted(std::to_string(items_of(*found, "squads").size()), "squad"));
}

Table rules_table(const Node& answer) {
  Table table{{{"rule"}, {"about"}, {"rung"}, {"would have denied"}, {"denied"}, {"since"}, {"owner"}, {"principle"}},
              {}};
  for (const auto& rule : items_of(answer, "items")) {
    table.rows.push_back({text_of(rule, "name"), text_of(rule, "about"), text_of(rule, "rung"),
                          times_of(rule, "would_have_denied"), times_of(rule, "denied"),
                          short_time(text_of(rule, "since")), text_of(rule, "owner"), text_of(rule, "principle")});
  }
  return table;
}

int policy(const Asking& asking) {
  const auto server = Server::connect(asking.server);
  if (!server) return report(server.error());
  const auto answer = server->get("/api/v1/policy/rules");
  if (!answer) return report(answer.error());
  if (asking.output == Output::Json) {
    fmt::print("{}\n", document::json(*answer));
    return 0;
  }
  print(rules_table(*answer), asking.output, "the Policy has no rules");
  return 0;
}

}  // namespace

void add_policy_command(CLI::App& app, int& exit_code) {
  auto asking = std::make_shared<Asking>();
  auto* command = app.add_subcommand("policy", "Rules of the Policy, and how often requests did not obey them");
  add_server_options(*command, *asking, true);
  command->callback([asking, &exit_code] { exit_code = policy(*asking); });
}

}  // namespace myelin::app::cli
