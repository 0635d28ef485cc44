#include "app/cli/recertify.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <string>

#include "app/cli/answers.h"
#include "app/cli/ask.h"
#include "app/cli/model_folder.h"
#include "app/cli/proposal_text.h"
#include "app/cli/write_new.h"
#include "document/json_writer.h"

namespace myelin::app::cli {
namespace {

using document::Node;

struct Options : Asking {
  std::string grant;
  std::string reason;
  std::string patch;  // a file
  bool due = false;
  bool all = false;
};

// "squad billing, invoicer", "bert"
std::string reader_of(const Node& item) {
  if (auto user = text_of(item, "user"); !user.empty()) return user;
  const auto application = text_of(item, "application");
  return "squad " + text_of(item, "reader") + (application.empty() ? "" : ", " + application);
}

Table grants_table(const Node& answer) {
  Table table{{{"grant"},
               {"product"},
               {"owner"},
               {"reader"},
               {"due"},
               {"evidence"},
               {"confirmed"},
               {"by"},
               {"reason"},
               {"confirm with"}},
              {}};
  for (const auto& item : items_of(answer, "items")) {
    const auto* confirmed = item.find("confirmed");
    const bool was_confirmed = confirmed != nullptr && !confirmed->is(document::NodeKind::Null);
    const auto grant = text_of(item, "grant");
    table.rows.push_back({grant, text_of(item, "product"), text_of(item, "owner"), reader_of(item),
                          short_time(text_of(item, "due")), text_of(item, "evidence"),
                          was_confirmed ? short_time(text_of(*confirmed, "time")) : "",
                          was_confirmed ? text_of(*confirmed, "principal") : "",
                          was_confirmed ? text_of(*confirmed, "reason") : "", "myelin recertify " + grant});
  }
  return table;
}

// Exit code 3 when something is due, as of a review that finds something.
int list(const Options& options) {
  constexpr int kDue = 3;
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  const auto answer = server->get(options.all ? "/api/v1/recertifications?all=true" : "/api/v1/recertifications");
  if (!answer) return report(answer.error());
  const auto& items = items_of(*answer, "items");
  if (options.output == Output::Json) {
    fmt::print("{}\n", document::json(*answer));
  } else {
    print(grants_table(*answer), options.output,
          text_of(*answer, "recertify_days").empty() ? "nothing is due: the Policy declares no recertify_days"
                                                     : "nothing is due");
  }
  const bool is_due = std::ranges::any_of(items, [](const Node& item) { return text_of(item, "overdue") == "true"; });
  if (is_due && options.output == Output::Table) {
    fmt::print(stderr,
               "one that is not to stay: myelin recertify GRANT --write-patch FILE, then `git apply FILE`, plan and "
               "apply\n");
  }
  return is_due ? kDue : 0;
}

int write_patch(const Options& options) {
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  const auto answer = server->get("/api/v1/recertifications?all=true");
  if (!answer) return report(answer.error());
  const auto& items = items_of(*answer, "items");
  const auto found = std::ranges::find(items, options.grant, [](const Node& item) { return text_of(item, "grant"); });
  if (found == items.end()) {
    return report_plan({Code::NotFound, fmt::format("no grant {} is live that is yours to take away", options.grant)});
  }
  const auto patch = text_of(*found, "patch");
  if (patch.empty()) {
    return report({Code::Unsupported, fmt::format("{}: no edit of one line does it; set its status to rejected by hand",
                                                  text_of(*found, "place"))});
  }
  if (const auto written = write_new("--write-patch", options.patch, patch); !written) return report(written.error());
  fmt::print(stderr, "{}: in the model's folder, `git apply {}`, look at it, then plan and apply\n", options.patch,
             options.patch);
  return 0;
}

int confirm(const Options& options) {
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  const auto answer = server->send("POST", fmt::format("/api/v1/grants/{}/recertify", encoded(options.grant)),
                                   document::json(body_of({{"reason", options.reason}})));
  if (!answer) return report_plan(answer.error());
  if (options.output == Output::Json) {
    fmt::print("{}\n", document::json(*answer));
    return 0;
  }
  const auto due = short_time(text_of(*answer, "due"));
  fmt::print("grant {} stays ({}); {}\n", options.grant, text_of(*answer, "evidence"),
             due.empty() ? "the Policy declares no recertify_days" : "due again on " + due);
  return 0;
}

int recertify(const Options& options) {
  if (options.grant.empty() != (options.due || options.all) || (options.due && options.all)) {
    return report_plan({Code::Invalid, "name one grant to confirm, or list with --due or --all"});
  }
  if (options.grant.empty()) return list(options);
  return options.patch.empty() ? confirm(options) : write_patch(options);
}

}  // namespace

void add_recertify(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand(
      "recertify", "Confirm that a grant is still needed, as the Policy wants it now and then; or list those");
  command->add_option("grant", options->grant, "The grant's id; whoever would approve it confirms it");
  command->add_option("--reason", options->reason, "Why it stays; kept with who confirmed it");
  command->add_flag("--due", options->due, "List what is due, with what was read by it");
  command->add_flag("--all", options->all, "List every live grant, with who confirmed it last");
  command->add_option("--write-patch", options->patch,
                      "Don't confirm it: write the patch of the documents that takes it away into this file");
  add_server_options(*command, *options, true);
  command->callback([options, &exit_code] { exit_code = recertify(*options); });
}

}  // namespace myelin::app::cli
