#pragma once
// The commands that ask a running server: who, usage, lineage, acls, topics, groups, quotas, audit. Each turns one
// answer into one table.
#include <CLI/App.hpp>

#include "app/cli/server.h"
#include "app/cli/table.h"

namespace myelin::app::cli {

// What every asking command shares.
struct Asking {
  ServerOptions server;
  Output output = Output::Table;
};

// Adds the commands; each sets `exit_code` when it ran.
void add_asking_commands(CLI::App& app, int& exit_code);
void add_server_options(CLI::App& command, Asking& asking, bool with_output);

// Prints an error with its exit code: 1 error, 2 usage, 4 refused, 5 cannot reach the server.
[[nodiscard]] int report(const Error& error);
// On standard output; an empty table is said on the error stream.
void print(const Table& table, Output output, std::string_view when_empty);

}  // namespace myelin::app::cli
