#include "blueprint/documents.h"

#include <fmt/core.h>

#include "document/scalar.h"

namespace myelin::blueprint {
namespace {

using document::scalar;

constexpr std::string_view kBackstage = "apiVersion: backstage.io/v1alpha1\n";

std::string purpose_of(const std::string& purpose) {
  return purpose.empty() ? "" : fmt::format("description:\n  purpose: {}\n", scalar(purpose));
}

}  // namespace

std::string domain_document(std::string_view name, std::string_view owner) {
  return fmt::format("{}kind: Domain\nmetadata:\n  name: {}\nspec:\n  owner: {}\n", kBackstage, scalar(name),
                     scalar(owner));
}

std::string group_document(std::string_view name, std::string_view domain, const std::vector<std::string>& members) {
  std::string list;
  for (const auto& member : members) list += (list.empty() ? "" : ", ") + scalar(member);
  return fmt::format(
      "{}kind: Group\nmetadata:\n  name: {}\n  annotations:\n    myelin.dev/domain: {}\nspec:\n  type: team\n"
      "  children: []\n{}",
      kBackstage, scalar(name), scalar(domain), list.empty() ? "" : fmt::format("  members: [{}]\n", list));
}

std::string user_document(std::string_view name, std::string_view squad) {
  return fmt::format("{}kind: User\nmetadata:\n  name: {}\nspec:\n  memberOf: [{}]\n", kBackstage, scalar(name),
                     scalar(squad));
}

std::string profile_document(const NewSquad& squad) {
  return fmt::format(
      "apiVersion: myelin.dev/v1alpha1\nkind: TeamProfile\nmetadata:\n  name: {0}\nspec:\n"
      "  squad: {0}\n  type: {1}\n{2}",
      scalar(squad.name), model::name_of(squad.type),
      squad.on_call.empty() ? "" : fmt::format("  on_call: {}\n", scalar(squad.on_call)));
}

std::string application_document(std::string_view name, std::string_view squad) {
  return fmt::format(
      "{0}kind: Component\nmetadata:\n  name: {1}\n  annotations:\n    myelin.dev/principals: {1}\nspec:\n"
      "  type: service\n  lifecycle: production\n  owner: {2}\n",
      kBackstage, scalar(name), scalar(squad));
}

std::string contract_document(const NewProduct& product, std::string_view topic) {
  return fmt::format(
      "apiVersion: v3.2.0\nkind: DataContract\nid: {0}\nname: {0}\nversion: 1.0.0\nstatus: active\n"
      "team: {{name: {1}}}\n{2}schema:\n  - name: {0}\n    physicalName: {3}\n    physicalType: topic\n"
      "    # What the sample clients write, as JSON: put your own record here and there.\n    properties:\n"
      "      - {{name: id, logicalType: string, required: true, unique: true, description: Its key}}\n"
      "      - {{name: happened_at, logicalType: timestamp, required: true, description: \"When it happened, in "
      "UTC\"}}\n"
      "    customProperties:\n      - {{property: partitions, value: 3, vendor: myelin}}\n",
      scalar(product.name), scalar(product.squad), purpose_of(product.purpose), scalar(topic));
}

std::string product_document(const NewProduct& product) {
  return fmt::format(
      "apiVersion: v1.0.0\nkind: DataProduct\nid: {0}\nname: {0}\nversion: 1.0.0\nstatus: active\n{1}"
      "team: {{name: {2}}}\noutputPorts:\n  - {{name: {0}, version: 1.0.0, type: kafka, contractId: {0}}}\n",
      scalar(product.name), purpose_of(product.purpose), scalar(product.squad));
}

}  // namespace myelin::blueprint
