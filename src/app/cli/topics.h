#pragma once
// `myelin topics verify` and `myelin topics repair`: damage on disk, found, shown and passed over.
#include <CLI/App.hpp>

namespace myelin::app::cli {

// Adds both below the command `topics`; each sets `exit_code` when it ran.
void add_topic_repair_commands(CLI::App& topics, int& exit_code);

}  // namespace myelin::app::cli
