#pragma once
// `myelin principal enrol|add|rotate|confirm|remove|list`: who can sign in. Passwords come from a file or standard
// input.
#include <CLI/App.hpp>

namespace myelin::app::cli {

void add_principal_commands(CLI::App& app, int& exit_code);

}  // namespace myelin::app::cli
