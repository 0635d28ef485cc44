#pragma once
// `myelin new`: documents and sample clients for a new squad, product or consumer.
#include <CLI/App.hpp>

namespace myelin::app::cli {

// Adds the command with its commands to `app`. They set `exit_code` when they ran.
void add_new_commands(CLI::App& app, int& exit_code);

}  // namespace myelin::app::cli
