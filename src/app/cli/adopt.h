#pragma once
// `myelin adopt`: what was granted over Kafka's API, as documents for the model's folder.
#include <CLI/App.hpp>

namespace myelin::app::cli {

// Adds the command to `app`. It sets `exit_code` when it ran.
void add_adopt(CLI::App& app, int& exit_code);

}  // namespace myelin::app::cli
