#include "directory/changed.h"

#include <map>
#include <string>
#include <utility>

namespace myelin::directory {

std::vector<document::Source> changed(std::vector<document::Source> folder,
                                      const std::vector<review::FileChange>& changes) {
  std::map<std::string, std::string> files;
  for (auto& [file, text] : folder) files.emplace(std::move(file), std::move(text));
  for (const auto& change : changes) {
    if (change.after) {
      files[change.file] = *change.after;
    } else {
      files.erase(change.file);
    }
  }
  std::vector<document::Source> sources;
  for (auto& [file, text] : files) sources.push_back({file, std::move(text)});
  return sources;
}

}  // namespace myelin::directory
