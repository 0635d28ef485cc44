#include "plan/tree.h"

#include <fmt/core.h>

#include <map>

#include "plan/digest.h"

namespace myelin::plan {
namespace {

// The size before a name keeps one that holds a line break from looking like two.
std::string listed(const model::Model& model) {
  std::map<std::string_view, std::string_view> texts;
  for (const auto& document : model.documents) texts.emplace(document.source->file, document.source->text);
  std::string lines;
  for (const auto& [file, text] : texts) lines += fmt::format("{} {} {}\n", sha256(text), file.size(), file);
  return lines;
}

}  // namespace

std::string tree_hash(std::uint64_t base, const model::Model& before, const model::Model& after) {
  return sha256(fmt::format("myelin tree 1\nrevision {}\n{}becomes\n{}", base, listed(before), listed(after)));
}

std::string text_to_sign(std::string_view tree) { return fmt::format("myelin plan {}\n", tree); }

}  // namespace myelin::plan
