// SCIM 2.0 (RFC 7643, RFC 7644): ListResponses, or lists of resources, with User and Group.
#include <fmt/core.h>

#include <algorithm>

#include "directory/gather.h"
#include "document/json_reader.h"

namespace myelin::directory {
namespace {

using document::Node;
using document::NodeKind;

constexpr document::Limits kLimits{.bytes_max = kExportBytesMax, .depth_max = 32, .nodes_max = 4'000'000};

class ScimReader {
 public:
  ScimReader(const std::string& file, Entries& entries, document::Problems& problems)
      : file_(file), entries_(entries), problems_(problems) {}

  void read(const Node& root) {
    if (root.is(NodeKind::List)) {
      for (const auto& resource : root.items) this->resource(resource);
      return;
    }
    const auto* resources = root.find("Resources");
    if (resources == nullptr && root.find("totalResults") == nullptr) return resource(root);
    if (resources == nullptr) return;
    if (!resources->is(NodeKind::List)) return note(*resources, "Resources is no list");
    for (const auto& one : resources->items) resource(one);
    count(root, *resources);
  }

 private:
  document::Place place_of(const Node& node) const { return {file_, node.position}; }
  void note(const Node& node, std::string message) { problems_.push_back({place_of(node), std::move(message)}); }

  // A text; noted when it is of another type, or required and not there.
  std::string text(const Node& map, std::string_view key, bool is_required) {
    const auto* found = map.find(key);
    const bool is_there = found != nullptr && !found->is(NodeKind::Null);
    if (is_there && !found->is(NodeKind::String)) {
      note(*found, fmt::format("{} is {}, expected a string", key, document::described(found->kind)));
    } else if (is_required && (!is_there || found->text.empty())) {
      note(is_there ? *found : map, fmt::format("{} is missing", key));
    }
    return is_there && found->is(NodeKind::String) ? found->text : std::string();
  }

  // A list may come in pages, the first of which begins with 1.
  void count(const Node& root, const Node& resources) {
    const auto size = static_cast<std::int64_t>(resources.items.size());
    const auto* total = root.find("totalResults");
    const auto* start = root.find("startIndex");
    entries_.listed += size;
    if (start != nullptr && document::as_integer(*start).value_or(1) > 1) return;
    entries_.announced += total == nullptr ? size : document::as_integer(*total).value_or(size);
    entries_.announced_at = place_of(root);
  }

  void resource(const Node& node) {
    if (!node.is(NodeKind::Map)) return note(node, "expected a resource of SCIM: an object with schemas and id");
    if (is_a(node, "Group")) return team(node);
    if (is_a(node, "User")) return person(node);
    if (node.find("schemas") == nullptr) note(node, "schemas is missing: neither a User nor a Group of SCIM");
  }

  static bool is_a(const Node& node, const std::string& kind) {
    const auto* schemas = node.find("schemas");
    const auto names_it = [&](const Node& schema) { return schema.text.ends_with(":core:2.0:" + kind); };
    if (schemas != nullptr && std::ranges::any_of(schemas->items, names_it)) return true;
    const auto* meta = node.find("meta");
    const auto* type = meta == nullptr ? nullptr : meta->find("resourceType");
    return type != nullptr && type->text == kind;
  }

  void person(const Node& node) {
    PersonEntry entry;
    auto& person = entry.person;
    person.id = text(node, "id", true);
    const auto user = text(node, "userName", true);
    person.name = person_name(user);
    if (person.name.empty() && !user.empty()) note(*node.find("userName"), "userName has no letter or digit");
    person.title = text(node, "displayName", false);
    if (const auto* active = node.find("active")) person.is_active = document::as_boolean(*active).value_or(true);
    person.place = place_of(node);
    entry.keys = {"id:" + person.id};
    entries_.people.push_back(std::move(entry));
  }

  void team(const Node& node) {
    TeamEntry entry;
    auto& team = entry.team;
    team.id = text(node, "id", true);
    team.title = text(node, "displayName", true);
    team.name = team_name(team.title);
    if (team.name.empty() && !team.title.empty()) note(*node.find("displayName"), "displayName has no letter or digit");
    team.place = place_of(node);
    entry.keys = {"id:" + team.id};
    const auto* members = node.find("members");
    if (members != nullptr && !members->is(NodeKind::Null)) {
      if (!members->is(NodeKind::List)) note(*members, "members is no list");
      for (const auto& member : members->items) {
        auto value = text(member, "value", true);
        if (!value.empty()) entry.members.push_back({"id:" + value, place_of(*member.find("value"))});
      }
    }
    entries_.teams.push_back(std::move(entry));
  }

  const std::string& file_;
  Entries& entries_;
  document::Problems& problems_;
};

}  // namespace

void read_scim(const document::Source& file, Entries& entries, document::Problems& problems) {
  const auto root = document::read_json(file.text, kLimits);
  if (!root) {
    problems.push_back({{file.file, root.error().position}, "not JSON: " + root.error().message});
    return;
  }
  ScimReader(file.file, entries, problems).read(*root);
}

}  // namespace myelin::directory
