#include "governance/access_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "document/nearest.h"
#include "model/timestamp.h"
#include "review/edit.h"

namespace myelin::governance {
namespace {

constexpr std::size_t kPurposeBytesMax = 1000;

// A text of a document, in double quotes.
std::string quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') quoted += '\\';
    quoted += letter;
  }
  return quoted + '"';
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text,
                             [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F; });
}

Result<void> check_texts(const AccessRequest& request) {
  if (request.purpose.empty()) return fail(Code::Invalid, "say the purpose: whoever owns the product decides by it");
  if (request.purpose.size() > kPurposeBytesMax || has_control(request.purpose)) {
    return fail(Code::Invalid, "the purpose is one line of at most {} bytes", kPurposeBytesMax);
  }
  if (!request.until.empty() && !model::parse_timestamp(request.until, model::DateMeans::EndOfDay)) {
    return fail(Code::Invalid, "until: '{}' is no time; write 2027-01-31 or 2027-01-31T12:00:00Z", request.until);
  }
  return {};
}

template <typename Values>
std::vector<std::string> names_of(const Values& values) {
  std::vector<std::string> names;
  for (const auto& [name, value] : values) names.push_back(name.text());
  return names;
}

Result<const model::OutputPort*> port_of(const model::Product& product, const std::string& wanted) {
  std::vector<std::string> names;
  for (const auto& port : product.ports) names.push_back(port.name);
  if (wanted.empty() && product.ports.size() == 1) return &product.ports.front();
  if (wanted.empty()) {
    return fail(Code::Invalid, "product {} has {} ports; say which one: {}", product.name.text(), names.size(),
                fmt::join(names, ", "));
  }
  const auto port = std::ranges::find(product.ports, wanted, &model::OutputPort::name);
  if (port != product.ports.end()) return &*port;
  return fail(Code::NotFound, "product {} has no port {}{}", product.name.text(), wanted,
              document::suggestion(wanted, names));
}

// Of the grant that is to be: everything but its name is checked.
struct Wanted {
  const model::Product& product;
  const model::Application& application;
  const model::OutputPort& port;
};

Result<Wanted> wanted(const AccessRequest& request, const model::Model& model) {
  if (auto checked = check_texts(request); !checked) return pass(checked);
  const auto product = model.products.find(request.product);
  if (product == model.products.end()) {
    return fail(Code::NotFound, "there is no product {}{}", request.product.text(),
                document::suggestion(request.product.text(), names_of(model.products)));
  }
  const auto application = model.applications.find(request.application);
  if (application == model.applications.end()) {
    return fail(Code::NotFound, "there is no application {}{}", request.application.text(),
                document::suggestion(request.application.text(), names_of(model.applications)));
  }
  auto port = port_of(product->second, request.port);
  if (!port) return pass(port);
  if (application->second.squad == product->second.owner) {
    return fail(Code::Invalid, "squad {} owns product {}: its applications read it without a grant",
                product->second.owner.text(), request.product.text());
  }
  return Wanted{product->second, application->second, **port};
}

document::Source grant_document(const std::string& id, const AccessRequest& request, const Wanted& wanted) {
  auto text =
      fmt::format("apiVersion: v0.9.0\nkind: AccessAgreement\nid: {}\nstatus: approved\ndescription:\n  purpose: {}\n",
                  id, quoted(request.purpose));
  if (!request.until.empty()) text += fmt::format("endTimestamp: {}\n", quoted(request.until));
  text += fmt::format(
      "provider: {{teamId: {}, dataProductId: {}, outputPortId: {}}}\nconsumer: {{teamId: {}}}\n"
      "customProperties:\n  - {{property: application, value: {}, vendor: myelin}}\n",
      wanted.product.owner.text(), quoted(request.product.text()), quoted(wanted.port.name),
      wanted.application.squad.text(), quoted(request.application.text()));
  return {fmt::format("grants/{}.yaml", id), std::move(text)};
}

// "orders-for-invoicer", with the port between them where the product has several.
std::string name_of(const Wanted& wanted) {
  const auto& product = wanted.product.name.text();
  if (wanted.product.ports.size() == 1) return fmt::format("{}-for-{}", product, wanted.application.name.text());
  return fmt::format("{}-{}-for-{}", product, wanted.port.name, wanted.application.name.text());
}

Result<const model::Grant*> grant_of(const model::Model& model, const std::string& id) {
  if (const auto* known = model.grant(id)) return known;
  std::vector<std::string> names;
  for (const auto& grant : model.grants) names.push_back(grant.id);
  return fail(Code::NotFound, "there is no grant {}{}", id, document::suggestion(id, names));
}

}  // namespace

Result<document::Source> grant_for(const AccessRequest& request, const model::Model& model) {
  auto grant = wanted(request, model);
  if (!grant) return pass(grant);
  const auto id = name_of(*grant);
  if (const auto* known = model.grant(id)) {
    return fail(Code::Exists, "grant {} is there already, {}: {}", id, model::name_of(known->status),
                known->place.text());
  }
  return grant_document(id, request, *grant);
}

Result<document::Source> emergency_grant_for(const AccessRequest& request, const model::Model& model, WallTime now) {
  auto grant = wanted(request, model);
  if (!grant) return pass(grant);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  return grant_document(fmt::format("break-glass-{}-{}", name_of(*grant), seconds), request, *grant);
}

Result<document::Source> prolonged(const model::Model& model, const std::string& grant, const std::string& until) {
  auto known = grant_of(model, grant);
  if (!known) return pass(known);
  if (!(*known)->end) return fail(Code::Invalid, "grant {} has no end: there is nothing to renew", grant);
  const auto end = model::parse_timestamp(until, model::DateMeans::EndOfDay);
  if (!end) return fail(Code::Invalid, "until: '{}' is no time; write 2027-01-31 or 2027-01-31T12:00:00Z", until);
  if (*end <= *(*known)->end) {
    return fail(Code::Invalid, "grant {} lasts until {} already", grant, model::short_timestamp(*(*known)->end));
  }
  return review::rewritten(*review::document_of(model.documents, (*known)->place), {"endTimestamp"}, quoted(until));
}

Result<document::Source> withdrawn(const model::Model& model, const std::string& grant) {
  auto known = grant_of(model, grant);
  if (!known) return pass(known);
  return review::rewritten(*review::document_of(model.documents, (*known)->place), {"status"}, "rejected");
}

}  // namespace myelin::governance
