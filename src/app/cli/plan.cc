#include "app/cli/plan.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/answers.h"
#include "app/cli/ask.h"
#include "app/cli/git_commit.h"
#include "app/cli/model_folder.h"
#include "app/cli/plan_offline.h"
#include "app/cli/write_new.h"
#include "document/json_writer.h"
#include "model/load.h"
#include "plan/plan.h"
#include "plan/tree.h"
#include "signature/ssh_signature.h"

namespace myelin::app::cli {
namespace {

using document::Node;

constexpr int kChanges = 3;
constexpr int kRefused = 4;

struct Options {
  ServerOptions server;
  std::string folder;
  std::string revision;
  std::string other;
  std::string output = "text";
  std::string plan;
  std::string message;
  std::string commit;
  std::string against;
  std::string as;
  std::string out;
  std::string to_sign;                  // a file
  std::vector<std::string> signatures;  // files
  bool allow_delete = false;
  bool yes = false;
  bool what_if = false;
};

bool is_set(const Node& node, std::string_view member) {
  const auto* found = node.find(member);
  return found != nullptr && document::as_boolean(*found) == true;
}

int exit_code_of(const Node& plan) {
  if (!items_of(plan, "refusals").empty()) return kRefused;
  return is_set(plan, "changes") ? kChanges : 0;
}

void print_plan(const Node& plan, const std::string& output) {
  if (output == "json") return fmt::print("{}\n", document::json(plan));
  fmt::print("{}", text_of(plan, output == "markdown" ? "markdown" : "text"));
  for (const auto& signer : items_of(plan, "signed_by")) {
    fmt::print("{}signed by {} with key {}\n", output == "markdown" ? "\n" : "  ", text_of(signer, "principal"),
               text_of(signer, "key"));
  }
}

// The signatures as they were written; the server reads them.
Result<Node> signatures_in(const std::vector<std::string>& paths) {
  std::vector<Node> texts;
  for (const auto& path : paths) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream.is_open()) return fail(Code::NotFound, "--signature {}: can't be opened", path);
    std::string text(signature::kSignatureBytesMax + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (const auto parsed = signature::parse_signature(text); !parsed) {
      return fail(parsed.error().code, "--signature {}: it {}", path, parsed.error().message);
    }
    texts.push_back(Node::string(text));
  }
  return Node::list(std::move(texts));
}

// What a request says besides its files.
Node body_of(const Options& options, std::optional<Node> files) {
  std::vector<document::Member> members;
  if (files) members.push_back({"files", {}, *std::move(files)});
  members.push_back({"allow_delete", {}, Node::boolean(options.allow_delete)});
  if (options.what_if) members.push_back({"what_if", {}, Node::boolean(true)});
  return Node::map(std::move(members));
}

// Where a change is planned and where it is carried out.
struct Routes {
  std::string plan;
  std::string apply;
};

Result<Node> planned(const Server& server, const Routes& routes, const Node& body) {
  const auto text = body_text(body);
  if (!text) return std::unexpected(text.error());
  return server.send("POST", routes.plan, *text);
}

Result<Node> plan_online(const Options& options) {
  if (!options.as.empty()) return fail(Code::Invalid, "--as needs --against: a server knows who asks");
  auto files = files_of(options.folder);
  if (!files) return pass(files);
  auto signatures = signatures_in(options.signatures);
  if (!signatures) return pass(signatures);
  const auto server = Server::connect(options.server);
  if (!server) return std::unexpected(server.error());
  auto body = body_of(options, *std::move(files));
  body.members.push_back({"signatures", {}, *std::move(signatures)});
  return planned(*server, {"/api/v1/plan", ""}, body);
}

// What a person who agrees signs, and how.
Result<void> write_to_sign(const Options& options, const Node& plan) {
  if (items_of(plan, "entities").empty()) return fail(Code::Invalid, "--to-sign: the plan changes nothing to agree to");
  const auto& path = options.to_sign;
  if (auto written = write_new("--to-sign", path, text_of(plan, "to_sign")); !written) return written;
  fmt::print(
      stderr,
      "{}: sign it with `ssh-keygen -Y sign -f KEY -n {} {}`; whoever applies gives the signature: `myelin apply "
      "{} --signature {}.sig`\n",
      path, plan::kSignatureNamespace, path, options.folder, path);
  return {};
}

int plan(const Options& options) {
  if (!options.against.empty() && !options.signatures.empty()) {
    return report_plan({Code::Invalid, "--signature is for a server, which knows whose key it is by; leave --against"});
  }
  const auto plan =
      options.against.empty()
          ? plan_online(options)
          : plan_offline({options.folder, options.against, options.as, options.allow_delete, options.what_if});
  if (!plan) return report_plan(plan.error());
  print_plan(*plan, options.output);
  if (!options.to_sign.empty()) {
    if (const auto written = write_to_sign(options, *plan); !written) return report_plan(written.error());
  }
  return exit_code_of(*plan);
}

// A person says yes; a program said so before, with --yes or with the plan that it saw.
bool agreed(const Options& options, const Node& plan) {
  if (options.yes || !options.plan.empty()) return true;
  if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) {
    fmt::print(stderr, "myelin: nobody is there to agree: give --yes, or --plan {}\n", text_of(plan, "id"));
    return false;
  }
  fmt::print("\nApply this? Type yes: ");
  std::fflush(stdout);
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "yes") return true;
  fmt::print(stderr, "nothing was changed\n");
  return false;
}

