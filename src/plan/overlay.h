#pragma once
// What a folder makes of the documents that are in force: files that it has take the place of those of the same name,
// files that it leaves out stay. Nothing is deleted because a folder is a part of the whole.
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "document/parse.h"
#include "model/model.h"
#include "plan/entity.h"

namespace myelin::plan {

struct Overlay {
  std::vector<document::Source> sources;  // of the model to be, by file name
  std::set<std::string> left_out;         // files in force that the folder does not have, kept as they are
};

// `may_go` says of an entity in a file that was left out whether it is to be deleted. A file goes when of all that it
// declares each may go or was moved: is declared by a file that the folder has.
using MayGo = std::function<bool(const EntityName&)>;
[[nodiscard]] Overlay overlaid(const model::Model& in_force, std::vector<document::Source> given, const MayGo& may_go);

}  // namespace myelin::plan
