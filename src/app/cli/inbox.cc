#include "app/cli/inbox.h"

#include <fmt/core.h>

#include <functional>
#include <memory>
#include <string>

#include "app/cli/answers.h"
#include "app/cli/ask.h"
#include "app/cli/git_commit.h"
#include "app/cli/model_folder.h"
#include "document/json_writer.h"

namespace myelin::app::cli {
namespace {

using document::Node;

struct Options : Asking {
  std::string id;  // of a proposal, or a folder
  std::string message;
  std::string product;
  std::string application;
  std::string purpose;
  std::string port;
  std::string until;
  std::string reason;
  bool allow_delete = false;
};

Node object(std::vector<std::pair<std::string, std::string>> texts) {
  std::vector<document::Member> members;
  for (auto& [name, text] : texts) {
    if (!text.empty()) members.push_back({std::move(name), {}, Node::string(text)});
  }
  return Node::map(std::move(members));
}

// "squad orders", "the platform group"
std::string who(const Node& node) {
  const auto squad = text_of(node, "squad");
  return squad.empty() ? "the platform group" : "squad " + squad;
}

std::string waits_for(const Node& proposal) {
  std::string text;
  for (const auto& needed : items_of(proposal, "needed")) {
    const auto name = who(needed);
    bool has_agreed = false;
    for (const auto& say : items_of(proposal, "agreed"))
      has_agreed |= who(say) == name || text_of(say, "squad").empty();
    if (!has_agreed && !text.contains(name)) text += (text.empty() ? "" : ", ") + name;
  }
  return text.empty() ? "nobody" : text;
}

// What became of it, for a person.
void print_proposal(const Node& proposal) {
  const auto id = text_of(proposal, "id");
  const auto state = text_of(proposal, "state");
  fmt::print("proposal {} by {}, {}\n", id, text_of(proposal, "author"), state);
  if (const auto message = text_of(proposal, "message"); !message.empty()) fmt::print("  {}\n", message);
  for (const auto& say : items_of(proposal, "agreed")) {
    fmt::print("  {} agreed: {}, {}\n", who(say), text_of(say, "principal"), text_of(say, "time"));
  }
  if (state == "rejected") fmt::print("  why: {}\n", text_of(proposal, "reason"));
  if (state == "applied") fmt::print("revision {} is in force\n", text_of(proposal, "revision"));
  if (state == "open") fmt::print("  waits for {}: myelin approve {}\n", waits_for(proposal), id);
  if (const auto* plan = proposal.find("plan"); plan != nullptr && !text_of(*plan, "text").empty()) {
    fmt::print("\n{}", text_of(*plan, "text"));
  }
  if (const auto* applied = proposal.find("applied"); applied != nullptr) {
    for (const auto& left : items_of(*applied, "left")) fmt::print(stderr, "myelin: not done: {}\n", left.text);
  }
}

int send(const Options& options, const std::string& target, const Node& body) {
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  const auto text = body_text(body);
  if (!text) return report_plan(text.error());
  const auto answer = server->send("POST", target, *text);
  if (!answer) return report_plan(answer.error());
  if (options.output == Output::Json) {
    fmt::print("{}\n", document::json(*answer));
  } else {
    print_proposal(*answer);
  }
  return 0;
}

std::string at(const Options& options, std::string_view more = "") {
  return fmt::format("/api/v1/proposals/{}{}", encoded(options.id), more);
}

int propose(const Options& options) {
  auto files = files_of(options.id);
  if (!files) return report_plan(files.error());
  auto body = object({{"message", options.message}, {"commit", git_commit(options.id)}});
  body.members.push_back({"files", {}, *std::move(files)});
  body.members.push_back({"allow_delete", {}, Node::boolean(options.allow_delete)});
  return send(options, "/api/v1/proposals", body);
}

int request(const Options& options) {
  return send(options, "/api/v1/requests",
              object({{"product", options.product},
                      {"application", options.application},
                      {"purpose", options.purpose},
                      {"port", options.port},
                      {"until", options.until}}));
}

int approve(const Options& options) { return send(options, at(options, "/approve"), object({})); }
int reject(const Options& options) {
  return send(options, at(options, "/reject"), object({{"reason", options.reason}}));
}
int withdraw(const Options& options) { return send(options, at(options, "/withdraw"), object({})); }

int show(const Options& options) {
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  const auto answer = server->get(at(options));
  if (!answer) return report_plan(answer.error());
  if (options.output == Output::Json) {
    fmt::print("{}\n", document::json(*answer));
  } else {
    print_proposal(*answer);
  }
  return 0;
}

Table inbox_table(const Node& answer) {
  Table table{{{"proposal"}, {"time"}, {"author"}, {"waits for"}, {"message"}}, {}};
  for (const auto& item : items_of(answer, "items")) {
    table.rows.push_back({text_of(item, "id"), text_of(item, "time"), text_of(item, "author"), waits_for(item),
                          text_of(item, "message")});
  }
  return table;
}

int inbox(const Options& options) {
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  const auto answer = server->get("/api/v1/inbox");
  if (!answer) return report(answer.error());
  if (options.output == Output::Json) {
    fmt::print("{}\n", document::json(*answer));
  } else {
    print(inbox_table(*answer), options.output, "nothing waits for you");
  }
  return 0;
}

void add_command(CLI::App& app, int& exit_code, const std::string& name, const std::string& about,
                 int (*run)(const Options&), const std::function<void(CLI::App&, Options&)>& extend) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(name, about);
  extend(*command, *options);
  add_server_options(*command, *options, true);
  command->callback([options, run, &exit_code] { exit_code = run(*options); });
}

void add_id(CLI::App& command, Options& options) {
  command.add_option("id", options.id, "Of the proposal, as `myelin inbox` lists it")->required();
}

void add_request_options(CLI::App& command, Options& options) {
  command.add_option("product", options.product, "The product to read")->required();
  command.add_option("--as", options.application, "The application that will read it")->required();
  command.add_option("--purpose", options.purpose, "What for: whoever owns the product decides by it")->required();
  command.add_option("--port", options.port, "The product's output port, when it has several");
  command.add_option("--until", options.until, "The day on which it ends, 2027-01-31; open-ended without");
}

}  // namespace

void add_inbox_commands(CLI::App& app, int& exit_code) {
  add_command(app, exit_code, "propose", "Put a folder's documents before those whose consent they need", propose,
              [](CLI::App& command, Options& options) {
                command.add_option("folder", options.id, "Folder with documents, or a part of them")->required();
                command.add_flag("--allow-delete", options.allow_delete, "What the folder leaves out is to go");
                command.add_option("--message", options.message, "Why; whoever decides reads it");
              });
  add_command(app, exit_code, "request", "Ask for access: the owner approves, and the grant is there", request,
              add_request_options);
  add_command(app, exit_code, "inbox", "What waits for you and your squads, and what you proposed", inbox,
              [](CLI::App&, Options&) {});
  add_command(app, exit_code, "proposal", "One proposal: what it would do now, who agreed", show, add_id);
  add_command(app, exit_code, "approve", "Agree to a proposal; with the last consent it is applied", approve, add_id);
  add_command(app, exit_code, "reject", "Refuse a proposal, and say why", reject,
              [](CLI::App& command, Options& options) {
                add_id(command, options);
                command.add_option("--reason", options.reason, "Why; its author reads it")->required();
              });
  add_command(app, exit_code, "withdraw", "Take back a proposal of your own", withdraw, add_id);
}

}  // namespace myelin::app::cli
