// A cheap Kafka client that keeps a broker busy with prebuilt requests, for ./dev bench. See bench/README.md.
#include <csignal>
#include <map>
#include <string>

#include "bench/commands.h"
#include "bench/measure.h"

int main(int count, char** arguments) {
  using namespace myelin::bench;
  const std::map<std::string, void (*)(const Options&)> commands{{"create", create_topic},
                                                                 {"delete", delete_topic},
                                                                 {"produce", produce},
                                                                 {"fetch", fetch},
                                                                 {"login", log_in},
                                                                 {"latency", measure_latency},
                                                                 {"paced", measure_paced},
                                                                 {"repeat", repeat_requests},
                                                                 {"connections", keep_connections},
                                                                 {"transactions", run_transactions}};
  const std::string name = count < 2 ? "" : arguments[1];
  const auto command = commands.find(name);
  if (command == commands.end() && name != "start") {
    std::string names = "start";
    for (const auto& [known, run] : commands) names += "|" + known;
    die("usage: bench_load {} --address HOST:PORT --topic T ...; \"{}\" is none of them", names, name);
  }
  std::signal(SIGPIPE, SIG_IGN);  // a broker that goes away is an error that is said
  const Options options(count, arguments, 2);
  if (name == "start") {
    measure_start(options, arguments + options.rest());
  } else {
    sleep_exactly();
    command->second(options);
  }
}
