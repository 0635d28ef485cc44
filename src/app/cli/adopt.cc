#include "app/cli/adopt.h"

#include <fmt/core.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "app/cli/answers.h"
#include "app/cli/ask.h"
#include "app/cli/new_folder.h"
#include "app/cli/write_new.h"
#include "document/json_writer.h"

namespace myelin::app::cli {
namespace {

using document::Node;

struct Options : Asking {
  std::string out;     // empty: standard output
  std::string folder;  // of all documents; empty: only of what was granted by API
};

std::string counted(const Node& answer, const char* key, std::string_view one, std::string_view many) {
  const auto count = text_of(answer, key);
  return fmt::format("{} {}", count, count == "1" ? one : many);
}

Table guesses_table(const Node& answer) {
  Table table{{{"file"}, {"line", true}, {"evidence"}}, {}};
  for (const auto& guess : items_of(answer, "guesses")) {
    table.rows.push_back({text_of(guess, "path"), text_of(guess, "line"), text_of(guess, "evidence")});
  }
  return table;
}

void tell(const Options& options, const Node& answer) {
  for (const auto& one : items_of(answer, "left_out")) fmt::print(stderr, "myelin: left out: {}\n", one.text);
  if (items_of(answer, "files").empty()) {
    fmt::print(stderr, "everything that was seen is declared: there is nothing to adopt\n");
    return;
  }
  fmt::print(stderr, "{} of {}, {}, {} and {} in {}\n", counted(answer, "topics", "topic", "topics"),
             counted(answer, "squads", "squad", "squads"),
             counted(answer, "applications", "application", "applications"),
             counted(answer, "grants", "grant", "grants"),
             counted(answer, "direct_grants", "direct grant", "direct grants"), options.folder);
  const auto guesses = items_of(answer, "guesses").size();
  if (guesses > 0) {
    fmt::print(stderr, "{} to check: grep -rn -A1 \"guess, correct me\" {}\n",
               guesses == 1 ? "1 guess" : fmt::format("{} guesses", guesses), options.folder);
  }
  fmt::print(stderr, "then: myelin plan {}\n", options.folder);
}

// The answer, with the names of the files in place of their texts.
Node without_texts(Node answer) {
  for (auto& member : answer.members) {
    if (member.key != "files") continue;
    for (auto& file : member.value.items) file = Node::string(text_of(file, "path"));
  }
  return answer;
}

int adopt_folder(const Options& options) {
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  const auto answer = server->get("/api/v1/adoption/folder");
  if (!answer) return report(answer.error());
  std::vector<document::Source> files;
  for (const auto& file : items_of(*answer, "files")) files.push_back({text_of(file, "path"), text_of(file, "text")});
  if (!files.empty()) {
    if (const auto written = write_new_folder(options.folder, files); !written) return report(written.error());
  }
  tell(options, *answer);
  if (options.output == Output::Json) {
    fmt::print("{}\n", document::json(without_texts(*answer)));
  } else if (options.output != Output::Table) {
    print(guesses_table(*answer), options.output, "");
  }
  return 0;
}

int adopt(const Options& options) {
  if (!options.folder.empty()) return adopt_folder(options);
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  const auto answer = server->get("/api/v1/adoption");
  if (!answer) return report(answer.error());
  for (const auto& name : items_of(*answer, "unknown_principals")) {
    fmt::print(stderr, "myelin: left out: principal {} is in no document by now; its grants do nothing\n", name.text);
  }
  if (options.output == Output::Json) {
    fmt::print("{}\n", document::json(*answer));
    return 0;
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
  auto* command =
      app.add_subcommand("adopt", "Write documents for what was seen, or granted by API, and none declares");
  auto* out = command->add_option(
      "--out", options->out,
      "A new file for what was granted over Kafka's API, such as MODEL/myelin/adopted.yaml; standard output without");
  command
      ->add_option("--folder", options->folder,
                   "A new folder for everything: squads and applications guessed from names, contracts of topics as "
                   "they are, products and grants for who reads them. Each guess is marked in its file")
      ->excludes(out);
  add_server_options(*command, *options, true);
  command->callback([options, &exit_code] { exit_code = adopt(*options); });
}

}  // namespace myelin::app::cli
