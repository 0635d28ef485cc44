#pragma once
// Teams of an export, written into a folder's documents: what was renamed, merged, split, came or went. Nothing that
// somebody owns loses its owner, and what a squad was called stays known. Pure.
#include <cstddef>
#include <string>
#include <vector>

#include "directory/export.h"
#include "directory/folder_teams.h"
#include "document/problem.h"
#include "model/model.h"
#include "review/edit.h"

namespace myelin::directory {

struct Told {
  std::string what;  // "rename", "merge", "split", "vanish", "new", "note"
  std::string text;
  std::string about{};            // what the list is of
  std::vector<Owned> stranded{};  // by name
  std::string next{};             // what to do
};

struct Report {
  std::vector<Told> told;    // in the order of the words above
  std::size_t came = 0;      // people with a new document
  std::size_t moved = 0;     // people whose squads are others now
  std::size_t inactive = 0;  // people who leave their squads, since they are active no more
  bool deletes = false;      // a plan of it has deletions: of names that are gone
};

struct Imported {
  Report report;
  std::vector<review::FileChange> changes;
  document::Problems problems;  // when not empty, nothing is to be written
};

struct ImportOptions {
  bool remove_gone = false;  // teams and people that are gone and that nothing refers to
};

// The model is of the folder, without problems; the export has none either.
[[nodiscard]] Imported imported(const model::Model& model, const Export& teams, const ImportOptions& options);

// For a terminal and for golden files.
[[nodiscard]] std::string rendered(const Imported& imported);

}  // namespace myelin::directory
