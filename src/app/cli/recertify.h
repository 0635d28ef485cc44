#pragma once
// Grants that somebody of their owner has to look at again: recertify.
#include <CLI/App.hpp>

namespace myelin::app::cli {

void add_recertify(CLI::App& app, int& exit_code);

}  // namespace myelin::app::cli
