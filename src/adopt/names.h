#pragma once
// Names for new documents: valid, and none twice. Two names that differ in the case of letters only count as one, so
// that files can lie on any disk. Internal to the module.
#include <set>
#include <string>
#include <string_view>

#include "model/model.h"

namespace myelin::adopt {

// Of letters, digits, '.', '_' and '-', every other byte a '-'.
[[nodiscard]] std::string plain(std::string_view text);

class Names {
 public:
  // All names of the model's documents, and of their files, are taken.
  explicit Names(const model::Model& in_force);

  // Taken from now on: `wanted`, or the same with a number behind it. A kind has its names to itself.
  std::string id(std::string_view kind, std::string_view wanted);
  // The same for a Backstage entity: what its name can't hold becomes '-', what is too long is cut.
  std::string entity(std::string_view kind, std::string_view wanted);
  // "FOLDER/STEM" and the ending; the stem may get a number.
  std::string file(std::string_view folder, std::string_view stem, std::string_view ending);
  [[nodiscard]] bool is_taken(std::string_view kind, std::string_view name) const;

 private:
  bool take(std::string_view kind, std::string_view name);
  std::set<std::string> taken_;  // kind, a blank, name in small letters
};

}  // namespace myelin::adopt
