#include "app/cli/inbox.h"

#include <fmt/core.h>

#include <functional>
#include <memory>
#include <string>

#include "app/cli/answers.h"
#include "app/cli/ask.h"
#include "app/cli/git_commit.h"
#include "app/cli/model_folder.h"
#include "app/cli/proposal_text.h"
#include "document/json_writer.h"

namespace myelin::app::cli {
namespace {

using document::Node;

struct Options : Asking {
  std::string id;  // of a proposal, or a folder
  std::string message;
  std::string reason;
  bool allow_delete = false;
};

std::string at(const Options& options, std::string_view more = "") {
  return fmt::format("/api/v1/proposals/{}{}", encoded(options.id), more);
}

int propose(const Options& options) {
  auto files = files_of(options.id);
  if (!files) return report_plan(files.error());
  auto body = body_of({{"message", options.message}, {"commit", git_commit(options.id)}});
  body.members.push_back({"files", {}, *std::move(files)});
  body.members.push_back({"allow_delete", {}, Node::boolean(options.allow_delete)});
  return send_proposal(options, "/api/v1/proposals", body);
}

int approve(const Options& options) { return send_proposal(options, at(options, "/approve"), body_of({})); }
int reject(const Options& options) {
  return send_proposal(options, at(options, "/reject"), body_of({{"reason", options.reason}}));
}
int withdraw(const Options& options) { return send_proposal(options, at(options, "/withdraw"), body_of({})); }

int show(const Options& options) {
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  return show_proposal(options, server->get(at(options)));
}

Table inbox_table(const Node& answer) {
  Table table{{{"proposal"}, {"time"}, {"author"}, {"kind"}, {"waits for"}, {"message"}}, {}};
  for (const auto& item : items_of(answer, "items")) {
    const auto* access = item.find("access");
    const auto kind = access == nullptr ? std::string() : text_of(*access, "kind");
    table.rows.push_back({text_of(item, "id"), text_of(item, "time"), text_of(item, "author"),
                          kind.empty() ? "documents" : kind, waits_for(item), text_of(item, "message")});
  }
  for (const auto& item : items_of(answer, "due_grants")) {
    const auto grant = text_of(item, "grant");
    const auto owner = text_of(item, "owner");
    table.rows.push_back({grant, text_of(item, "due"), "", "recertify",
                          owner.empty() ? "the platform group" : "squad " + owner,
                          fmt::format("{}: myelin recertify {}", text_of(item, "evidence"), grant)});
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

}  // namespace

void add_inbox_commands(CLI::App& app, int& exit_code) {
  add_command(app, exit_code, "propose", "Put a folder's documents before those whose consent they need", propose,
              [](CLI::App& command, Options& options) {
                command.add_option("folder", options.id, "Folder with documents, or a part of them")->required();
                command.add_flag("--allow-delete", options.allow_delete, "What the folder leaves out is to go");
                command.add_option("--message", options.message, "Why; whoever decides reads it");
              });
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
