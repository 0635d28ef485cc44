#pragma once
// The files of the folder to be. Documents of one home lie in one file, until it is long. Internal to the module.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adopt/names.h"
#include "document/parse.h"

namespace myelin::adopt {

class Pages {
 public:
  explicit Pages(Names& names) : names_(names) {}

  // `ending` as in ".odcs.yaml"; the document is without "---".
  void add(std::string_view folder, std::string_view stem, std::string_view ending, std::string_view document);
  [[nodiscard]] std::vector<document::Source> sources() const;  // by name
  [[nodiscard]] bool empty() const { return texts_.empty(); }

 private:
  Names& names_;
  std::map<std::string, std::string> paths_;  // by home
  std::map<std::string, std::string> texts_;  // by path
};

}  // namespace myelin::adopt
