#include "app/cli/answers.h"

#include <fmt/core.h>

#include <cstdlib>
#include <initializer_list>
#include <map>

namespace myelin::app::cli {

using document::Node;

const std::vector<Node>& items_of(const Node& node, std::string_view key) {
  static const std::vector<Node> kNone;
  const auto* found = node.find(key);
  return found != nullptr ? found->items : kNone;
}

std::string text_of(const Node& node, std::string_view key) {
  const auto* found = node.find(key);
  return found == nullptr || found->is(document::NodeKind::Null) ? std::string() : found->text;
}

std::string list_of(const Node& node, std::string_view key) {
  std::string joined;
  for (const auto& item : items_of(node, key)) joined += (joined.empty() ? "" : ", ") + item.text;
  return joined;
}

std::string place_of(const Node& node) {
  const auto* place = node.find("declared_at");
  if (place == nullptr || text_of(*place, "file").empty()) return {};
  return fmt::format("{}:{}", text_of(*place, "file"), text_of(*place, "line"));
}

std::string counted(const std::string& number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == "1" ? "" : "s");
}

std::string short_time(std::string time) {
  if (time.size() < 19) return time;
  time.resize(19);
  time[10] = ' ';
  return time;
}

namespace {

using Row = std::vector<std::string>;

Row row_of(const Node& node, std::initializer_list<std::string_view> keys) {
  Row row;
  for (const auto key : keys) row.push_back(text_of(node, key));
  return row;
}

// "myelin/policy.yaml:12"; empty where no document says it.
std::string library_of(const Node& edge) {
  const auto library = text_of(edge, "library");
  return library.empty() ? "" : library + " " + text_of(edge, "library_version");
}

// The groups that a reader commits for; "none" when it never commits.
std::string groups_of(const Node& edge) {
  const auto groups = list_of(edge, "groups");
  return groups.empty() ? "none" : groups;
}

// One row for each reason: "may read  loyalty, stock-board  (owner)".
void add_access(const auto& add, const Node& answer, std::string_view key, std::string_view label) {
  std::map<std::string, std::string> names_by_reason;
  for (const auto& access : items_of(answer, key)) {
    const auto application = text_of(access, "application");
    auto& names = names_by_reason[text_of(access, "through")];
    names += (names.empty() ? "" : ", ") + (application.empty() ? text_of(access, "squad") : application);
  }
  for (const auto& [reason, names] : names_by_reason) add(label, names + "  (" + reason + ")");
}

void add_who_rows(Table& table, const Node& answer) {
  const auto add = [&](std::string_view label, const std::string& value) {
    if (!value.empty()) table.rows.push_back({std::string(label), value});
  };
  add(text_of(answer, "kind"), text_of(answer, "name"));
  add("title", text_of(answer, "title"));
  for (const auto* key : {"application", "squad", "domain", "product", "mode", "contract"})
    add(key, text_of(answer, key));
  add("owned through", text_of(answer, "owned_through"));
  add("type", text_of(answer, "squad_type"));
  add("on call", text_of(answer, "on_call"));
  add("squads", list_of(answer, "squads"));
  add("principals", list_of(answer, "principals"));
  add("topics", list_of(answer, "topics"));
  add_access(add, answer, "may_write", "may write");
  add_access(add, answer, "may_read", "may read");
  for (const auto& grant : items_of(answer, "grants")) add("grant", grant.text);
  for (const auto& edge : items_of(answer, "writes")) {
    add("writes",
        fmt::format("{} > {}  {}, {}, last {}", text_of(edge, "principal"), text_of(edge, "topic"),
                    counted(text_of(edge, "records"), "record"), byte_size(std::atoll(text_of(edge, "bytes").c_str())),
                    short_time(text_of(edge, "last_seen"))));
  }
  for (const auto& edge : items_of(answer, "reads")) {
    add("reads",
        fmt::format("{} > {}  group {}, {}, {}, last {}", text_of(edge, "topic"), text_of(edge, "principal"),
                    groups_of(edge), counted(text_of(edge, "offsets"), "offset"),
                    byte_size(std::atoll(text_of(edge, "bytes").c_str())), short_time(text_of(edge, "last_seen"))));
  }
  for (const auto& channel : items_of(answer, "channels")) {
    add("call", text_of(channel, "name") + (text_of(channel, "url").empty() ? "" : "  " + text_of(channel, "url")));
  }
  add("declared at", place_of(answer));
  add("mark", text_of(answer, "mark"));
}

}  // namespace

