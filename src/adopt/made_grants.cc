#include "adopt/made_grants.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "adopt/documents.h"
#include "adopt/names.h"

namespace myelin::adopt {
namespace {

using Grants = std::vector<const model::DirectGrant*>;

std::string document_of(const Grants& grants, Names& names) {
  std::string comments;
  std::vector<model::Right> rights;
  for (const auto* grant : grants) {
    comments += fmt::format("# {}: {}\n", model::name_of(grant->right.operation), policy::provenance_of(*grant));
    rights.push_back(grant->right);
  }
  const auto& right = rights.front();
  const auto name = names.id("DirectGrant", fmt::format("{}-{}-{}", plain(right.principal.text()),
                                                        model::name_of(right.resource), plain(right.name)));
  return direct_grant_document(name, comments, rights);
}

}  // namespace

MadeGrants made_grants(const policy::Snapshot& snapshot) {
  MadeGrants made;
  if (!snapshot.settings().made_grants) return made;
  std::map<std::tuple<PrincipalName, model::RightResource, std::string, bool>, Grants> patterns;
  for (const auto& grant : *snapshot.settings().made_grants) {
    const auto& right = grant.right;
    if (std::ranges::find(snapshot.model().direct_grants, right, &model::DirectGrant::right) !=
        snapshot.model().direct_grants.end()) {
      continue;
    }
    if (snapshot.subject(right.principal).known) {
      patterns[{right.principal, right.resource, right.name, right.is_prefix}].push_back(&grant);
      ++made.grants;
    } else {
      made.unknown.insert(right.principal);
    }
  }
  Names names(snapshot.model());
  for (const auto& [pattern, grants] : patterns) made.yaml += "---\n" + document_of(grants, names);
  made.documents = patterns.size();
  return made;
}

}  // namespace myelin::adopt
