#pragma once
// Groups and Users as a model's folder has them. Pure.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "document/parse.h"
#include "model/model.h"

namespace myelin::directory {

struct FolderGroup {
  const document::Document* document = nullptr;
  std::string id;  // myelin.dev/directory-id; empty: it was never imported
  std::string type;
  std::string parent;
  std::set<std::string> people;  // Users, in whichever of the two documents it stands
};

struct FolderUser {
  const document::Document* document = nullptr;
  std::string id;
};

struct FolderTeams {
  std::map<std::string, FolderGroup> groups;  // by name
  std::map<std::string, FolderUser> users;
};

// Borrows the documents.
[[nodiscard]] FolderTeams folder_teams(const std::vector<document::Document>& documents);

// A Group's name where a document has it: one value, or an item of a list. Members are none of them.
struct SquadReference {
  const document::Node* value = nullptr;
  const document::Member* list = nullptr;  // nullptr: the value stands alone
  std::size_t item = 0;                    // of the list
};
[[nodiscard]] std::vector<SquadReference> squad_references(const document::Document& document);

// What is a squad's, or waits for it: what nobody answers for once it is gone.
struct Owned {
  std::string what;  // "product web-orders", "steering, by the AccountabilityModel"
  document::Place place;
  auto operator<=>(const Owned&) const = default;
};
[[nodiscard]] std::vector<Owned> owned_by(const model::Model& model, const FolderTeams& folder,
                                          const std::string& group);

}  // namespace myelin::directory