int print_applied(const Node& applied, const std::string& output) {
  if (output == "json") {
    fmt::print("{}\n", document::json(applied));
  } else {
    fmt::print("\nrevision {} is in force\n", text_of(applied, "revision"));
  }
  const auto& left = items_of(applied, "left");
  for (const auto& one : left) fmt::print(stderr, "myelin: not done: {}\n", one.text);
  if (!left.empty()) fmt::print(stderr, "myelin: apply again to try once more\n");
  return left.empty() ? 0 : 1;
}

int carry_out(const Options& options, const Routes& routes, Node body) {
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  const auto plan = planned(*server, routes, body);
  if (!plan) return report_plan(plan.error());
  if (options.output != "json") print_plan(*plan, options.output);
  const int outcome = exit_code_of(*plan);
  if (outcome == kRefused) {
    fmt::print(stderr, "\nmyelin: refused; nothing was changed\n");
    return kRefused;
  }
  if (outcome == 0) return 0;
  if (!agreed(options, *plan)) return 1;
  body.members.push_back({"plan", {}, Node::string(options.plan.empty() ? text_of(*plan, "id") : options.plan)});
  body.members.push_back({"message", {}, Node::string(options.message)});
  body.members.push_back({"commit", {}, Node::string(options.commit)});
  const auto applied = server->send("POST", routes.apply, document::json(body));
  if (!applied) return report_plan(applied.error());
  return print_applied(*applied, options.output);
}

int apply(Options options) {
  auto files = files_of(options.folder);
  if (!files) return report_plan(files.error());
  auto signatures = signatures_in(options.signatures);
  if (!signatures) return report_plan(signatures.error());
  if (options.commit.empty()) options.commit = git_commit(options.folder);
  auto body = body_of(options, *std::move(files));
  body.members.push_back({"signatures", {}, *std::move(signatures)});
  return carry_out(options, {"/api/v1/plan", "/api/v1/revisions"}, std::move(body));
}

int roll_back(const Options& options) {
  const auto at = "/api/v1/revisions/" + encoded(options.revision);
  return carry_out(options, {at + "/plan", at + "/restore"}, body_of(options, std::nullopt));
}

Result<std::shared_ptr<const model::Model>> model_in(const std::string& folder) {
  auto loaded = model::load_folder(folder);
  if (!loaded) return pass(loaded);
  if (!loaded->ok()) return fail(Code::Invalid, "{}: no model:\n{}", folder, document::listed(loaded->problems));
  return std::make_shared<const model::Model>(std::move(loaded->model));
}

// Two folders, without a server.
int diff_folders(const Options& options) {
  auto before = model_in(options.revision);
  if (!before) return report_plan(before.error());
  auto after = model_in(options.other);
  if (!after) return report_plan(after.error());
  const plan::Live nothing;
  auto plan = plan::made({.base = 0,
                          .before = *std::move(before),
                          .after = *std::move(after),
                          .settings = {},
                          .live = nothing,
                          .applier = {{}, true, true},
                          .left_out = 0});
  plan.topics.clear();
  plan.tree.clear();
  fmt::print("{}", options.output == "markdown" ? plan::as_markdown(plan, {}) : plan::rendered(plan, {}));
  return plan.is_empty() ? 0 : kChanges;
}

int diff(const Options& options) {
  std::error_code error;
  if (std::filesystem::is_directory(options.revision, error) && std::filesystem::is_directory(options.other, error)) {
    return diff_folders(options);
  }
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  const auto plan =
      server->get(fmt::format("/api/v1/revisions/{}/difference/{}", encoded(options.revision), encoded(options.other)));
  if (!plan) return report_plan(plan.error());
  print_plan(*plan, options.output);
  return is_set(*plan, "changes") ? kChanges : 0;
}

int save_state(const Options& options) {
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  const auto state = server->get_text("/api/v1/state");
  if (!state) return report(state.error());
  if (options.out.empty()) {
    std::fwrite(state->data(), 1, state->size(), stdout);
    return 0;
  }
  std::ofstream stream(options.out, std::ios::binary | std::ios::trunc);
  stream << *state;
  stream.close();
  if (stream.good()) return 0;
  return report({Code::Io, fmt::format("--out {}: can't be written", options.out)});
}

