#include "directory/gather.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace myelin::directory {
namespace {

class Gathering {
 public:
  Gathering(Entries entries, document::Problems& problems) : entries_(std::move(entries)), problems_(problems) {}

  Export all() {
    std::ranges::sort(entries_.people, {}, [](const PersonEntry& one) { return one.person.name; });
    std::ranges::sort(entries_.teams, {}, [](const TeamEntry& one) { return one.team.name; });
    for (std::size_t i = 0; i < entries_.people.size(); ++i) keep(people_, entries_.people[i], i);
    for (std::size_t i = 0; i < entries_.teams.size(); ++i) keep(teams_, entries_.teams[i], i);
    once(entries_.people, [](const PersonEntry& one) -> const Person& { return one.person; });
    once(entries_.teams, [](const TeamEntry& one) -> const Team& { return one.team; });
    for (std::size_t i = 0; i < entries_.people.size(); ++i) join(i);
    for (std::size_t i = 0; i < entries_.teams.size(); ++i) hold(i);
    for (std::size_t i = 0; i < entries_.teams.size(); ++i) check_circle(i);
    Export made;
    for (auto& one : entries_.people) made.people.push_back(std::move(one.person));
    for (auto& one : entries_.teams) made.teams.push_back(std::move(one.team));
    set_types(made);
    return made;
  }

 private:
  void note(const document::Place& place, std::string message) { problems_.push_back({place, std::move(message)}); }

  void keep(std::map<std::string, std::size_t>& known, const auto& entry, std::size_t number) {
    for (const auto& key : entry.keys) known.emplace(key, number);
  }

  // Names are sorted, so those that are alike stand beside each other; ids may stand anywhere.
  void once(const auto& entries, auto of) {
    std::map<std::string, document::Place> names;
    std::map<std::string, document::Place> ids;
    for (const auto& entry : entries) {
      const auto& one = of(entry);
      const auto [name, is_new] = names.emplace(folded(one.name), one.place);
      if (!is_new) {
        note(one.place, fmt::format("\"{}\" is there twice, the first at {}: what has one name would be one document; "
                                    "export one of them, or give it another name",
                                    one.name, name->second.text()));
      }
      if (one.id.empty()) continue;
      const auto [id, is_new_id] = ids.emplace(one.id, one.place);
      if (!is_new_id) {
        note(one.place, fmt::format("id \"{}\" is there twice, the first at {}", one.id, id->second.text()));
      }
    }
  }

  void dangles(const Reference& reference) {
    note(reference.place, fmt::format("\"{}\" is nothing that the export holds; export it too, or take the line out",
                                      reference.key.substr(reference.key.find(':') + 1)));
  }

  void belong(std::size_t person, std::size_t team) {
    if (entries_.people[person].person.is_active) entries_.teams[team].team.members.insert(person);
  }

  void join(std::size_t person) {
    for (const auto& reference : entries_.people[person].teams) {
      const auto team = teams_.find(reference.key);
      if (team == teams_.end()) {
        dangles(reference);
      } else {
        belong(person, team->second);
      }
    }
  }

  void stand_above(std::size_t above, std::size_t below) {
    auto& now = entries_.teams[below].team.above;
    if (!now) now = above;  // of several the first by name
  }

  void hold(std::size_t team) {
    for (const auto& reference : entries_.teams[team].members) {
      const auto person = people_.find(reference.key);
      const auto below = teams_.find(reference.key);
      if (person != people_.end()) {
        belong(person->second, team);
      } else if (below != teams_.end()) {
        stand_above(team, below->second);
      } else {
        dangles(reference);
      }
    }
    for (const auto& reference : entries_.teams[team].above) {
      const auto above = teams_.find(reference.key);
      if (above == teams_.end()) {
        dangles(reference);
      } else {
        stand_above(above->second, team);
      }
    }
  }

