#include "adopt/documents.h"

#include <fmt/core.h>

#include "adopt/guess.h"
#include "document/scalar.h"

namespace myelin::adopt {
namespace {

using document::scalar;

constexpr std::string_view kBackstage = "apiVersion: backstage.io/v1alpha1\n";

// "a, b" as one scalar.
std::string joined(const auto& items, auto text_of) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ", ") + text_of(item);
  return scalar(text);
}

}  // namespace

std::string domain_document(std::string_view name, const SquadName& owner) {
  return fmt::format("{}kind: Domain\nmetadata:\n{}  name: {}\nspec:\n  owner: {}\n", kBackstage,
                     mark(2, "nothing that was seen tells domains apart: every new squad stands in this one"),
                     scalar(name), scalar(owner.text()));
}

std::string squad_document(const SquadName& squad, std::string_view domain) {
  return fmt::format(
      "{}kind: Group\nmetadata:\n  name: {}\n  annotations:\n    myelin.dev/domain: {}\nspec:\n  type: team\n"
      "  children: []\n",
      kBackstage, scalar(squad.text()), scalar(domain));
}

std::string user_document(const PrincipalName& person, const SquadName& squad) {
  const auto why = fmt::format("{} acts as platform by enrolment or a setting", person.text());
  return fmt::format("{}kind: User\nmetadata:\n  name: {}\nspec:\n{}  memberOf: [{}]\n", kBackstage,
                     scalar(person.text()), mark(2, why), scalar(squad.text()));
}

std::string application_document(const NewApplication& application) {
  const auto principals = joined(application.principals, [](const auto& principal) { return principal.text(); });
  const auto prefixes = joined(application.prefixes, [](const auto& prefix) { return prefix; });
  return fmt::format(
      "{}kind: Component\nmetadata:\n  name: {}\n  annotations:\n{}    myelin.dev/principals: {}\n"
      "{}    myelin.dev/prefixes: {}\nspec:\n  type: service\n  lifecycle: production\n{}  owner: {}\n",
      kBackstage, scalar(application.name), application.why_together.empty() ? "" : mark(4, application.why_together),
      principals, application.prefixes.empty() ? "" : mark(4, application.why_prefixes), prefixes,
      mark(2, application.why_squad), scalar(application.squad.text()));
}

std::string policy_document(const SquadName& platform, model::UndeclaredTopics undeclared) {
  return fmt::format(
      "apiVersion: myelin.dev/v1alpha1\nkind: Policy\nmetadata: {{name: adopted}}\nspec:\n  platform_group: {}\n"
      "  undeclared_topics: {}\n",
      scalar(platform.text()), model::name_of(undeclared));
}

std::string product_document(std::string_view id, const SquadName& owner, std::string_view contract,
                             const std::vector<std::string>& readers) {
  return fmt::format(
      "apiVersion: v1.0.0\nkind: DataProduct\nid: {0}\nname: {0}\nversion: 1.0.0\nstatus: active\ndescription:\n"
      "{1}  purpose: Adopted, since other squads read it.\nteam: {{name: {2}}}\noutputPorts:\n"
      "  - {{name: {0}, version: 1.0.0, type: kafka, contractId: {3}}}\n",
      scalar(id), mark(2, fmt::format("read by {}; nobody said what for", listed(readers))), scalar(owner.text()),
      scalar(contract));
}

std::string grant_document(const NewGrant& grant) {
  auto text = fmt::format(
      "apiVersion: v0.9.0\nkind: AccessAgreement\nid: {0}\nstatus: approved\ndescription:\n"
      "  purpose: Adopted, since it was read before there were documents.\n"
      "provider: {{teamId: {1}, dataProductId: {2}, outputPortId: {2}}}\n{3}",
      scalar(grant.id), scalar(grant.owner.text()), scalar(grant.product), mark(0, grant.why));
  if (grant.application.empty()) return text + fmt::format("consumer: {{userId: {}}}\n", scalar(grant.user));
  return text + fmt::format(
                    "consumer: {{teamId: {}}}\ncustomProperties:\n"
                    "  - {{property: application, value: {}, vendor: myelin}}\n",
                    scalar(grant.consumer.text()), scalar(grant.application));
}

std::string direct_grant_document(std::string_view name, std::string_view comments,
                                  const std::vector<model::Right>& rights) {
  const auto& first = rights.front();
  std::string operations;
  for (const auto& right : rights) {
    operations += fmt::format("{}{}", operations.empty() ? "" : ", ", model::name_of(right.operation));
  }
  return fmt::format(
      "{}apiVersion: myelin.dev/v1alpha1\nkind: DirectGrant\nmetadata: {{name: {}}}\nspec:\n  principal: {}\n"
      "  resource: {}\n  name: {}\n  pattern: {}\n  operations: [{}]\n",
      comments, scalar(name), scalar(first.principal.text()), model::name_of(first.resource), scalar(first.name),
      first.is_prefix ? "prefixed" : "literal", operations);
}

}  // namespace myelin::adopt
