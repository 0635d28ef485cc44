#pragma once
// A command line that can't be followed: what is wrong with it, the nearest word that would be right, and where to
// look.
#include <CLI/App.hpp>
#include <string>

namespace myelin::app::cli {

// `app` has just failed to parse with `problem`. Lines for the error stream; a word that nobody knows is named before
// anything that is missing, since it is most likely the missing one mistyped.
[[nodiscard]] std::string usage_error(const CLI::App& app, const CLI::ParseError& problem);

}  // namespace myelin::app::cli