Table usage_table(const Node& answer) {
  Table table{{{"principal"},
               {"squad"},
               {"topic"},
               {"direction"},
               {"hour"},
               {"group"},
               {"partition", true},
               {"client"},
               {"measure"},
               {"amount", true},
               {"unit"},
               {"first_seen"},
               {"last_seen"},
               {"class"}},
              {}};
  for (const auto& line : items_of(answer, "lines")) {
    auto row = row_of(line, {"principal", "squad", "topic", "direction", "hour", "group", "partition", "client",
                             "measure", "amount", "unit", "first_seen", "last_seen", "class"});
    for (const auto time : {4, 11, 12}) row[time] = short_time(row[time]);
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table lineage_table(const Node& answer) {
  Table table{{{"from"}, {"to"}, {"how"}, {"offsets", true}, {"bytes", true}, {"last_seen"}, {"client"}, {"mark"}}, {}};
  for (const auto& edge : items_of(answer, "writes")) {
    table.rows.push_back({text_of(edge, "principal"), text_of(edge, "topic"), "writes", text_of(edge, "records"),
                          text_of(edge, "bytes"), short_time(text_of(edge, "last_seen")), library_of(edge),
                          text_of(edge, "mark")});
  }
  for (const auto& edge : items_of(answer, "reads")) {
    table.rows.push_back({text_of(edge, "topic"), text_of(edge, "principal"), "read by group " + groups_of(edge),
                          text_of(edge, "offsets"), text_of(edge, "bytes"), short_time(text_of(edge, "last_seen")),
                          library_of(edge), text_of(edge, "mark")});
  }
  for (const auto& triple : items_of(answer, "triples")) {
    table.rows.push_back({text_of(triple, "producer"), text_of(triple, "consumer"),
                          "through " + text_of(triple, "topic"), "", "", short_time(text_of(triple, "last_seen")), "",
                          text_of(triple, "certain") == "true" ? "observed" : "observed (merged)"});
  }
  for (const auto& grant : items_of(answer, "unused_grants")) {
    table.rows.push_back({text_of(grant, "topic"), text_of(grant, "consumer"),
                          "granted by " + text_of(grant, "grant") + ", never read", "", "", "", "", "declared"});
  }
  return table;
}

Table acls_table(const Node& answer) {
  Table table{
      {{"principal"}, {"resource"}, {"name"}, {"pattern"}, {"permission"}, {"operations"}, {"reason"}, {"declared_at"}},
      {}};
  for (const auto& line : items_of(answer, "items")) {
    auto row = row_of(line, {"principal", "resource_type", "name", "pattern_type", "permission"});
    row.push_back(list_of(line, "operations"));
    row.push_back(text_of(line, "reason"));
    row.push_back(place_of(line));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table who_table(const Node& answer) {
  Table table{{{"what"}, {"answer"}}, {}};
  for (const auto& one : items_of(answer, "answers")) {
    if (!table.rows.empty()) table.rows.push_back({"", ""});
    add_who_rows(table, one);
  }
  return table;
}

Table calls_table(const Node& answer, std::string_view failure) {
  Table table{{{"of"}, {"failure"}, {"call"}, {"at"}, {"then"}, {"accountability"}, {"why"}, {"declared at"}}, {}};
  for (const auto& one : items_of(answer, "answers")) {
    const auto thing = text_of(one, "kind") + " " + text_of(one, "name");
    for (const auto& call : items_of(one, "calls")) {
      const auto name = text_of(call, "failure");
      if (failure != "all" && failure != name) continue;
      std::string then;
      for (const auto& squad : items_of(call, "escalation")) then += (then.empty() ? "" : ", ") + squad.text;
      const auto& channels = items_of(call, "channels");
      auto at = text_of(call, "on_call");
      if (at.empty() && !channels.empty()) at = text_of(channels.front(), "name");
      const auto* place = call.find("declared_at");
      table.rows.push_back({thing, name, text_of(call, "squad"), std::move(at), std::move(then),
                            text_of(call, "accountability"), text_of(call, "why"),
                            place == nullptr ? "default catalogue"
                                             : fmt::format("{}:{}", text_of(*place, "file"), text_of(*place, "line"))});
    }
  }
  return table;
}

Table topics_table(const Node& answer) {
  Table table{{{"topic"},
               {"partitions", true},
               {"squad"},
               {"product"},
               {"durability"},
               {"records", true},
               {"bytes", true},
               {"writers", true},
               {"readers", true},
               {"last_written"},
               {"last_read"},
               {"mark"}},
              {}};
  for (const auto& topic : items_of(answer, "items")) {
    auto row = row_of(topic, {"name", "partitions", "squad", "product", "durability", "written_records",
                              "written_bytes", "writers", "readers", "last_written", "last_read", "mark"});
    row[9] = short_time(row[9]);
    row[10] = short_time(row[10]);
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table groups_table(const Node& answer) {
  Table table{{{"group"},
               {"state"},
               {"members", true},
               {"squad"},
               {"topic"},
               {"partition", true},
               {"committed", true},
               {"end", true},
               {"lag", true}},
              {}};
  for (const auto& group : items_of(answer, "items")) {
    const auto head = row_of(group, {"name", "state", "members", "squad"});
    const auto& partitions = items_of(group, "partitions");
    if (partitions.empty()) table.rows.push_back({head[0], head[1], head[2], head[3], "", "", "", "", ""});
    for (const auto& partition : partitions) {
      auto row = head;
      for (auto& cell : row_of(partition, {"topic", "partition", "committed", "end", "lag"}))
        row.push_back(std::move(cell));
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

Table throttled_table(const Node& answer) {
  Table table{{{"squad"}, {"quota"}, {"began"}, {"until"}, {"answers", true}, {"longest_ms", true}}, {}};
  for (const auto& one : items_of(answer, "items")) {
    table.rows.push_back(row_of(one, {"squad", "quota", "began", "until", "answers", "longest_ms"}));
  }
  return table;
}

Table quotas_table(const Node& answer) {
  Table table{{{"limits"}, {"quota"}, {"value", true}, {"unit"}, {"set_by"}, {"declared_at"}}, {}};
  for (const auto& quota : items_of(answer, "items")) {
    table.rows.push_back(row_of(quota, {"limits", "quota", "value", "unit", "set_by"}));
    table.rows.back().push_back(place_of(quota));
  }
  return table;
}

Table audit_table(const Node& answer) {
  Table table{
      {{"sequence", true}, {"at"}, {"principal"}, {"action"}, {"resource"}, {"outcome"}, {"detail"}, {"client"}}, {}};
  for (const auto& record : items_of(answer, "items")) {
    auto row = row_of(record, {"sequence", "at", "principal", "action", "resource", "outcome", "detail", "client"});
    row[1] = short_time(row[1]);
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace myelin::app::cli
