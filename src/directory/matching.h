#pragma once
// Which Group of a folder goes on as which team of an export, and what became of those that don't. By id, else by
// name, else by where their people are. Pure.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "directory/export.h"
#include "directory/folder_teams.h"

namespace myelin::directory {

enum class Fate { Renamed, Merged, Split, Vanished };
enum class Because { Id, Name, People };

// So many of a Group's people are in a team that were not before.
struct Part {
  std::size_t team = 0;  // of the export
  std::size_t people = 0;
};

struct Succession {
  Fate fate = Fate::Vanished;
  std::string group;
  // Renamed, Split: as which it goes on. Merged: into which it goes. None of one that vanished.
  std::optional<std::size_t> team{};
  Because because = Because::People;
  std::vector<Part> parts{};  // most people first
  std::size_t people = 0;     // of the Group, before
};

struct Matching {
  std::vector<std::string> group_of_team;   // that goes on as it; empty: it is new
  std::vector<std::string> name_of_team;    // of its Group afterwards
  std::vector<std::string> user_of_person;  // the User's name, there or to be
  std::set<std::string> inactive;           // Users whom the export has no more, or not as active
  std::vector<Succession> successions;      // by Group
  std::vector<std::string> left_alone;      // Groups that never came from a directory, and are not in this one
  document::Problems problems;              // what can't be told apart
};

[[nodiscard]] Matching matched(const FolderTeams& folder, const Export& teams);

}  // namespace myelin::directory
