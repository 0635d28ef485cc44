#pragma once
// `myelin import` and `myelin export`: moving in from Apache Kafka and out to it.
#include <CLI/CLI.hpp>

namespace myelin::app::cli {

void add_transfer_commands(CLI::App& app, int& exit_code);

}  // namespace myelin::app::cli
