#include "plan/overlay.h"

#include <algorithm>
#include <map>
#include <memory>

namespace myelin::plan {
namespace {

struct File {
  std::shared_ptr<const document::Source> source;
  std::vector<EntityName> entities;
};
using Files = std::map<std::string, File>;

Files files_of(const std::vector<document::Document>& documents) {
  Files files;
  for (const auto& document : documents) {
    auto& file = files[document.source->file];
    file.source = document.source;
    if (auto name = entity_of(document)) file.entities.push_back(*std::move(name));
  }
  return files;
}

// What the given files declare, as far as they can be parsed; the rest is for the loader to report.
std::set<EntityName> declared_in(const std::vector<document::Source>& sources, const Files& in_force) {
  std::set<EntityName> declared;
  for (const auto& source : sources) {
    const auto same = in_force.find(source.file);
    if (same != in_force.end() && same->second.source->text == source.text) {
      declared.insert(same->second.entities.begin(), same->second.entities.end());
      continue;
    }
    for (const auto& document : document::parse(source).documents) {
      if (auto name = entity_of(document)) declared.insert(*std::move(name));
    }
  }
  return declared;
}

}  // namespace

Overlay overlaid(const model::Model& in_force, std::vector<document::Source> given, const MayGo& may_go) {
  const auto files = files_of(in_force.documents);
  const auto declared = declared_in(given, files);
  std::set<std::string> names;
  for (const auto& source : given) names.insert(source.file);
  Overlay overlay;
  overlay.sources = std::move(given);
  for (const auto& [name, file] : files) {
    if (names.contains(name)) continue;
    const auto goes = [&](const EntityName& entity) { return declared.contains(entity) || may_go(entity); };
    if (!file.entities.empty() && std::ranges::all_of(file.entities, goes)) continue;
    overlay.left_out.insert(name);
    overlay.sources.push_back(*file.source);
  }
  std::ranges::sort(overlay.sources, {}, &document::Source::file);
  return overlay;
}

}  // namespace myelin::plan
