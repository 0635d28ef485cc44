#include "app/cli/access.h"

#include <fmt/core.h>

#include <cstdint>
#include <memory>
#include <string>

#include "app/cli/answers.h"
#include "app/cli/ask.h"
#include "app/cli/proposal_text.h"
#include "document/json_writer.h"

namespace myelin::app::cli {
namespace {

using document::Node;

struct Options : Asking {
  std::string product;
  std::string application;
  std::string why;  // the purpose, or the reason
  std::string port;
  std::string until;
  std::string grant;
  std::string topic;
  std::string squad;
  std::int64_t hours = 1;
};

// "3 d 4 h", "2 h 5 min", "12 s"; empty for null.
std::string duration(const std::string& seconds_text) {
  constexpr std::int64_t kMinute = 60;
  constexpr std::int64_t kHour = 60 * kMinute;
  constexpr std::int64_t kDay = 24 * kHour;
  if (seconds_text.empty()) return "";
  const auto seconds = std::stoll(seconds_text);
  if (seconds >= kDay) return fmt::format("{} d {} h", seconds / kDay, seconds % kDay / kHour);
  if (seconds >= kHour) return fmt::format("{} h {} min", seconds / kHour, seconds % kHour / kMinute);
  if (seconds >= kMinute) return fmt::format("{} min", seconds / kMinute);
  return fmt::format("{} s", seconds);
}

Table times_table(const Node& answer) {
  Table table{{{"asked"},
               {"kind"},
               {"product"},
               {"application"},
               {"consumer"},
               {"provider"},
               {"state"},
               {"decided"},
               {"first record"},
               {"right first time"},
               {"platform touched"}},
              {}};
  for (const auto& one : items_of(answer, "items")) {
    table.rows.push_back({text_of(one, "asked"), text_of(one, "kind"), text_of(one, "product"),
                          text_of(one, "application"), text_of(one, "consumer"), text_of(one, "provider"),
                          text_of(one, "state"), text_of(one, "decided"), text_of(one, "first_record"),
                          text_of(one, "right_first_time"), text_of(one, "platform_touched")});
  }
  return table;
}

// On the error stream, so that the table stays one.
void print_figures(const Node& answer) {
  const auto decided = text_of(answer, "decided");
  if (decided == "0") return;
  const auto to_record = duration(text_of(answer, "median_seconds_to_first_record"));
  fmt::print(
      stderr,
      "requests decided: {}; right first time: {}; by the platform group: {}; median to the decision: {}, to the "
      "first record: {}\n",
      decided, text_of(answer, "right_first_time"), text_of(answer, "platform_touched"),
      duration(text_of(answer, "median_seconds_to_decision")), to_record.empty() ? "none yet" : to_record);
}

int access_times(const Options& options) {
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  const auto answer = server->get("/api/v1/access-times");
  if (!answer) return report(answer.error());
  if (options.output == Output::Json) {
    fmt::print("{}\n", document::json(*answer));
    return 0;
  }
  print(times_table(*answer), options.output, "nobody asked for access yet");
  if (options.output == Output::Table) print_figures(*answer);
  return 0;
}

int request(const Options& options) {
  return send_proposal(options, "/api/v1/requests",
                       body_of({{"product", options.product},
                                {"application", options.application},
                                {"purpose", options.why},
                                {"port", options.port},
                                {"until", options.until}}));
}

int renew(const Options& options) {
  return send_proposal(options, "/api/v1/grants/" + encoded(options.grant) + "/renew",
                       body_of({{"until", options.until}, {"reason", options.why}}));
}

int break_glass(const Options& options) {
  auto body = body_of({{"product", options.product},
                       {"application", options.application},
                       {"reason", options.why},
                       {"port", options.port}});
  body.members.push_back({"hours", {}, Node::number(options.hours)});
  return send_proposal(options, "/api/v1/break-glass", body);
}

int claim(const Options& options) {
  return send_proposal(options, "/api/v1/claims",
                       body_of({{"topic", options.topic}, {"squad", options.squad}, {"reason", options.why}}));
}

std::shared_ptr<Options> add_command(CLI::App& app, CLI::App*& command, const std::string& name,
                                     const std::string& about, int& exit_code, int (*run)(const Options&)) {
  auto options = std::make_shared<Options>();
  command = app.add_subcommand(name, about);
  add_server_options(*command, *options, true);
  command->callback([options, run, &exit_code] { exit_code = run(*options); });
  return options;
}

void add_what(CLI::App& command, Options& options) {
  command.add_option("product", options.product, "The product to read")->required();
  command.add_option("--as", options.application, "The application that will read it")->required();
  command.add_option("--port", options.port, "The product's output port, when it has several");
}

}  // namespace

void add_access_commands(CLI::App& app, int& exit_code) {
  CLI::App* command = nullptr;
  auto asked = add_command(app, command, "request", "Ask for access: the owner approves, and the grant is there",
                           exit_code, request);
  add_what(*command, *asked);
  command->add_option("--purpose", asked->why, "What for: whoever owns the product decides by it")->required();
  command->add_option("--until", asked->until, "The day on which it ends, 2027-01-31; open-ended without");

  auto renewed =
      add_command(app, command, "renew", "Ask for a later end of a grant; its owner approves", exit_code, renew);
  command->add_option("grant", renewed->grant, "The grant's id, as `myelin who APPLICATION` shows it")->required();
  command->add_option("--until", renewed->until, "The day on which it will end, 2027-01-31")->required();
  command->add_option("--reason", renewed->why, "Why: whoever owns the product decides by it")->required();

  auto broken =
      add_command(app, command, "break-glass", "Take access now, for some hours; the owner is told, and can end it",
                  exit_code, break_glass);
  add_what(*command, *broken);
  command->add_option("--reason", broken->why, "What the emergency is; the owner reads it")->required();
  command->add_option("--hours", broken->hours, "How long; the Policy says how long it may be")
      ->check(CLI::Range(1, 168))
      ->capture_default_str();

  auto claimed = add_command(
      app, command, "claim",
      "Ask for a topic that nobody declared to be a squad's own; everybody who uses it may go on", exit_code, claim);
  command->add_option("topic", claimed->topic, "The topic, as `myelin topics` shows it")->required();
  command->add_option("--squad", claimed->squad, "Whose it is to be; it was seen to write the topic")->required();
  command->add_option("--reason", claimed->why, "Why: whoever agrees to it decides by it, and by what was measured");

  add_command(app, command, "access-times", "How long access takes, from asking to the first record", exit_code,
              access_times);
}

}  // namespace myelin::app::cli
