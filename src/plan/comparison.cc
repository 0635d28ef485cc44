#include "plan/comparison.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "document/json_writer.h"

namespace myelin::plan {
namespace {

using document::Node;
using document::NodeKind;

constexpr std::array<std::string_view, 7> kNaming{"name", "id", "property", "channel", "title", "squad", "with"};

bool is_scalar(const Node& node) { return !node.is(NodeKind::List) && !node.is(NodeKind::Map); }
std::string written(const Node& node) { return is_scalar(node) ? node.text : document::json(node); }

// By which an item of a list is known; empty when it has no name.
std::string name_in(const Node& item) {
  for (const auto key : kNaming) {
    const auto* name = item.find(key);
    if (name != nullptr && is_scalar(*name) && !name->text.empty()) return name->text;
  }
  return {};
}

using Named = std::map<std::string, const Node*>;

// The items by name; nothing when one has none or two share one.
std::optional<Named> by_name(const Node& list) {
  Named named;
  for (const auto& item : list.items) {
    auto name = name_in(item);
    if (name.empty() || !named.emplace(std::move(name), &item).second) return std::nullopt;
  }
  return named;
}

class Comparison {
 public:
  std::vector<FieldChange> found;

  void compare(const std::string& path, const Node& before, const Node& after) {
    if (before.is(NodeKind::Map) && after.is(NodeKind::Map)) return compare_maps(path, before, after);
    if (before.is(NodeKind::List) && after.is(NodeKind::List)) return compare_lists(path, before, after);
    auto was = written(before);
    auto is = written(after);
    if (before.kind != after.kind || was != is) found.push_back({path, std::move(was), std::move(is)});
  }

 private:
  void compare_maps(const std::string& path, const Node& before, const Node& after) {
    const std::string start = path.empty() ? path : path + '.';
    for (const auto& member : after.members) {
      const auto* was = before.find(member.key);
      if (was == nullptr) {
        found.push_back({start + member.key, std::nullopt, written(member.value)});
      } else {
        compare(start + member.key, *was, member.value);
      }
    }
    for (const auto& member : before.members) {
      if (after.find(member.key) == nullptr) {
        found.push_back({start + member.key, written(member.value), std::nullopt});
      }
    }
  }

  void compare_lists(const std::string& path, const Node& before, const Node& after) {
    const auto was = by_name(before);
    const auto is = by_name(after);
    if (was && is) return compare_named(path, *was, after, *is);
    compare_values(path, before, after);
  }

  void compare_named(const std::string& path, const Named& was, const Node& after, const Named& is) {
    for (const auto& item : after.items) {
      const auto name = name_in(item);
      const auto old = was.find(name);
      const auto place = path + '[' + name + ']';
      if (old == was.end()) {
        found.push_back({place, std::nullopt, written(item)});
      } else {
        compare(place, *old->second, item);
      }
    }
    for (const auto& [name, item] : was) {
      if (!is.contains(name)) found.push_back({path + '[' + name + ']', written(*item), std::nullopt});
    }
  }

  // What is on one side only; the whole lists when only their order is different.
  void compare_values(const std::string& path, const Node& before, const Node& after) {
    std::map<std::string, int> left;
    for (const auto& item : before.items) ++left[document::json(item)];
    const auto take = [&](const Node& item) {
      const auto alike = left.find(document::json(item));
      return alike != left.end() && alike->second-- > 0;
    };
    const auto known = found.size();
    for (const auto& item : after.items) {
      if (!take(item)) found.push_back({path, std::nullopt, written(item)});
    }
    for (const auto& item : before.items) {
      if (take(item)) found.push_back({path, written(item), std::nullopt});
    }
    if (found.size() == known && document::json(before) != document::json(after)) {
      found.push_back({path, written(before), written(after)});
    }
  }
};

}  // namespace

std::vector<FieldChange> differences(const Node& before, const Node& after) {
  Comparison comparison;
  comparison.compare("", before, after);
  return std::move(comparison.found);
}

}  // namespace myelin::plan
