#pragma once
// `myelin import teams`: teams and people of a directory's export, into a model's folder.
#include <CLI/CLI.hpp>

namespace myelin::app::cli {

void add_import_teams(CLI::App& import, int& exit_code);

}  // namespace myelin::app::cli
