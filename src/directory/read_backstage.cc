// Groups and Users of a Backstage catalogue. Its names are used as they are.
#include <fmt/core.h>

#include <algorithm>

#include "directory/entity.h"
#include "directory/gather.h"

namespace myelin::directory {
namespace {

using document::Node;

constexpr document::Limits kLimits{
    .bytes_max = kExportBytesMax, .depth_max = 64, .nodes_max = 4'000'000, .alias_nodes_max = 10'000};

class BackstageReader {
 public:
  BackstageReader(Entries& entries, document::Problems& problems) : entries_(entries), problems_(problems) {}

  void read(const document::Document& document) {
    const auto kind = text_at(*document.root, {"kind"});
    if (kind != "Group" && kind != "User") return;
    const auto name = text_at(*document.root, {"metadata", "name"});
    if (name.empty()) {
      problems_.push_back({{document.source->file, document.root->position}, "metadata.name is missing"});
    } else if (kind == "User") {
      person(document, name);
    } else {
      team(document, name);
    }
  }

 private:
  static void add(const document::Document& document, std::string_view key, const std::string& kind,
                  std::vector<Reference>& to) {
    const auto* found = node_at(*document.root, {"spec", key});
    if (found == nullptr) return;
    const auto reference = [&](const Node& node) {
      if (!node.text.empty()) to.push_back({kind + ":" + bare_name(node.text), {document.source->file, node.position}});
    };
    if (found->is(document::NodeKind::String)) reference(*found);
    std::ranges::for_each(found->items, reference);
  }

  void person(const document::Document& document, const std::string& name) {
    PersonEntry entry;
    entry.person = {text_at(*document.root, {"metadata", "uid"}), name,
                    text_at(*document.root, {"spec", "profile", "displayName"}), true, place_of_name(document)};
    entry.keys = {"user:" + name};
    add(document, "memberOf", "group", entry.teams);
    entries_.people.push_back(std::move(entry));
  }

  void team(const document::Document& document, const std::string& name) {
    TeamEntry entry;
    entry.team.id = text_at(*document.root, {"metadata", "uid"});
    entry.team.name = name;
    entry.team.title = text_at(*document.root, {"metadata", "title"});
    if (entry.team.title.empty()) entry.team.title = text_at(*document.root, {"spec", "profile", "displayName"});
    const auto type = text_at(*document.root, {"spec", "type"});
    entry.has_type = !type.empty();
    if (entry.has_type) entry.team.type = type;
    entry.team.place = place_of_name(document);
    entry.keys = {"group:" + name};
    add(document, "members", "user", entry.members);
    add(document, "children", "group", entry.members);
    add(document, "parent", "group", entry.above);
    entries_.teams.push_back(std::move(entry));
  }

  Entries& entries_;
  document::Problems& problems_;
};

}  // namespace

void read_backstage(const document::Source& file, Entries& entries, document::Problems& problems) {
  auto parsed = document::parse(file, kLimits);
  std::ranges::move(parsed.problems, std::back_inserter(problems));
  BackstageReader reader(entries, problems);
  for (const auto& document : parsed.documents) reader.read(document);
}

}  // namespace myelin::directory
