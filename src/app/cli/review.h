#pragma once
// `myelin review`: what is granted, owned or promised and not used, and the patch that settles it.
#include <CLI/App.hpp>

namespace myelin::app::cli {

// Adds the command to `app`. It sets `exit_code` when it ran.
void add_review(CLI::App& app, int& exit_code);

}  // namespace myelin::app::cli
