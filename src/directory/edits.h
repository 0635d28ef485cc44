#pragma once
// Edits of a folder's documents where they stand: every byte that no edit is about stays. Pure.
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "document/parse.h"
#include "document/problem.h"
#include "review/edit.h"

namespace myelin::directory {

// What is to become of a list: items by their numbers, as they stand.
struct ListChange {
  std::map<std::size_t, std::string> replaced{};
  std::set<std::size_t> removed{};
  std::vector<std::string> added{};  // at its end
};

class Edits {
 public:
  explicit Edits(const std::vector<document::Document>& documents) : documents_(documents) {}

  // Values are YAML. Nodes are of the documents given; what can't be edited where it stands is noted as a problem.
  void replace(const document::Document& document, const document::Node& scalar, const std::string& value);
  // New members of a map that is not empty, before those that it has.
  void insert(const document::Document& document, const document::Node& map,
              const std::vector<std::pair<std::string, std::string>>& members);
  // The metadata.annotations of an entity that has none, behind its name.
  void insert_annotations(const document::Document& document,
                          const std::vector<std::pair<std::string, std::string>>& members);
  // In brackets, or with dashes on lines of their own; then items may have several lines.
  void change(const document::Document& document, const document::Member& list, const ListChange& change);
  // A comment above the line of a node; nothing when a comment with that begin stands there.
  void comment(const document::Document& document, const document::Node& node, std::string_view begin,
               const std::string& text);
  void remove(const document::Document& document);
  // A document, without "---", at the end of a file that is there or in a new one.
  void add(const std::string& file, const std::string& document);

  // All made; of files that change. Problems: where a person must do it.
  [[nodiscard]] std::vector<review::FileChange> made(document::Problems& problems) const;

 private:
  struct Edit {
    std::size_t begin = 0;
    std::size_t size = 0;
    std::string text;
    std::size_t order = 0;  // in which it was asked for
  };
  [[nodiscard]] static std::vector<Edit> last_first(std::vector<Edit> edits);
  void edit(const document::Document& document, Edit edit) { edits_[document.source->file].push_back(std::move(edit)); }
  void note(const document::Document& document, const document::Node& node, std::string message);
  void change_in_brackets(const document::Document& document, const document::Member& list, const ListChange& change);
  void change_lines(const document::Document& document, const document::Member& list, const ListChange& change);

  const std::vector<document::Document>& documents_;
  std::map<std::string, std::vector<Edit>> edits_;           // by file
  std::map<std::string, std::vector<std::size_t>> removed_;  // documents of a file, by their order
  std::map<std::string, std::string> added_;                 // by file
  document::Problems problems_;
};

}  // namespace myelin::directory
