#include "app/cli/proposal_text.h"

#include <fmt/core.h>

#include "app/cli/answers.h"
#include "app/cli/model_folder.h"
#include "document/json_writer.h"

namespace myelin::app::cli {
namespace {

using document::Node;

// "squad orders", "the platform group"
std::string who(const Node& node) {
  const auto squad = text_of(node, "squad");
  return squad.empty() ? "the platform group" : "squad " + squad;
}

}  // namespace

std::string waits_for(const Node& proposal) {
  std::string text;
  for (const auto& needed : items_of(proposal, "needed")) {
    const auto name = who(needed);
    bool has_agreed = false;
    for (const auto& say : items_of(proposal, "agreed"))
      has_agreed |= who(say) == name || text_of(say, "squad").empty();
    if (!has_agreed && !text.contains(name)) text += (text.empty() ? "" : ", ") + name;
  }
  return text.empty() ? "nobody" : text;
}

Node body_of(std::vector<std::pair<std::string, std::string>> texts) {
  std::vector<document::Member> members;
  for (auto& [name, text] : texts) {
    if (!text.empty()) members.push_back({std::move(name), {}, Node::string(text)});
  }
  return Node::map(std::move(members));
}

namespace {

void print_proposal(const Node& proposal) {
  const auto id = text_of(proposal, "id");
  const auto state = text_of(proposal, "state");
  fmt::print("proposal {} by {}, {}\n", id, text_of(proposal, "author"), state);
  if (const auto message = text_of(proposal, "message"); !message.empty()) fmt::print("  {}\n", message);
  for (const auto& say : items_of(proposal, "agreed")) {
    fmt::print("  {} agreed: {}, {}\n", who(say), text_of(say, "principal"), text_of(say, "time"));
  }
  if (state == "rejected") fmt::print("  why: {}\n", text_of(proposal, "reason"));
  if (state == "applied") fmt::print("revision {} is in force\n", text_of(proposal, "revision"));
  if (text_of(proposal, "unacknowledged") == "true") {
    fmt::print(
        "  taken by breaking the glass; waits for {} to look at it: myelin approve {} leaves it, myelin reject {} ends "
        "it\n",
        waits_for(proposal), id, id);
  }
  if (const auto* claim = proposal.find("claim"); claim != nullptr && state == "open") {
    for (const auto& told : items_of(*claim, "told"))
      fmt::print("  told: squad {}, which {}; it may reject it\n", text_of(told, "squad"), text_of(told, "why"));
  }
  for (const auto& warning : items_of(proposal, "warnings")) fmt::print(stderr, "myelin: warning: {}\n", warning.text);
  if (state == "open") fmt::print("  waits for {}: myelin approve {}\n", waits_for(proposal), id);
  if (const auto* plan = proposal.find("plan"); plan != nullptr && !text_of(*plan, "text").empty()) {
    fmt::print("\n{}", text_of(*plan, "text"));
  }
  if (const auto* applied = proposal.find("applied"); applied != nullptr) {
    for (const auto& left : items_of(*applied, "left")) fmt::print(stderr, "myelin: not done: {}\n", left.text);
  }
}

}  // namespace

int show_proposal(const Asking& options, const Result<Node>& answer) {
  if (!answer) return report_plan(answer.error());
  if (options.output == Output::Json) {
    fmt::print("{}\n", document::json(*answer));
  } else {
    print_proposal(*answer);
  }
  return 0;
}

int send_proposal(const Asking& options, const std::string& target, const Node& body) {
  const auto server = Server::connect(options.server);
  if (!server) return report(server.error());
  const auto text = body_text(body);
  if (!text) return report_plan(text.error());
  return show_proposal(options, server->send("POST", target, *text));
}

}  // namespace myelin::app::cli
