#pragma once
// Reads the fields of one map of a document by name and type, and notes what is missing or of the wrong type.
// Internal to the module: the readers of each kind of document use it.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "document/parse.h"
#include "document/problem.h"

namespace myelin::model {

// A string and where it stands. Empty when it was missing or wrong, which has then been noted.
struct Text {
  std::string value;
  document::Place place;
  [[nodiscard]] bool empty() const { return value.empty(); }
};

struct Range {
  std::int64_t least;
  std::int64_t most;
};

class Fields {
 public:
  // `map` is a map of `source`, and both outlive this; `path` names it in messages ("spec.quotas"), empty for a
  // document.
  Fields(const document::Node& map, std::string path, const document::Source& source, document::Problems& problems)
      : map_(&map), path_(std::move(path)), source_(&source), problems_(&problems) {}

  [[nodiscard]] Text required_text(std::string_view key) const;
  [[nodiscard]] std::optional<Text> text(std::string_view key) const;
  [[nodiscard]] std::string text_or_empty(std::string_view key) const;
  // One of `known`, or noted with the nearest.
  [[nodiscard]] std::optional<Text> choice(std::string_view key, std::span<const std::string> known) const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key, Range range) const;
  [[nodiscard]] std::optional<bool> boolean(std::string_view key) const;
  [[nodiscard]] std::optional<Fields> map(std::string_view key) const;
  [[nodiscard]] std::optional<Fields> required_map(std::string_view key) const;
  [[nodiscard]] std::vector<Fields> maps(std::string_view key) const;  // a list of maps
  [[nodiscard]] std::vector<Text> texts(std::string_view key) const;   // a list of strings
  [[nodiscard]] const document::Node* find(std::string_view key) const { return map_->find(key); }

  // Notes every key that is not one of `known`: for our own kinds, where a field that nothing reads is an error.
  void allow_only(std::span<const std::string> known) const;
  [[nodiscard]] bool expect_kind(const document::Node& node, std::string_view key, document::NodeKind kind) const;

  [[nodiscard]] document::Place place() const { return {source_->file, map_->position}; }
  [[nodiscard]] document::Place place_of(const document::Node& node) const { return {source_->file, node.position}; }
  // Where a byte of a string stands; the key is there.
  [[nodiscard]] document::Position position_inside(std::string_view key, std::size_t offset) const;
  [[nodiscard]] std::string name_of(std::string_view key) const;
  [[nodiscard]] const document::Node& node() const { return *map_; }
  void note(document::Place place, std::string message) const;

 private:
  const document::Node* map_;
  std::string path_;
  const document::Source* source_;
  document::Problems* problems_;
};

// "growth, optimise or sustain".
[[nodiscard]] std::string alternatives(std::span<const std::string> known);

}  // namespace myelin::model
