#pragma once
// `myelin policy`: the rules of the Policy, and how often requests did not obey them.
#include <CLI/App.hpp>

namespace myelin::app::cli {

void add_policy_command(CLI::App& app, int& exit_code);

}  // namespace myelin::app::cli
