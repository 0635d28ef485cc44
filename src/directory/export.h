#pragma once
// Teams and people as a company's directory has them: an export of it, read. Pure.
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "document/parse.h"
#include "document/problem.h"

namespace myelin::directory {

struct Person {
  std::string id;    // that the directory gave and keeps; empty: the export has none
  std::string name;  // a User's
  std::string title;
  bool is_active = true;
  document::Place place;
};

struct Team {
  std::string id;    // as above
  std::string name;  // a Group's
  std::string title;
  std::string type = "team";           // another one only stands above teams
  std::set<std::size_t> members{};     // of Export::people, active ones
  std::optional<std::size_t> above{};  // of Export::teams
  document::Place place;
};

struct Export {
  std::vector<Person> people;
  std::vector<Team> teams;  // in the order of their names; none stands above itself

  [[nodiscard]] bool has_ids() const;  // of teams
};

enum class Format { Scim, Ldif, Backstage };
[[nodiscard]] std::optional<Format> format_named(std::string_view name);
// By how the text begins; nullopt when it is none of them.
[[nodiscard]] std::optional<Format> format_of(std::string_view text);

struct Read {
  Export teams;
  document::Problems problems;  // sorted; when not empty, `teams` is not to be used
};
inline constexpr std::size_t kExportBytesMax = 32U << 20;  // of all files
inline constexpr std::size_t kEntriesMax = 200'000;        // people and teams

// Several files are parts of one export. Without a format it is guessed, of each file.
[[nodiscard]] Read read_export(const std::vector<document::Source>& files, std::optional<Format> format);

}  // namespace myelin::directory
