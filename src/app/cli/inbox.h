#pragma once
// `myelin propose | inbox | proposal | approve | reject | withdraw`: changes that need more than their
// author's say.
#include <CLI/App.hpp>

namespace myelin::app::cli {

void add_inbox_commands(CLI::App& app, int& exit_code);

}  // namespace myelin::app::cli
