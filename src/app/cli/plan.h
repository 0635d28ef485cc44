#pragma once
// `myelin plan | apply | diff | revisions | rollback`: changing the operating model of a running server. Exit codes of
// a plan: 0 nothing to change, 3 changes, 2 the documents are no model, 4 an apply would be refused.
#include <CLI/App.hpp>

namespace myelin::app::cli {

void add_plan_commands(CLI::App& app, int& exit_code);

}  // namespace myelin::app::cli
