#include "governance/document_texts.h"

#include <algorithm>
#include <utility>

#include "plan/digest.h"

namespace myelin::governance {
namespace {

constexpr std::size_t kBytesAtOnce = 512U << 10;  // of texts in one write; one that is longer goes alone

}  // namespace

Result<std::vector<Revision::File>> keep_texts(state::StateStore& store, const std::vector<document::Source>& files) {
  std::vector<state::Change> changes;
  std::vector<Revision::File> kept;
  std::size_t bytes = 0;
  const auto flush = [&]() -> Result<void> {
    if (changes.empty()) return {};
    bytes = 0;
    return store.put_and_wait(std::exchange(changes, {}));
  };
  for (const auto& file : files) {
    auto digest = plan::sha256(file.text);
    kept.push_back({file.file, digest});
    if (store.get(state::Table::Documents, digest)) continue;
    if (bytes + file.text.size() > kBytesAtOnce) {
      if (auto written = flush(); !written) return pass(written);
    }
    bytes += file.text.size();
    changes.push_back({state::Table::Documents, std::move(digest), file.text});
  }
  if (auto written = flush(); !written) return pass(written);
  std::ranges::sort(kept, {}, &Revision::File::name);
  return kept;
}

Result<std::vector<document::Source>> read_texts(const state::StateStore& store,
                                                 const std::vector<Revision::File>& files, std::string_view owner) {
  std::vector<document::Source> sources;
  for (const auto& file : files) {
    auto text = store.get(state::Table::Documents, file.digest);
    if (!text || plan::sha256(*text) != file.digest) {
      return fail(Code::Corrupt, "{}: {} is missing or not what it was", owner, file.name);
    }
    sources.push_back({file.name, *std::move(text)});
  }
  return sources;
}

void write_files(state::FieldWriter& writer, const std::vector<Revision::File>& files) {
  writer.number(static_cast<std::int64_t>(files.size()));
  for (const auto& file : files) {
    writer.text(file.name);
    writer.text(file.digest);
  }
}

std::vector<Revision::File> read_files(state::FieldReader& reader) {
  std::vector<Revision::File> files;
  const auto count = reader.number();
  for (std::int64_t i = 0; i < count; ++i) {
    auto name = reader.text();
    auto digest = reader.text();
    if (digest.empty()) break;  // nothing is left to read
    files.push_back({std::move(name), std::move(digest)});
  }
  return files;
}

}  // namespace myelin::governance
