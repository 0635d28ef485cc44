#include "app/cli/usage_error.h"

#include <fmt/core.h>

#include <optional>
#include <string_view>
#include <vector>

#include "document/nearest.h"

namespace myelin::app::cli {
namespace {

// The command that the words led to before they went wrong.
const CLI::App& innermost(const CLI::App& app) {
  const auto* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().back();
  return *command;
}

std::string path_of(const CLI::App& command) {
  const auto* parent = command.get_parent();
  return parent == nullptr ? command.get_name() : path_of(*parent) + " " + command.get_name();
}

std::vector<std::string> options_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const auto* option : command.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> commands_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const auto* inner : command.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(inner->get_name());
  }
  return names;
}

std::optional<std::string> unknown_word(const CLI::App& app, const CLI::App& command) {
  const auto left_over = app.remaining(true);
  if (left_over.empty()) return std::nullopt;
  const auto word = left_over.front().substr(0, left_over.front().find('='));
  if (word.starts_with('-')) {
    return fmt::format("\"{}\" has no option {}{}", path_of(command), word,
                       document::suggestion(word, options_of(command)));
  }
  const auto commands = commands_of(command);
  if (commands.empty()) return fmt::format("\"{}\" takes no further word, but there is \"{}\"", path_of(command), word);
  return fmt::format("\"{}\" has no command \"{}\"{}", path_of(command), word, document::suggestion(word, commands));
}

}  // namespace

std::string usage_error(const CLI::App& app, const CLI::ParseError& problem) {
  const auto& command = innermost(app);
  return fmt::format("myelin: {}\nrun `{} --help` for what there is\n",
                     unknown_word(app, command).value_or(problem.what()), path_of(command));
}

}  // namespace myelin::app::cli
