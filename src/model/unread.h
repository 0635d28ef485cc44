#pragma once
// Files of a model that can't be read. What they declare is not known, so a name that one of them holds is not called
// dangling; every other mistake is still found in the same run. Internal to the module.
#include <string_view>
#include <vector>

#include "document/parse.h"

namespace myelin::model {

class Unread {
 public:
  void add(document::Source file) { files_.push_back(std::move(file)); }

  // Whether a file of that folder ("products/") holds the name as a word of its own.
  [[nodiscard]] bool may_name(std::string_view folder, std::string_view name) const;
  // The same of the folder where things of that kind are declared: "contract", "product", else a Backstage kind.
  [[nodiscard]] bool may_declare(std::string_view kind, std::string_view name) const;

 private:
  std::vector<document::Source> files_;
};

}  // namespace myelin::model
