#include "app/cli/organisation.h"

#include <fmt/core.h>

#include "app/cli/answers.h"

namespace myelin::app::cli {
namespace {

using document::Node;

bool is_null(const Node& node, std::string_view key) {
  const auto* found = node.find(key);
  return found == nullptr || found->is(document::NodeKind::Null);
}

// "120 records, 80 offsets served"; empty where neither is known.
std::string moved(const Node& edge) {
  std::string text;
  if (!is_null(edge, "written_records")) text += counted(text_of(edge, "written_records"), "record");
  if (is_null(edge, "served_offsets")) return text;
  return text + (text.empty() ? "" : ", ") + counted(text_of(edge, "served_offsets"), "offset") + " served";
}

void add_edge(Table& table, const Node& edge) {
  const auto* interaction = edge.find("interaction");
  const bool is_declared = interaction != nullptr && !interaction->is(document::NodeKind::Null);
  table.rows.push_back(
      {is_declared ? "declared edge" : "undeclared edge", text_of(edge, "producer"), text_of(edge, "topic"),
       text_of(edge, "consumer"), (is_declared ? text_of(*interaction, "mode") + ": " : "") + moved(edge), "",
       short_time(text_of(edge, "last_seen")), text_of(edge, "mark"), is_declared ? place_of(*interaction) : ""});
}

void add_interaction(Table& table, const char* what, const Node& one, const std::string& state) {
  const auto until = text_of(one, "until");
  table.rows.push_back({what, text_of(one, "squad"), "", text_of(one, "with"),
                        fmt::format("{}{}{}", text_of(one, "mode"), until.empty() ? "" : " until " + short_time(until),
                                    state.empty() ? "" : ": " + state),
                        "", short_time(text_of(one, "last_seen")), text_of(one, "mark"), place_of(one)});
}

void add_load(Table& table, const Node& load) {
  const auto squad = text_of(load, "squad");
  const auto add = [&](const std::string& what, const std::string& value, const std::string& per_member,
                       const std::string& mark) {
    if (!value.empty()) table.rows.push_back({what, squad, "", "", value, per_member, "", mark, ""});
  };
  add("type", text_of(load, "type"), "", text_of(load, "mark"));
  add("headcount", text_of(load, "headcount"), "", text_of(load, "mark"));
  for (const auto& figure : items_of(load, "figures")) {
    add(text_of(figure, "name"), text_of(figure, "value"), text_of(figure, "per_member"), text_of(figure, "mark"));
  }
  add("called for", list_of(load, "failures"), "", text_of(load, "mark"));
}

void add_drift(Table& table, const Node& drift) {
  const auto product = text_of(drift, "product");
  const auto mode = text_of(drift, "mode");
  const auto heading = product + (mode.empty() ? "" : ", " + mode) + ": ";
  table.rows.push_back({"mode drift", text_of(drift, "squad"), "", "", heading + text_of(drift, "text"), "", "",
                        text_of(drift, "mark"), ""});
  for (const auto& action : items_of(drift, "others")) {
    table.rows.push_back({"by another", text_of(action, "squad"), "", text_of(action, "due"),
                          product + ": " + text_of(action, "text"), "", short_time(text_of(action, "last_seen")),
                          text_of(drift, "mark"), ""});
  }
}

}  // namespace

Table organisation_table(const Node& answer) {
  Table table{{{"what"},
               {"squad"},
               {"topic"},
               {"with"},
               {"value"},
               {"per_member", true},
               {"last_seen"},
               {"mark"},
               {"declared_at"}},
              {}};
  for (const auto& edge : items_of(answer, "edges")) add_edge(table, edge);
  for (const auto& one : items_of(answer, "overdue")) add_interaction(table, "overdue", one, text_of(one, "traffic"));
  for (const auto& one : items_of(answer, "unused")) {
    add_interaction(table, "unused", one, text_of(one, "ended") == "true" ? "ended" : "nothing moves");
  }
  if (const auto* congruence = answer.find("congruence")) {
    table.rows.push_back({"congruence", "", "", "", text_of(*congruence, "text"), "", "", "both", ""});
  }
  for (const auto& load : items_of(answer, "load")) add_load(table, load);
  if (const auto unattributed = text_of(answer, "unattributed_principals"); unattributed != "0") {
    table.rows.push_back(
        {"in no edge", "", "", "", counted(unattributed, "principal") + " of no squad", "", "", "observed", ""});
  }
  for (const auto& drift : items_of(answer, "mode_drift")) add_drift(table, drift);
  if (const auto left_out = text_of(answer, "mode_drift_left_out"); left_out != "0") {
    table.rows.push_back(
        {"mode drift", "", "", "", counted(left_out, "action") + " not told apart", "", "", "observed", ""});
  }
  return table;
}

}  // namespace myelin::app::cli
