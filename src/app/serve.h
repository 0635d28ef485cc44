#pragma once
// `myelin serve`: wires everything once, starts it in order, waits for a signal, stops it in order.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/settings.h"
#include "base/result.h"

namespace myelin::app {

struct ServeOptions {
  std::string data_directory;
  std::vector<std::string> listen;
  std::string http = "127.0.0.1:8080";
  std::string metrics;   // an address of its own for /metrics without sign-in; empty: none
  std::string model;     // folder; empty: nothing is declared
  std::string upstream;  // HOST:PORT of an existing cluster; empty: the embedded broker
  bool dev_mode = false;
  bool demo_mode = false;
  Settings settings;
};

// Runs until SIGTERM or SIGINT; a second one stops without waiting for answers that are owed. Returns the exit code; an
// error that prevents the start is printed, with what to do next.
[[nodiscard]] int serve(const ServeOptions& options);

}  // namespace myelin::app
