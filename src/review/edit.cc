#include "review/edit.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "document/offset.h"

namespace myelin::review {
namespace {

using document::Node;
using document::NodeKind;
using document::offset_of;
using document::Position;

// Where a value that begins at `begin` ends: behind its closing quote or bracket, or before what can't belong to a
// plain scalar.
std::size_t end_of_value(std::string_view text, std::size_t begin) {
  const char first = begin < text.size() ? text[begin] : '\0';
  if (first == '"' || first == '\'' || first == '[') {
    const auto close = text.find(first == '[' ? ']' : first, begin + 1);
    return close == std::string_view::npos ? text.size() : close + 1;
  }
  auto end = text.find_first_of("\n\r,}]", begin);
  end = std::min({end, text.find(" #", begin), text.size()});
  while (end > begin && text[end - 1] == ' ') --end;
  return end;
}

const Node* at_path(const Node& root, const Path& path) {
  const Node* node = &root;
  for (const auto& key : path) {
    node = node->find(key);
    if (node == nullptr) return nullptr;
  }
  return node;
}

// Whether two trees say the same but for what stands at a path; `deep` keys of it lie behind us.
bool same_but_for(const Node& one, const Node& other, const Path& path, bool is_on_path, std::size_t deep) {
  if (is_on_path && deep == path.size()) return true;
  if (one.kind != other.kind || one.text != other.text) return false;
  if (one.items.size() != other.items.size() || one.members.size() != other.members.size()) return false;
  for (std::size_t i = 0; i < one.items.size(); ++i) {
    if (!same_but_for(one.items[i], other.items[i], path, false, deep)) return false;
  }
  for (std::size_t i = 0; i < one.members.size(); ++i) {
    const auto& member = one.members[i];
    if (member.key != other.members[i].key) return false;
    const bool leads = is_on_path && member.key == path[deep];
    if (!same_but_for(member.value, other.members[i].value, path, leads, deep + 1)) return false;
  }
  return true;
}

bool says(const Node& node, const std::string& value) {
  const auto wanted = document::parse({"value", value});
  return wanted.documents.size() == 1 && same_but_for(node, *wanted.documents.front().root, {}, false, 0);
}

const document::Document* document_at(const std::vector<document::Document>& documents, const Position& root) {
  const auto found = std::ranges::find(documents, root, [](const auto& document) { return document.root->position; });
  return found == documents.end() ? nullptr : &*found;
}

bool is_separator(std::string_view line) { return line == "---" || line.starts_with("--- "); }

// The lines of a document and of one of the separators around it, as offsets; what follows a separator on its line is
// the document's.
std::string without_document(const std::string& text, const Position& root) {
  std::size_t begin = 0;
  std::size_t end = text.size();
  std::size_t previous = text.size();  // separator before it
  std::uint32_t line = 1;
  for (std::size_t at = 0; at < text.size(); ++line) {
    const auto stop = std::min(text.find('\n', at), text.size());
    const auto next = std::min(stop + 1, text.size());
    if (is_separator(std::string_view(text).substr(at, stop - at))) {
      if (line > root.line) return text.substr(0, begin) + text.substr(next);
      begin = next;
      previous = at;
    }
    at = next;
  }
  return text.substr(0, std::min(begin, previous)) + text.substr(end);
}

// The text with one edit made in it.
Result<std::string> with(const std::string& text, const Edit& edit) {
  const auto parsed = document::parse({edit.file, text});
  const auto* document = document_at(parsed.documents, *edit.document);
  if (document == nullptr) return fail(Code::NotFound, "{} has no document there", edit.file);
  if (edit.path.empty()) return without_document(text, *edit.document);
  const auto* node = at_path(*document->root, edit.path);
  if (node == nullptr) return fail(Code::NotFound, "{} has no {}", edit.file, fmt::join(edit.path, "."));
  auto changed = text;
  const auto begin = offset_of(text, node->position);
  changed.replace(begin, end_of_value(text, begin) - begin, edit.value);
  const auto after = document::parse({edit.file, changed});
  const auto* is = document_at(after.documents, *edit.document);
  const bool is_right = after.problems.empty() && after.documents.size() == parsed.documents.size() && is != nullptr &&
                        same_but_for(*document->root, *is->root, edit.path, true, 0);
  if (is_right && says(*at_path(*is->root, edit.path), edit.value)) return changed;
  return fail(Code::Invalid, "{}:{}:{}: {} is not written as one value on one line; change it there", edit.file,
              node->position.line, node->position.column, fmt::join(edit.path, "."));
}

}  // namespace

const document::Document* document_of(const std::vector<document::Document>& documents, const document::Place& place) {
  const document::Document* found = nullptr;
  for (const auto& document : documents) {
    if (document.source->file != place.file || document.root->position > place.position) continue;
    if (found == nullptr || found->root->position < document.root->position) found = &document;
  }
  return found;
}

Result<std::vector<FileChange>> edited(const std::vector<document::Document>& documents, std::vector<Edit> edits) {
  std::map<std::string, FileChange> changes;
  // From the last document of a file to its first, so that places hold.
  std::ranges::sort(edits, [](const Edit& one, const Edit& other) { return one.document > other.document; });
  for (const auto& edit : edits) {
    const auto of_file = std::ranges::find(documents, edit.file, [](const auto& one) { return one.source->file; });
    auto& change = changes.try_emplace(edit.file, FileChange{edit.file, std::nullopt, std::nullopt}).first->second;
    if (!edit.document) {
      if (of_file != documents.end()) return fail(Code::Exists, "{} is there already", edit.file);
      change.after = edit.value;
      continue;
    }
    if (of_file == documents.end()) return fail(Code::NotFound, "there is no {}", edit.file);
    if (!change.before) change.before = change.after = of_file->source->text;
    auto text = with(change.after.value_or(""), edit);
    if (!text) return pass(text);
    change.after = *std::move(text);
    if (document::parse({edit.file, *change.after}).documents.empty()) change.after.reset();
  }
  std::vector<FileChange> listed;
  for (auto& [file, change] : changes) listed.push_back(std::move(change));
  return listed;
}

Result<document::Source> rewritten(const document::Document& document, const Path& path, const std::string& value) {
  auto text = with(document.source->text, {document.source->file, document.root->position, path, value});
  if (!text) return pass(text);
  return document::Source{document.source->file, *std::move(text)};
}

}  // namespace myelin::review
