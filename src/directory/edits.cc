#include "directory/edits.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "directory/entity.h"
#include "document/offset.h"

namespace myelin::directory {
namespace {

using document::Document;
using document::Member;
using document::Node;
using document::NodeKind;

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Of a scalar that stands on one line as it is meant, with or without quotes; nullopt of any other.
std::optional<Span> span_of(std::string_view text, const Node& scalar) {
  const auto begin = document::offset_of(text, scalar.position);
  const auto rest = text.substr(std::min(begin, text.size()));
  if (rest.starts_with(scalar.text) && !scalar.text.empty()) return Span{begin, begin + scalar.text.size()};
  const bool is_quoted = rest.starts_with('"') || rest.starts_with('\'');
  const auto inside = is_quoted ? rest.substr(1) : std::string_view();
  if (!is_quoted || !inside.starts_with(scalar.text)) return std::nullopt;
  if (!inside.substr(scalar.text.size()).starts_with(rest.front())) return std::nullopt;
  return Span{begin, begin + scalar.text.size() + 2};
}

bool is_in_braces(std::string_view text, const Node& map) {
  return text.substr(document::offset_of(text, map.position)).starts_with('{');
}

// The line that holds a byte, as offsets: its begin, and behind its line feed.
Span line_around(std::string_view text, std::size_t at) {
  const auto before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  const auto after = text.find('\n', at);
  return {before == std::string_view::npos ? 0 : before + 1, after == std::string_view::npos ? text.size() : after + 1};
}

std::size_t indent_of(std::string_view text, const Span& line) {
  const auto first = text.substr(line.begin, line.end - line.begin).find_first_not_of(' ');
  return first == std::string_view::npos ? 0 : first;
}

// Behind the last line of an item whose dash stands in the line.
std::size_t end_of_item(std::string_view text, const Span& dash) {
  auto end = dash.end;
  const auto indent = indent_of(text, dash);
  while (end < text.size()) {
    const auto line = line_around(text, end);
    const auto content = text.substr(line.begin, line.end - line.begin);
    const auto first = content.find_first_not_of(" \r\n");
    if (first == std::string_view::npos || first <= indent) break;
    end = line.end;
  }
  return end;
}

std::string in_order(const std::vector<std::pair<std::string, std::string>>& members, const std::string& between) {
  std::string text;
  for (const auto& [key, value] : members) text += fmt::format("{}{}: {}", text.empty() ? "" : between, key, value);
  return text;
}

}  // namespace

void Edits::note(const Document& document, const Node& node, std::string message) {
  problems_.push_back({{document.source->file, node.position}, std::move(message)});
}

void Edits::replace(const Document& document, const Node& scalar, const std::string& value) {
  const auto span = span_of(document.source->text, scalar);
  if (!span) {
    return note(document, scalar,
                fmt::format("is to become {}, and is not written as one value on one line; change it "
                            "there, then import again",
                            value));
  }
  edit(document, {span->begin, span->end - span->begin, value});
}

void Edits::insert(const Document& document, const Node& map,
                   const std::vector<std::pair<std::string, std::string>>& members) {
  const std::string_view text = document.source->text;
  if (members.empty()) return;
  if (map.members.empty()) {
    return note(document, map, fmt::format("is empty; write {} there, then import again", in_order(members, ", ")));
  }
  const auto& first = map.members.front().key_position;
  const auto between =
      is_in_braces(text, map) ? std::string(", ") : "\n" + std::string(std::size_t{first.column} - 1, ' ');
  edit(document, {document::offset_of(text, first), 0, in_order(members, between) + between});
}

void Edits::insert_annotations(const Document& document,
                               const std::vector<std::pair<std::string, std::string>>& members) {
  const std::string_view text = document.source->text;
  const auto* metadata = node_at(*document.root, {"metadata"});
  const auto* name = node_at(*document.root, {"metadata", "name"});
  const auto span = span_of(text, *name);
  if (!span) {
    return note(document, *name,
                fmt::format("write annotations: {{{}}} below it, then import again", in_order(members, ", ")));
  }
  if (is_in_braces(text, *metadata)) {
    return edit(document, {span->end, 0, fmt::format(", annotations: {{{}}}", in_order(members, ", "))});
  }
  const auto line = line_around(text, span->begin);
  const auto indent = indent_of(text, line);
  const auto between = "\n" + std::string(indent + 2, ' ');
  edit(document, {line.end, 0,
                  fmt::format("{}{}annotations:{}{}\n", text[line.end - 1] == '\n' ? "" : "\n",
                              std::string(indent, ' '), between, in_order(members, between))});
}

void Edits::change(const Document& document, const Member& list, const ListChange& change) {
  const std::string_view text = document.source->text;
  if (change.replaced.empty() && change.removed.empty() && change.added.empty()) return;
  if (text.substr(document::offset_of(text, list.value.position)).starts_with('[')) {
    change_in_brackets(document, list, change);
  } else {
    change_lines(document, list, change);
  }
}

void Edits::change_in_brackets(const Document& document, const Member& list, const ListChange& change) {
  const std::string_view text = document.source->text;
  const auto begin = document::offset_of(text, list.value.position);
  auto behind = begin + 1;
  std::vector<std::string> items;
  for (std::size_t i = 0; i < list.value.items.size(); ++i) {
    const auto span = span_of(text, list.value.items[i]);
    if (!span) {
      return note(document, list.value.items[i],
                  fmt::format("an item of {} is to change, and is not written as one "
                              "value on one line; change it there, then import again",
                              list.key));
    }
    behind = span->end;
    if (change.removed.contains(i)) continue;
    const auto replaced = change.replaced.find(i);
    items.push_back(replaced == change.replaced.end() ? std::string(text.substr(span->begin, span->end - span->begin))
                                                      : replaced->second);
  }
  std::ranges::copy(change.added, std::back_inserter(items));
  const auto close = text.find_first_not_of(" \r\n,", behind);
  if (close == std::string_view::npos || text[close] != ']') {
    return note(document, list.value,
                fmt::format("{} is to be [{}]; change it there, then import again", list.key, fmt::join(items, ", ")));
  }
  edit(document, {begin, close + 1 - begin, fmt::format("[{}]", fmt::join(items, ", "))});
}

void Edits::change_lines(const Document& document, const Member& list, const ListChange& change) {
  const std::string_view text = document.source->text;
  std::size_t indent = 0;
  std::size_t end = 0;
  for (std::size_t i = 0; i < list.value.items.size(); ++i) {
    const auto& item = list.value.items[i];
    const auto line = line_around(text, document::offset_of(text, item.position));
    indent = indent_of(text, line);
    end = end_of_item(text, line);
    const bool is_dashed = text.substr(line.begin + indent).starts_with("- ");
    if (!is_dashed) {
      return note(document, item,
                  fmt::format("an item of {} is to change, and is not behind a dash on a line of its "
                              "own; change it there, then import again",
                              list.key));
    }
    const auto replaced = change.replaced.find(i);
    if (change.removed.contains(i)) {
      edit(document, {line.begin, end - line.begin, ""});
    } else if (replaced != change.replaced.end()) {
      replace(document, item, replaced->second);
    }
  }
  if (end == 0) return note(document, list.value, fmt::format("write {}: [] there, then import again", list.key));
  std::string added = change.added.empty() || text[end - 1] == '\n' ? "" : "\n";
  for (const auto& item : change.added) added += fmt::format("{}- {}\n", std::string(indent, ' '), item);
  if (!added.empty()) edit(document, {end, 0, added});
  if (change.removed.size() < list.value.items.size() || !change.added.empty()) return;
  const auto colon = text.find(':', document::offset_of(text, list.key_position));
  edit(document, {colon + 1, 0, " []"});
}

void Edits::comment(const Document& document, const Node& node, std::string_view begin, const std::string& text) {
  const std::string_view file = document.source->text;
  const auto line = line_around(file, document::offset_of(file, node.position));
  if (line.begin > 0) {
    const auto above = line_around(file, line.begin - 1);
    const auto content = file.substr(above.begin, above.end - above.begin);
    const auto first = content.find_first_not_of(' ');
    if (first != std::string_view::npos && content.substr(first).starts_with(begin)) return;
  }
  edit(document, {line.begin, 0, std::string(indent_of(file, line), ' ') + text + "\n"});
}

void Edits::remove(const Document& document) {
  std::size_t order = 0;
  for (const auto& other : documents_) {
    if (&other == &document) break;
    order += other.source->file == document.source->file ? 1 : 0;
  }
  removed_[document.source->file].push_back(order);
}

void Edits::add(const std::string& file, const std::string& document) {
  auto& text = added_[file];
  text += (text.empty() ? "" : "---\n") + document;
}

// From the last to the first, so that places hold. What goes at a place goes before something else is written there.
std::vector<Edits::Edit> Edits::last_first(std::vector<Edit> edits) {
  for (std::size_t i = 0; i < edits.size(); ++i) edits[i].order = i;
  std::ranges::sort(edits, [](const Edit& one, const Edit& other) {
    return std::tie(one.begin, one.size, one.order) > std::tie(other.begin, other.size, other.order);
  });
  return edits;
}

std::vector<review::FileChange> Edits::made(document::Problems& problems) const {
  std::ranges::copy(problems_, std::back_inserter(problems));
  std::map<std::string, review::FileChange> changes;
  const auto change_of = [&](const std::string& file) -> review::FileChange& {
    const auto [found, is_new] = changes.try_emplace(file, review::FileChange{file, std::nullopt, std::nullopt});
    if (!is_new) return found->second;
    for (const auto& document : documents_) {
      if (document.source->file == file) found->second.before = document.source->text;
    }
    found->second.after = found->second.before;
    return found->second;
  };
  for (const auto& [file, edits] : edits_) {
    auto& text = change_of(file).after;
    for (const auto& one : last_first(edits)) text->replace(one.begin, one.size, one.text);
  }
  for (const auto& [file, orders] : removed_) {
    auto& change = change_of(file);
    const auto parsed = document::parse({file, *change.after});
    std::vector<review::Edit> gone;
    for (const auto order : orders) {
      if (order < parsed.documents.size()) gone.push_back({file, parsed.documents[order].root->position, {}, {}});
    }
    auto without = review::edited(parsed.documents, std::move(gone));
    if (without) {
      change.after = without->front().after;
    } else {
      problems.push_back({{file, {}}, without.error().message});
    }
  }
  for (const auto& [file, document] : added_) {
    auto& text = change_of(file).after;
    if (text && !text->empty()) {
      text = *text + (text->ends_with('\n') ? "" : "\n") + "---\n" + document;
    } else {
      text = document;
    }
  }
  std::vector<review::FileChange> listed;
  for (auto& [file, change] : changes) {
    if (change.before != change.after) listed.push_back(std::move(change));
  }
  return listed;
}

}  // namespace myelin::directory
