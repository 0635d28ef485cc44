#include "review/insert.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "document/json_writer.h"

namespace myelin::review {
namespace {

using document::Node;
using document::NodeKind;

struct Line {
  std::size_t begin = 0;
  std::size_t end = 0;  // behind its line feed
  std::size_t indent = 0;
  char first = '\0';  // that is no blank; 0 on an empty line
};

Line line_at(std::string_view text, std::size_t begin) {
  Line line{begin, std::min(text.find('\n', begin), text.size() - 1) + 1};
  const auto content = text.substr(begin, line.end - begin);
  const auto first = content.find_first_not_of(" \r\n");
  if (first == std::string_view::npos) return line;
  line.indent = first;
  line.first = content[first];
  return line;
}

Line line_of(std::string_view text, std::uint32_t number) {
  std::size_t begin = 0;
  for (std::uint32_t passed = 1; passed < number; ++passed) begin = text.find('\n', begin) + 1;
  return line_at(text, begin);
}

// Behind the last line of an item whose dash stands in `dash`: comments and empty lines below it belong to what
// follows.
std::size_t end_of_item(std::string_view text, const Line& dash) {
  auto end = dash.end;
  for (auto begin = dash.end; begin < text.size();) {
    const auto line = line_at(text, begin);
    begin = line.end;
    if (line.first == '\0' || line.first == '#') continue;
    if (line.indent <= dash.indent) break;
    end = line.end;
  }
  return end;
}

Node* at_path(Node& root, const Path& path) {
  Node* node = &root;
  for (const auto& key : path) {
    const auto found = std::ranges::find(node->members, key, &document::Member::key);
    if (found == node->members.end()) return nullptr;
    node = &found->value;
  }
  return node->is(NodeKind::List) && !node->items.empty() ? node : nullptr;
}

// Whether the text differs from the document by one item at the end of the list, which says what it should.
bool adds_only(const document::Document& before, const std::string& text, const Path& path, const std::string& item) {
  const auto parsed = document::parse({before.source->file, text});
  const auto wanted = document::parse({"item", item});
  const auto found = std::ranges::find(parsed.documents, before.root->position,
                                       [](const auto& document) { return document.root->position; });
  if (!parsed.problems.empty() || found == parsed.documents.end() || wanted.documents.size() != 1) return false;
  auto root = *found->root;
  auto* list = at_path(root, path);
  if (list == nullptr) return false;
  const auto added = document::json(list->items.back());
  list->items.pop_back();
  return added == document::json(*wanted.documents.front().root) &&
         document::json(root) == document::json(*before.root);
}

}  // namespace

Result<document::Source> with_item(const document::Document& document, const Path& list, const std::string& item) {
  auto root = *document.root;
  const auto& source = *document.source;
  const auto* node = at_path(root, list);
  if (node == nullptr) {
    return fail(Code::NotFound, "{}:{}: there is no list {}, or nothing in it", source.file, root.position.line,
                fmt::join(list, "."));
  }
  const auto dash = line_of(source.text, node->items.back().position.line);
  auto text = source.text;
  const auto at = end_of_item(text, dash);
  const bool ends_line = text[at - 1] == '\n';
  text.insert(at, fmt::format("{}{:{}}- {}\n", ends_line ? "" : "\n", "", dash.indent, item));
  if (dash.first == '-' && adds_only(document, text, list, item)) return document::Source{source.file, std::move(text)};
  return fail(Code::Invalid,
              "{}:{}:{}: the items of {} do not stand below each other, each behind a dash; add {} there", source.file,
              node->position.line, node->position.column, fmt::join(list, "."), item);
}

}  // namespace myelin::review
