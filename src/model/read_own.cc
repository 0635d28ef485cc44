// Kinds of our own, myelin.dev/v1alpha1: every field has a consumer, so an unknown one is an error.
#include <array>

#include "model/drafts.h"
#include "model/named.h"
#include "model/rules.h"

namespace myelin::model {
namespace {

void read_operations(const Fields& spec, DirectGrantDraft& grant) {
  const auto operations = spec.texts("operations");
  if (operations.empty()) spec.note(spec.place(), "spec.operations is missing or empty; expected a list of operations");
  for (const Text& text : operations) {
    const auto operation = named(kRightOperations, text.value);
    if (operation && is_known(grant.right.resource, *operation)) {
      grant.operations.push_back(*operation);
      continue;
    }
    std::vector<std::string> known;
    for (const auto one : kRightOperations) {
      if (is_known(grant.right.resource, one)) known.emplace_back(name_of(one));
    }
    spec.note(text.place, "operation \"" + text.value + "\" is unknown for a " +
                              std::string(name_of(grant.right.resource)) + "; use " + alternatives(known));
  }
}

void read_direct_grant(const Fields& spec, DirectGrantDraft& grant) {
  static const std::array<std::string, 5> kSpecFields{"principal", "resource", "name", "pattern", "operations"};
  static const std::array<std::string, 2> kPatterns{"literal", "prefixed"};
  static const auto kResources = names_of(kRightResources);
  spec.allow_only(kSpecFields);
  grant.principal = spec.required_text("principal");
  if (!spec.required_text("resource").empty()) {
    const auto resource = spec.choice("resource", kResources);
    if (resource) grant.right.resource = *named(kRightResources, resource->value);
  }
  if (const auto pattern = spec.choice("pattern", kPatterns)) grant.right.is_prefix = pattern->value == "prefixed";
  const Text name = spec.required_text("name");
  grant.right.name = name.value;
  if (!name.empty()) {
    if (const auto wrong = wrong_name(grant.right)) spec.note(name.place, "name \"" + name.value + "\": " + *wrong);
  }
  read_operations(spec, grant);
}

}  // namespace

void read_own(const Fields& document, Drafts& drafts) {
  static const std::array<std::string, 4> kKinds{"Policy", "DirectGrant", "AccountabilityModel", "TeamProfile"};
  static const std::array<std::string, 1> kVersions{"myelin.dev/v1alpha1"};
  static const std::array<std::string, 4> kFields{"apiVersion", "kind", "metadata", "spec"};
  static const std::array<std::string, 1> kMetadataFields{"name"};
  if (document.required_text("kind").empty()) return;
  const auto kind = document.choice("kind", kKinds);
  if (!kind) return;
  if (!document.required_text("apiVersion").empty()) static_cast<void>(document.choice("apiVersion", kVersions));
  document.allow_only(kFields);
  Text name;
  if (const auto metadata = document.required_map("metadata")) {
    metadata->allow_only(kMetadataFields);
    name = metadata->required_text("name");
  }
  const auto spec = document.required_map("spec");
  if (kind->value == "Policy") {
    PolicyDraft policy;
    policy.name = std::move(name);
    if (spec) read_policy(*spec, policy);
    if (!policy.name.empty()) drafts.policies.push_back(std::move(policy));
  } else if (kind->value == "AccountabilityModel") {
    AccountabilityModelDraft model;
    model.name = std::move(name);
    if (spec) read_accountability(*spec, model);
    if (!model.name.empty()) drafts.accountability_models.push_back(std::move(model));
  } else if (kind->value == "TeamProfile") {
    TeamProfileDraft profile;
    profile.name = std::move(name);
    if (spec) read_team(*spec, profile);
    if (!profile.name.empty()) drafts.team_profiles.push_back(std::move(profile));
  } else {
    DirectGrantDraft grant;
    grant.id = std::move(name);
    if (spec) read_direct_grant(*spec, grant);
    if (!grant.id.empty()) drafts.direct_grants.push_back(std::move(grant));
  }
}

}  // namespace myelin::model