  void check_circle(std::size_t start) {
    std::set<std::size_t> seen;
    for (std::optional<std::size_t> at = start; at; at = entries_.teams[*at].team.above) {
      if (seen.insert(*at).second) continue;
      if (*at != start) return;  // noted at those that stand in it
      note(entries_.teams[start].team.place,
           fmt::format("\"{}\" stands above itself; take one of the groups out of the circle",
                       entries_.teams[start].team.name));
      return;
    }
  }

  // What holds nobody itself and has others below it is no team.
  void set_types(Export& made) const {
    std::set<std::size_t> above;
    for (const auto& team : made.teams) {
      if (team.above) above.insert(*team.above);
    }
    for (const auto number : above) {
      auto& team = made.teams[number];
      if (!entries_.teams[number].has_type && team.members.empty()) team.type = "department";
    }
  }

  Entries entries_;
  document::Problems& problems_;
  std::map<std::string, std::size_t> people_;  // by key
  std::map<std::string, std::size_t> teams_;
};

// A file begins with what its format needs; blanks and a byte-order mark don't count.
std::string_view begin_of(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const auto first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

// The first line that is no comment.
std::string_view first_line(std::string_view text) {
  while (text.starts_with('#')) {
    const auto end = text.find('\n');
    text = end == std::string_view::npos ? std::string_view() : begin_of(text.substr(end));
  }
  return text.substr(0, text.find('\n'));
}

}  // namespace

bool Export::has_ids() const {
  return std::ranges::any_of(teams, [](const Team& team) { return !team.id.empty(); });
}

std::optional<Format> format_named(std::string_view name) {
  if (name == "scim") return Format::Scim;
  if (name == "ldif") return Format::Ldif;
  if (name == "backstage") return Format::Backstage;
  return std::nullopt;
}

std::optional<Format> format_of(std::string_view text) {
  const auto begin = begin_of(text);
  if (begin.starts_with('{') || begin.starts_with('[')) return Format::Scim;
  const auto line = first_line(begin);
  if (line.starts_with("version:") || line.starts_with("dn:")) return Format::Ldif;
  if (line.starts_with("---") || line.starts_with("apiVersion:") || line.starts_with("kind:")) return Format::Backstage;
  return std::nullopt;
}

Export gathered(Entries entries, document::Problems& problems) { return Gathering(std::move(entries), problems).all(); }

Read read_export(const std::vector<document::Source>& files, std::optional<Format> format) {
  Read read;
  Entries entries;
  std::size_t bytes = 0;
  for (const auto& file : files) {
    bytes += file.text.size();
    if (bytes > kExportBytesMax) {
      read.problems.push_back(
          {{file.file, {}}, fmt::format("the export has more than {} bytes; export teams only", kExportBytesMax)});
      return read;
    }
    const auto is = format ? format : format_of(file.text);
    if (is == Format::Scim) {
      read_scim(file, entries, read.problems);
    } else if (is == Format::Ldif) {
      read_ldif(file, entries, read.problems);
    } else if (is == Format::Backstage) {
      read_backstage(file, entries, read.problems);
    } else {
      read.problems.push_back(
          {{file.file, {1, 1}}, "neither SCIM (JSON), LDIF nor a Backstage catalogue (YAML); say which with --format"});
    }
    if (entries.people.size() + entries.teams.size() > kEntriesMax) {
      read.problems.push_back({{file.file, {}}, fmt::format("more than {} people and teams", kEntriesMax)});
      return read;
    }
  }
  if (entries.listed < entries.announced) {
    read.problems.push_back({entries.announced_at,
                             fmt::format("{} of {} resources: who stands on the other pages would be gone; export all "
                                         "of them, and give all files",
                                         entries.listed, entries.announced)});
  }
  if (read.problems.empty() && (entries.teams.empty() || entries.people.empty())) {
    read.problems.push_back({{files.empty() ? "" : files.front().file, {}},
                             fmt::format("no {} in it: an import would leave nobody anywhere; export groups and people",
                                         entries.teams.empty() ? "group" : "person")});
  }
  read.teams = gathered(std::move(entries), read.problems);
  document::sort(read.problems);
  return read;
}

}  // namespace myelin::directory
