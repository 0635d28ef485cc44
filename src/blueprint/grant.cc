#include "blueprint/grant.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "document/nearest.h"
#include "document/scalar.h"

namespace myelin::blueprint {

using document::scalar;

Result<const model::OutputPort*> port_of(const model::Product& product, const std::string& wanted) {
  const auto& ports = product.ports;
  if (wanted.empty() && ports.size() == 1) return &ports.front();
  std::vector<std::string> names;
  for (const auto& port : ports) names.push_back(port.name);
  if (wanted.empty()) {
    return fail(Code::Invalid, "product {} has {} ports; say which one: {}", product.name.text(), names.size(),
                fmt::join(names, ", "));
  }
  const auto port = std::ranges::find(ports, wanted, &model::OutputPort::name);
  if (port != ports.end()) return &*port;
  return fail(Code::NotFound, "product {} has no port {}{}", product.name.text(), wanted,
              document::suggestion(wanted, names));
}

std::string grant_id(const NewGrant& grant) {
  const auto& product = grant.product.name.text();
  const auto& application = grant.application.text();
  if (grant.product.ports.size() == 1) return fmt::format("{}-for-{}", product, application);
  return fmt::format("{}-{}-for-{}", product, grant.port.name, application);
}

std::string grant_document(std::string_view id, const NewGrant& grant) {
  return fmt::format(
      "apiVersion: v0.9.0\nkind: AccessAgreement\nid: {}\nstatus: approved\ndescription:\n  purpose: {}\n{}"
      "provider: {{teamId: {}, dataProductId: {}, outputPortId: {}}}\nconsumer: {{teamId: {}}}\n"
      "customProperties:\n  - {{property: application, value: {}, vendor: myelin}}\n",
      scalar(id), scalar(grant.purpose),
      grant.until.empty() ? "" : fmt::format("endTimestamp: {}\n", scalar(grant.until)),
      scalar(grant.product.owner.text()), scalar(grant.product.id), scalar(grant.port.name), scalar(grant.squad.text()),
      scalar(grant.application.text()));
}

}  // namespace myelin::blueprint
