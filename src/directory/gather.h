#pragma once
// What the readers of the formats share: entries as they stand in a file, and the export that they make together.
// Internal to the module.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "directory/export.h"

namespace myelin::directory {

// An entry that another one names.
struct Reference {
  std::string key;
  document::Place place;
};

struct PersonEntry {
  Person person;
  std::vector<std::string> keys;  // by which others name it
  std::vector<Reference> teams;   // it belongs to
};

struct TeamEntry {
  Team team;
  std::vector<std::string> keys;
  std::vector<Reference> members;  // people, and teams below it
  std::vector<Reference> above;
  bool has_type = false;  // else it is a team unless it only holds others
};

// Of all files together.
struct Entries {
  std::vector<PersonEntry> people;
  std::vector<TeamEntry> teams;
  std::int64_t listed = 0;  // resources of SCIM, and how many there are by what their first pages say
  std::int64_t announced = 0;
  document::Place announced_at{};
};

void read_scim(const document::Source& file, Entries& entries, document::Problems& problems);
void read_ldif(const document::Source& file, Entries& entries, document::Problems& problems);
void read_backstage(const document::Source& file, Entries& entries, document::Problems& problems);

// References resolved: what dangles, is there twice or stands in a circle is noted.
[[nodiscard]] Export gathered(Entries entries, document::Problems& problems);

// "Web Shop (EU)" > "web-shop-eu": a Group's name; empty where nothing of the text is left.
[[nodiscard]] std::string team_name(std::string_view text);
// "ann.lee@shop.example" > "ann.lee": a User's.
[[nodiscard]] std::string person_name(std::string_view text);
// Two names that differ in the case of letters only, or in what stands between words, are one.
[[nodiscard]] std::string folded(std::string_view name);

}  // namespace myelin::directory
