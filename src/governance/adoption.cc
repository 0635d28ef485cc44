#include "governance/adoption.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

namespace myelin::governance {
namespace {

// A text of a document: names hold no control characters.
std::string quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') quoted += '\\';
    quoted += letter;
  }
  return quoted + '"';
}

// Of letters, digits, '.', '_' and '-'.
std::string plain(std::string_view text) {
  std::string plain(text);
  std::ranges::replace_if(
      plain,
      [](char letter) {
        const bool is_alphanumeric =
            (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
        return !is_alphanumeric && letter != '.' && letter != '_' && letter != '-';
      },
      '-');
  return plain;
}

// A name that is not in `taken`, and is from now on.
std::string name_for(const model::Right& right, std::set<std::string>& taken) {
  const auto base =
      fmt::format("{}-{}-{}", plain(right.principal.text()), model::name_of(right.resource), plain(right.name));
  auto name = base;
  for (int number = 2; !taken.insert(name).second; ++number) name = fmt::format("{}-{}", base, number);
  return name;
}

using Grants = std::vector<const model::DirectGrant*>;

std::string document_of(const Grants& grants, const std::string& name) {
  const auto& right = grants.front()->right;
  std::string text = "---\n";
  std::string operations;
  for (const auto* grant : grants) {
    text += fmt::format("# {}: {}\n", model::name_of(grant->right.operation), policy::provenance_of(*grant));
    operations += fmt::format("{}{}", operations.empty() ? "" : ", ", model::name_of(grant->right.operation));
  }
  text += fmt::format(
      "apiVersion: myelin.dev/v1alpha1\nkind: DirectGrant\nmetadata: {{name: {}}}\nspec:\n  principal: {}\n"
      "  resource: {}\n  name: {}\n  pattern: {}\n  operations: [{}]\n",
      quoted(name), quoted(right.principal.text()), model::name_of(right.resource), quoted(right.name),
      right.is_prefix ? "prefixed" : "literal", operations);
  return text;
}

}  // namespace

Adoption adopted(const policy::Snapshot& snapshot) {
  Adoption adoption;
  if (!snapshot.settings().made_grants) return adoption;
  std::map<std::tuple<PrincipalName, model::RightResource, std::string, bool>, Grants> patterns;
  for (const auto& grant : *snapshot.settings().made_grants) {
    const auto& right = grant.right;
    if (snapshot.subject(right.principal).known) {
      patterns[{right.principal, right.resource, right.name, right.is_prefix}].push_back(&grant);
      ++adoption.grants;
    } else {
      adoption.unknown.insert(right.principal);
    }
  }
  std::set<std::string> taken;
  for (const auto& grant : snapshot.model().direct_grants) taken.insert(grant.id);
  for (const auto& [pattern, grants] : patterns) {
    adoption.yaml += document_of(grants, name_for(grants.front()->right, taken));
  }
  adoption.documents = patterns.size();
  return adoption;
}

}  // namespace myelin::governance
