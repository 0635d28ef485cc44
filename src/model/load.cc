#include "model/load.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "model/drafts.h"

namespace myelin::model {
namespace {

struct FolderReader {
  std::string_view folder;
  std::string_view ending;  // of the names of its files, before .yaml or .yml
  void (*read)(const Fields&, Drafts&);
};
constexpr std::array<FolderReader, 5> kFolders{{{"org/", "", read_org},
                                                {"contracts/", ".odcs", read_contract},
                                                {"products/", ".odps", read_product},
                                                {"grants/", "", read_grant},
                                                {"myelin/", "", read_own}}};

// The reader for a file; nullptr, and noted, when the model has no place for it.
const FolderReader* reader_of(const std::string& file, document::Problems& problems) {
  const auto folder =
      std::ranges::find_if(kFolders, [&](const FolderReader& each) { return file.starts_with(each.folder); });
  if (folder == kFolders.end()) {
    problems.push_back({{file, {}}, "lies outside org/, contracts/, products/, grants/ and myelin/"});
    return nullptr;
  }
  const std::string_view stem = std::string_view(file).substr(0, file.rfind('.'));
  if (stem.ends_with(folder->ending)) return folder;
  problems.push_back({{file, {}}, fmt::format("expected a name that ends with {}.yaml", folder->ending)});
  return nullptr;
}

void read_documents(std::span<const document::Document> documents, const FolderReader& reader, Drafts& drafts,
                    document::Problems& problems) {
  for (const document::Document& each : documents) {
    if (each.root->is(document::NodeKind::Map)) {
      reader.read(Fields(*each.root, "", *each.source, problems), drafts);
    } else {
      problems.push_back({{each.source->file, each.root->position},
                          fmt::format("the document is {}, expected a map that starts with apiVersion and kind",
                                      document::described(each.root->kind))});
    }
  }
}

void resolve(const Drafts& drafts, Model& model, document::Problems& problems) {
  resolve_org(drafts, model, problems);
  resolve_directory(drafts, model, problems);
  resolve_prefixes(drafts, problems);
  resolve_data(drafts, model, problems);
  resolve_grants(drafts, model, problems);
  resolve_direct_grants(drafts, model, problems);
  resolve_policy(drafts, model, problems);
  resolve_rules(drafts, model, problems);
  resolve_accountability(drafts, model, problems);
  resolve_teams(drafts, model, problems);
}

// The documents of a file that `known` holds with the same bytes; empty when it doesn't.
std::span<const document::Document> same_in(const Model& known, const document::Source& source) {
  const auto file_of = [](const document::Document& each) -> const std::string& { return each.source->file; };
  const auto same = std::ranges::equal_range(known.documents, source.file, {}, file_of);
  if (same.empty() || same.front().source->text != source.text) return {};
  return same;
}

}  // namespace

Loaded load(std::vector<document::Source> sources) { return load(std::move(sources), {}); }

Loaded load(std::vector<document::Source> sources, const Model& known) {
  std::ranges::sort(sources, {}, &document::Source::file);
  Loaded loaded;
  Drafts drafts;
  for (document::Source& source : sources) {
    const FolderReader* reader = reader_of(source.file, loaded.problems);
    if (reader == nullptr) {
      drafts.unread.add(std::move(source));
      continue;
    }
    if (const auto same = same_in(known, source); !same.empty()) {
      read_documents(same, *reader, drafts, loaded.problems);
      loaded.model.documents.insert(loaded.model.documents.end(), same.begin(), same.end());
      continue;
    }
    document::Parsed parsed = document::parse(source);
    if (!parsed.problems.empty()) drafts.unread.add(std::move(source));
    std::ranges::move(parsed.problems, std::back_inserter(loaded.problems));
    read_documents(parsed.documents, *reader, drafts, loaded.problems);
    std::ranges::move(parsed.documents, std::back_inserter(loaded.model.documents));
  }
  resolve(drafts, loaded.model, loaded.problems);
  document::sort(loaded.problems);
  return loaded;
}

Result<Loaded> load_folder(const std::filesystem::path& folder) {
  auto sources = read_folder(folder);
  if (!sources) return pass(sources);
  return load(std::move(*sources));
}

}  // namespace myelin::model
