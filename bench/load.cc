// A cheap Kafka client that keeps a broker busy with prebuilt requests, for ./dev bench. See bench/README.md.
#include <string_view>

#include "bench/commands.h"
#include "bench/measure.h"

int main(int count, char** arguments) {
  using namespace myelin::bench;
  if (count < 2) die("usage: bench_load create|delete|produce|fetch|latency|start --address HOST:PORT --topic T ...");
  const std::string_view command = arguments[1];
  const Options options(count, arguments, 2);
  if (command == "create")
    create_topic(options);
  else if (command == "delete")
    delete_topic(options);
  else if (command == "produce")
    produce(options);
  else if (command == "fetch")
    fetch(options);
  else if (command == "latency")
    measure_latency(options);
  else if (command == "start")
    measure_start(options, arguments + options.rest());
  else
    die("unknown command \"{}\"", command);
}
