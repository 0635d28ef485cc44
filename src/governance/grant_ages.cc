#include "governance/grant_ages.h"

#include <set>
#include <utility>

#include "document/parse.h"

namespace myelin::governance {
namespace {

using Grants = std::set<std::string>;

std::string text_of(const document::Node& node, std::string_view key) {
  const auto* found = node.find(key);
  return found == nullptr ? std::string() : found->text;
}

// Each text is read once, in however many revisions it stands.
class ApprovedGrants {
 public:
  explicit ApprovedGrants(const Revisions& revisions) : revisions_(revisions) {}

  Result<Grants> of(const Revision& revision) {
    Grants grants;
    for (const auto& file : revision.files) {
      if (!file.name.starts_with("grants/")) continue;
      auto approved = of(file);
      if (!approved) return pass(approved);
      grants.insert((*approved)->begin(), (*approved)->end());
    }
    return grants;
  }

 private:
  Result<const Grants*> of(const Revision::File& file) {
    const auto known = by_text_.find(file.digest);
    if (known != by_text_.end()) return &known->second;
    auto source = revisions_.document(file);
    if (!source) return pass(source);
    Grants grants;
    for (const auto& document : document::parse(*std::move(source)).documents) {
      if (text_of(*document.root, "status") == "approved") grants.insert(text_of(*document.root, "id"));
    }
    return &by_text_.emplace(file.digest, std::move(grants)).first->second;
  }

  const Revisions& revisions_;
  std::map<std::string, Grants> by_text_;
};

}  // namespace

Result<std::map<std::string, WallTime>> approved_since(const Revisions& revisions) {
  std::map<std::string, WallTime> since;
  const auto newest_first = revisions.newest_first();
  if (newest_first.empty()) return since;
  ApprovedGrants approved(revisions);
  auto unbroken = approved.of(newest_first.front());
  if (!unbroken) return pass(unbroken);
  for (const auto& revision : newest_first) {
    auto grants = approved.of(revision);
    if (!grants) return pass(grants);
    std::erase_if(*unbroken, [&](const std::string& grant) { return !grants->contains(grant); });
    if (unbroken->empty()) break;
    for (const auto& grant : *unbroken) since.insert_or_assign(grant, revision.time);
  }
  return since;
}

}  // namespace myelin::governance
