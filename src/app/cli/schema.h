#pragma once
// `myelin schema [KIND]`: the JSON Schemas of our own kinds of documents, for editors and validators.
#include <CLI/App.hpp>

namespace myelin::app::cli {

void add_schema_command(CLI::App& app, int& exit_code);

}  // namespace myelin::app::cli
