#pragma once
// One import under way: who a Group is afterwards, and the edits that were asked for so far, each value and list once.
// Internal to the module.
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "directory/edits.h"
#include "directory/folder_teams.h"
#include "directory/import.h"
#include "directory/matching.h"
#include "model/model.h"

namespace myelin::directory {

class Rewriting {
 public:
  Rewriting(const model::Model& model, const Export& teams, Matching matching);

  const model::Model& model;
  const Export& teams;
  FolderTeams folder;
  Matching matching;
  std::map<std::string, std::string> names;  // of Groups that have another name afterwards, or are part of another
  std::set<std::string> gone;                // Groups that go with all that names them
  Edits edits;
  Report report;

  // Of a Group of the folder, afterwards.
  [[nodiscard]] std::string name_of(const std::string& group) const;
  [[nodiscard]] bool is_removed(const document::Document& document) const { return removed_.contains(&document); }
  void remove(const document::Document& document);
  void set(const document::Document& document, const document::Node& scalar, std::string value);
  [[nodiscard]] bool is_set(const document::Node& scalar) const { return scalars_.contains(&scalar); }
  void annotate(const document::Document& document, const std::string& key, const std::string& value);
  [[nodiscard]] ListChange& list(const document::Document& document, const document::Member& list);
  // What was asked for, as edits; once, at the end.
  void finish();

 private:
  std::set<const document::Document*> removed_;
  std::map<const document::Node*, std::pair<const document::Document*, std::string>> scalars_;
  std::map<const document::Member*, std::pair<const document::Document*, ListChange>> lists_;
  std::map<const document::Document*, std::vector<std::pair<std::string, std::string>>> annotations_;
};

// "group:default/old" > "group:default/new"
[[nodiscard]] std::string renamed(const std::string& reference, const std::string& name);
// nullptr when the map has no such key.
[[nodiscard]] const document::Member* member_at(const document::Node& map, std::string_view key);

// The steps, in this order; each asks for edits and tells what it did.
void name_groups(Rewriting& rewriting);  // renamed and merged: names, ids, what they were called
void tell_successions(Rewriting& rewriting, bool remove_gone);
void point_at_successors(Rewriting& rewriting);  // owners, teams, parents, rules
void join_profiles(Rewriting& rewriting);        // of squads that are one now
void join_quotas(Rewriting& rewriting);
void write_new_groups(Rewriting& rewriting);
void write_people(Rewriting& rewriting, bool remove_gone);  // Users, and who belongs where

}  // namespace myelin::directory