Table revisions_table(const Node& answer) {
  Table table{{{"revision", true}, {"time"}, {"author"}, {"files", true}, {"commit"}, {"message"}}, {}};
  for (const auto& item : items_of(answer, "items")) {
    auto message = text_of(item, "message");
    const auto restores = text_of(item, "restores");
    if (restores != "0") message = fmt::format("back to {}{}{}", restores, message.empty() ? "" : ": ", message);
    table.rows.push_back({text_of(item, "revision"), text_of(item, "time"), text_of(item, "author"),
                          text_of(item, "files"), text_of(item, "commit").substr(0, 12), std::move(message)});
  }
  return table;
}

int revisions(const Asking& asking) {
  const auto server = Server::connect(asking.server);
  if (!server) return report(server.error());
  const auto answer = server->get("/api/v1/revisions?limit=5000");
  if (!answer) return report(answer.error());
  if (asking.output == Output::Json) {
    fmt::print("{}\n", document::json(*answer));
  } else {
    print(revisions_table(*answer), asking.output, "nothing was applied yet; see `myelin apply --help`");
  }
  return 0;
}

void add_output(CLI::App& command, Options& options) {
  command.add_option("--output", options.output, "text, markdown (for a pull request) or json")
      ->check(CLI::IsMember({"text", "markdown", "json"}))
      ->capture_default_str();
}

void add_server(CLI::App& command, Options& options) {
  command.add_option("--server", options.server.url, "URL of the server; MYELIN_SERVER, else http://127.0.0.1:8080");
  command.add_option("--ca", options.server.ca, "PEM file of the certificate authority to trust; MYELIN_CA");
}

void add_order(CLI::App& command, Options& options) {
  command.add_flag("--allow-delete", options.allow_delete,
                   "What the documents no longer declare goes, if nobody uses it");
  command.add_flag("--yes", options.yes, "Agree to the plan without being asked");
  command.add_option("--plan", options.plan, "Agree to this plan, and to no other");
  command.add_option("--message", options.message, "Why, kept with the revision");
}

template <typename Run>
CLI::App* add_command(CLI::App& app, int& exit_code, const std::string& name, const std::string& about, Run run,
                      const std::function<void(CLI::App&, Options&)>& extend) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(name, about);
  extend(*command, *options);
  add_output(*command, *options);
  add_server(*command, *options);
  command->callback([options, run, &exit_code] { exit_code = run(*options); });
  return command;
}

void add_signatures(CLI::App& command, Options& options) {
  command.add_option("--signature", options.signatures,
                     "What somebody signed of this plan, as `ssh-keygen -Y sign` wrote it; may be given again");
}

void add_folder(CLI::App& command, Options& options) {
  command.add_option("folder", options.folder, "Folder with documents of the operating model, or a part of them")
      ->required();
}

}  // namespace

void add_plan_commands(CLI::App& app, int& exit_code) {
  add_command(
      app, exit_code, "plan", "What an apply of a folder would change, and for whom", plan,
      [](CLI::App& command, Options& options) {
        add_folder(command, options);
        command.add_flag("--allow-delete", options.allow_delete, "Plan to delete what the folder no longer declares");
        command.add_flag(
            "--what-if", options.what_if,
            "Also what the apply would make of edges between squads, their load, and whose consent counts");
        command.add_option("--against", options.against, "Plan without a server, against a file of `myelin state`");
        command.add_option("--as", options.as, "With --against: who would apply it; the platform group without");
        command.add_option("--to-sign", options.to_sign, "Write into this file what a person signs who agrees");
        add_signatures(command, options);
      });
  add_command(app, exit_code, "apply", "Put a folder's documents in force, after showing the plan", apply,
              [](CLI::App& command, Options& options) {
                add_folder(command, options);
                add_order(command, options);
                add_signatures(command, options);
                command.add_option("--commit", options.commit,
                                   "Commit that the folder is from; the one checked out there without");
              });
  add_command(app, exit_code, "rollback", "Put the documents of an earlier revision in force again", roll_back,
              [](CLI::App& command, Options& options) {
                command.add_option("revision", options.revision, "Number of the revision")->required();
                add_order(command, options);
              });
  add_command(app, exit_code, "diff", "What differs between two revisions, or between two folders", diff,
              [](CLI::App& command, Options& options) {
                command.add_option("before", options.revision, "Number of a revision, or a folder")->required();
                command.add_option("after", options.other, "Number of a revision, or a folder")->required();
              });
  auto saving = std::make_shared<Options>();
  auto* state = app.add_subcommand("state", "Save what plans are made against, for `myelin plan --against FILE`");
  state->add_option("--out", saving->out, "The file to write; standard output without");
  add_server(*state, *saving);
  state->callback([saving, &exit_code] { exit_code = save_state(*saving); });
  auto asking = std::make_shared<Asking>();
  auto* command = app.add_subcommand("revisions", "What was applied, by whom and why; newest first");
  add_server_options(*command, *asking, true);
  command->callback([asking, &exit_code] { exit_code = revisions(*asking); });
}

}  // namespace myelin::app::cli
