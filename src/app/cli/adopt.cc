#include "app/cli/adopt.h"

#include <fmt/core.h>

#include <cstdio>
#include <memory>
#include <string>

#include "app/cli/answers.h"
#include "app/cli/ask.h"
#include "app/cli/write_new.h"

namespace myelin::app::cli {
namespace {

struct Options : Asking {
  std::string out;  // empty: standard output
};

int adopt(const Options& options) {
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  const auto answer = server->get("/api/v1/adoption");
  if (!answer) return report(answer.error());
  for (const auto& name : items_of(*answer, "unknown_principals")) {
    fmt::print(stderr, "myelin: left out: principal {} is in no document by now; its grants do nothing\n", name.text);
  }
  const auto yaml = text_of(*answer, "yaml");
  if (yaml.empty()) {
    fmt::print(stderr, "nothing was granted over Kafka's API\n");
    return 0;
  }
  if (options.out.empty()) {
    std::fwrite(yaml.data(), 1, yaml.size(), stdout);
  } else if (const auto written = write_new("--out", options.out, yaml); !written) {
    return report(written.error());
  }
  fmt::print(stderr,
             "{} documents for {} grants. In the folder myelin/ of the model they take the place of what was made by "
             "API at the next start.\n",
             text_of(*answer, "documents"), text_of(*answer, "grants"));
  return 0;
}

}  // namespace

void add_adopt(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("adopt", "Write what was granted over Kafka's API as documents for the model");
  command->add_option("--out", options->out,
                      "A new file to write, such as MODEL/myelin/adopted.yaml; standard output without");
  add_server_options(*command, *options, false);
  command->callback([options, &exit_code] { exit_code = adopt(*options); });
}

}  // namespace myelin::app::cli
