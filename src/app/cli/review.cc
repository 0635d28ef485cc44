#include "app/cli/review.h"

#include <fmt/core.h>

#include <memory>
#include <string>

#include "app/cli/answers.h"
#include "app/cli/ask.h"
#include "app/cli/write_new.h"
#include "document/json_writer.h"

namespace myelin::app::cli {
namespace {

using document::Node;

struct Options : Asking {
  std::string kind;
  std::string squad;
  std::string patch;  // a file
  int days = 35;
};

Table findings_table(const Node& answer) {
  Table table{{{"squad"}, {"finding"}, {"what"}, {"why"}, {"settled by"}, {"declared at"}}, {}};
  for (const auto& one : items_of(answer, "items")) {
    const auto squad = text_of(one, "squad");
    const auto advice = text_of(one, "advice");
    const bool has_patch = !text_of(one, "patch").empty();
    table.rows.push_back({squad.empty() ? "platform group" : squad, text_of(one, "kind"), text_of(one, "what"),
                          text_of(one, "why"),
                          has_patch        ? "the patch"
                          : advice.empty() ? "an edit by hand"
                                           : advice,
                          text_of(one, "place")});
  }
  return table;
}

// Exit code 3 when there are findings, as of a plan that has changes.
int review(const Options& options) {
  constexpr int kFindings = 3;
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  const auto answer = server->get(fmt::format("/api/v1/review?days={}&kind={}&squad={}", options.days,
                                              encoded(options.kind), encoded(options.squad)));
  if (!answer) return report(answer.error());
  if (options.output == Output::Json) {
    fmt::print("{}\n", document::json(*answer));
  } else {
    print(findings_table(*answer), options.output, "nothing to settle");
  }
  if (items_of(*answer, "items").empty()) return 0;
  if (const auto patch = text_of(*answer, "patch"); !options.patch.empty() && !patch.empty()) {
    if (const auto written = write_new("--write-patch", options.patch, patch); !written) return report(written.error());
    fmt::print(stderr, "{}: in the model's folder, `git apply {}`, look at it, then plan and apply\n", options.patch,
               options.patch);
  }
  return kFindings;
}

}  // namespace

void add_review(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(
      "review", "Grants nobody uses or that end, topics nobody reads, principals nobody knows; with the patch");
  command->add_option("--kind", options->kind, "Only these findings")
      ->check(CLI::IsMember(
          {"unused-grant", "wide-grant", "ending-grant", "ended-grant", "orphan-topic", "unknown-principal"}));
  command->add_option("--squad", options->squad, "Only what this squad settles");
  command->add_option("--days", options->days, "What was used within so many days counts as used")
      ->check(CLI::Range(1, 400))
      ->capture_default_str();
  command->add_option("--write-patch", options->patch,
                      "Write what settles it as a patch of the documents into this file");
  add_server_options(*command, *options, true);
  command->callback([options, &exit_code] { exit_code = review(*options); });
}

}  // namespace myelin::app::cli
