// The command line: `myelin serve` and the commands that ask a running server.
#include <fmt/core.h>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "app/cli/access.h"
#include "app/cli/ask.h"
#include "app/cli/blueprint.h"
#include "app/cli/doctor.h"
#include "app/cli/inbox.h"
#include "app/cli/plan.h"
#include "app/cli/policy.h"
#include "app/cli/principal.h"
#include "app/cli/recertify.h"
#include "app/cli/review.h"
#include "app/cli/schema.h"
#include "app/cli/transfer.h"
#include "app/cli/usage_error.h"
#include "app/serve.h"
#include "app/settings.h"
#include "app/version.h"
#include "governance/access_table.h"

namespace myelin::app {
namespace {

constexpr int kUsageError = 2;

struct ServeArguments {
  ServeOptions options;
  std::string config;
  std::vector<std::string> sets;
  std::string authorise;
};

int run_serve(ServeArguments arguments) {
  auto& options = arguments.options;
  if (options.dev_mode) options.settings = dev_settings();
  Result<void> applied;
  if (!arguments.config.empty()) applied = read_settings_file(options.settings, arguments.config);
  for (const auto& text : arguments.sets) {
    if (!applied) break;
    const auto equals = text.find('=');
    applied = equals == std::string::npos
                  ? fail(Code::Invalid, "--set {}: expected name=value", text)
                  : set(options.settings, text.substr(0, equals), std::string_view(text).substr(equals + 1));
  }
  if (applied && !arguments.authorise.empty()) {
    applied = set(options.settings, "access.authorise", arguments.authorise);
  }
  if (applied) applied = check_together(options.settings);
  if (applied && options.dev_mode && options.demo_mode) {
    applied = fail(Code::Invalid, "--dev and --demo exclude each other");
  }
  if (!applied) {
    fmt::print(stderr, "myelin: {}\n", applied.error().message);
    return kUsageError;
  }
  return serve(options);
}

void add_serve(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<ServeArguments>();
  auto& options = arguments->options;
  auto* command = app.add_subcommand("serve", "Run Myelin until SIGTERM or Ctrl-C");
  command->add_option("--data", options.data_directory, "Data directory; created when it is missing")->required();
  command
      ->add_option(
          "--listen", options.listen,
          "plaintext://, sasl_plaintext://, ssl:// or sasl_ssl:// with HOST:PORT; port 0 takes a free one; repeatable")
      ->required();
  command->add_option("--http", options.http, "HTTP address; https://HOST:PORT beyond loopback")->capture_default_str();
  command->add_option("--metrics", options.metrics, "A further address that answers /metrics without sign-in");
  command->add_option("--model", options.model, "Folder with the operating model");
  command->add_option("--upstream", options.upstream,
                      "HOST:PORT of an existing Kafka cluster to stand in front of, instead of the embedded broker");
  command->add_option("--config", arguments->config, "YAML file with settings");
  command->add_option("--set", arguments->sets, "One setting, name=value; see `myelin settings`; repeatable");
  command->add_option("--authorise", arguments->authorise,
                      "enforce, or report: let through and count what would be denied");
  command->add_flag("--dev", options.dev_mode, "Loopback, anonymous, everything allowed, on a directory of its own");
  command->add_flag("--demo", options.demo_mode, "Mark a new directory as a demonstration; changes nothing else");
  command->callback([arguments, &exit_code] { exit_code = run_serve(*arguments); });
}

int run(int count, char** words) {
  CLI::App app("Myelin: event streaming with the operating model built in", "myelin");
  app.set_version_flag("--version", std::string("myelin ") + kVersion);
  app.require_subcommand(1);
  app.fallthrough(false);
  int exit_code = 0;
  add_serve(app, exit_code);
  cli::add_asking_commands(app, exit_code);
  cli::add_plan_commands(app, exit_code);
  cli::add_new_commands(app, exit_code);
  cli::add_access_commands(app, exit_code);
  cli::add_policy_command(app, exit_code);
  cli::add_inbox_commands(app, exit_code);
  cli::add_review(app, exit_code);
  cli::add_recertify(app, exit_code);
  cli::add_principal_commands(app, exit_code);
  cli::add_doctor_command(app, exit_code);
  cli::add_transfer_commands(app, exit_code);
  cli::add_schema_command(app, exit_code);
  app.add_subcommand("settings", "Print every setting of `myelin serve`: unit, range, default, meaning")->callback([] {
    fmt::print("{}", settings_reference());
  });
  app.add_subcommand("access-table", "Print which API needs which operation on what")->callback([] {
    fmt::print("{}", governance::access_reference());
  });
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& problem) {
    if (problem.get_exit_code() == 0) return app.exit(problem);  // --help, --version
    fmt::print(stderr, "{}", count == 1 ? app.help() : cli::usage_error(app, problem));
    return kUsageError;
  }
  return exit_code;
}

}  // namespace
}  // namespace myelin::app

int main(int count, char** words) {
  try {
    return myelin::app::run(count, words);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "myelin: %s\n", problem.what());
    return 1;
  }
}
