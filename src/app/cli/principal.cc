#include "app/cli/principal.h"

#include <fmt/core.h>

#include <memory>

#include "app/cli/ask.h"
#include "document/json_writer.h"

namespace myelin::app::cli {
namespace {

using document::Node;

struct Options : Asking {
  std::string name;
  std::string password_file = "-";
  std::string token_file;
  bool confirm = false;
};

Node member(std::initializer_list<std::pair<std::string, std::string>> fields) {
  std::vector<document::Member> members;
  for (const auto& [key, value] : fields) members.push_back({key, {}, Node::string(value)});
  return Node::map(std::move(members));
}

int send(const Options& options, std::string_view method, const std::string& target, const std::string& body,
         const std::string& done) {
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  const auto answer = server->send(method, target, body);
  if (!answer) return report(answer.error());
  fmt::print("{}\n", done);
  return 0;
}

int enrol(const Options& options) {
  const auto token = read_secret(options.token_file);
  if (!token) return report(token.error());
  const auto password = read_secret(options.password_file);
  if (!password) return report(password.error());
  return send(options, "POST", "/api/v1/principals/enrol",
              document::json(member({{"token", *token}, {"name", options.name}, {"password", *password}})),
              fmt::format("{} is enrolled and has the role platform", options.name));
}

constexpr std::string_view kPrincipals = "/api/v1/principals?limit=5000";

// A principal that no document of the model names can sign in and do nothing else: mostly a slip of the keyboard.
void note_when_undeclared(const Options& options) {
  const auto server = Server::connect(options.server);
  if (!server) return;
  const auto answer = server->get(kPrincipals);
  const auto* items = answer ? answer->find("items") : nullptr;
  if (items == nullptr) return;
  for (const auto& item : items->items) {
    const auto* name = item.find("name");
    const auto* mark = item.find("mark");
    if (name == nullptr || mark == nullptr || name->text != options.name || mark->text != "observed") continue;
    fmt::print(stderr,
               "note: no document of the model names {}; it may do nothing until a Component lists it under "
               "myelin.dev/principals, or a User bears its name\n",
               options.name);
  }
}

int add(const Options& options) {
  const auto password = read_secret(options.password_file);
  if (!password) return report(password.error());
  const auto sent = send(options, "POST", "/api/v1/principals",
                         document::json(member({{"name", options.name}, {"password", *password}})),
                         fmt::format("{} can sign in", options.name));
  if (sent == 0) note_when_undeclared(options);
  return sent;
}

int rotate(const Options& options) {
  const auto target = "/api/v1/principals/" + encoded(options.name) + "/rotate";
  if (options.confirm) {
    return send(options, "POST", target, R"({"confirm":true})", "only the new password is valid now");
  }
  const auto password = read_secret(options.password_file);
  if (!password) return report(password.error());
  return send(options, "POST", target, document::json(member({{"password", *password}})),
              fmt::format("both passwords of {} are valid; end the old one with `myelin principal rotate {} --confirm`",
                          options.name, options.name));
}

int list(const Options& options) {
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  const auto answer = server->get(kPrincipals);
  if (!answer) return report(answer.error());
  Table table{{{"principal"}, {"application"}, {"squad"}, {"created"}, {"rotating"}, {"mark"}}, {}};
  const auto* items = answer->find("items");
  if (items == nullptr) return report({Code::Corrupt, "the server's answer holds no list of principals"});
  for (const auto& item : items->items) {
    std::vector<std::string> row;
    for (const auto& column : {"name", "application", "squad", "created", "rotating", "mark"}) {
      const auto* found = item.find(column);
      row.push_back(found != nullptr ? found->text : "");
    }
    table.rows.push_back(std::move(row));
  }
  print(table, options.output, "nobody can sign in yet; see `myelin principal enrol --help`");
  return 0;
}

void add_command(CLI::App& parent, int& exit_code, const std::string& name, const std::string& about,
                 const std::function<void(CLI::App&, Options&)>& extend, int (*run)(const Options&)) {
  auto options = std::make_shared<Options>();
  auto* command = parent.add_subcommand(name, about);
  extend(*command, *options);
  add_server_options(*command, *options, name == "list");
  command->callback([options, run, &exit_code] { exit_code = run(*options); });
}

void add_name(CLI::App& command, Options& options) {
  command.add_option("name", options.name, "The principal")->required();
}

void add_password(CLI::App& command, Options& options) {
  add_name(command, options);
  command
      .add_option("--password-file", options.password_file,
                  "File whose first line is the password; - asks on standard input")
      ->capture_default_str();
}

int remove(const Options& options) {
  return send(options, "DELETE", "/api/v1/principals/" + encoded(options.name), "",
              fmt::format("{} can no longer sign in; its connections are closed", options.name));
}

}  // namespace

void add_principal_commands(CLI::App& app, int& exit_code) {
  auto* parent = app.add_subcommand("principal", "Who can sign in: enrol, add, rotate, remove, list");
  parent->require_subcommand(1);
  add_command(
      *parent, exit_code, "enrol", "The first principal, with the one-time token of the first start",
      [](CLI::App& command, Options& options) {
        add_password(command, options);
        command.add_option("--token-file", options.token_file, "DIR/state/enrol of the server's data directory")
            ->required();
      },
      enrol);
  add_command(*parent, exit_code, "add", "Give a principal its password", add_password, add);
  add_command(
      *parent, exit_code, "rotate", "Give a principal a second password, then --confirm it",
      [](CLI::App& command, Options& options) {
        add_password(command, options);
        command.add_flag("--confirm", options.confirm, "End the old password");
      },
      rotate);
  add_command(*parent, exit_code, "remove", "Take a principal's password away and close its connections", add_name,
              remove);
  add_command(*parent, exit_code, "list", "Principals that can sign in", [](CLI::App&, Options&) {}, list);
}

}  // namespace myelin::app::cli
