#pragma once
// `myelin request | renew | break-glass | access-times`: access, asked for, prolonged, taken in an emergency.
#include <CLI/App.hpp>

namespace myelin::app::cli {

// Adds the commands to `app`. Each sets `exit_code` when it ran.
void add_access_commands(CLI::App& app, int& exit_code);

}  // namespace myelin::app::cli
