#pragma once
// `myelin doctor`: looks at this machine, the files it is told of and the running server, and says what to do.
#include <CLI/App.hpp>

namespace myelin::app::cli {

void add_doctor_command(CLI::App& app, int& exit_code);

}  // namespace myelin::app::cli
