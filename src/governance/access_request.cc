#include "governance/access_request.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "blueprint/grant.h"
#include "document/nearest.h"
#include "document/scalar.h"
#include "model/timestamp.h"
#include "review/edit.h"

namespace myelin::governance {
namespace {

constexpr std::size_t kPurposeBytesMax = 1000;

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

// Everything but its name is checked.
Result<blueprint::NewGrant> wanted(const AccessRequest& request, const model::Model& model) {
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
  auto port = blueprint::port_of(product->second, request.port);
  if (!port) return pass(port);
  if (application->second.squad == product->second.owner) {
    return fail(Code::Invalid, "squad {} owns product {}: its applications read it without a grant",
                product->second.owner.text(), request.product.text());
  }
  return blueprint::NewGrant{product->second,     **port,          application->second.squad,
                             request.application, request.purpose, request.until};
}

document::Source grant_document(const std::string& id, const blueprint::NewGrant& grant) {
  return {fmt::format("grants/{}.yaml", id), blueprint::grant_document(id, grant)};
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
  const auto id = blueprint::grant_id(*grant);
  if (const auto* known = model.grant(id)) {
    return fail(Code::Exists, "grant {} is there already, {}: {}", id, model::name_of(known->status),
                known->place.text());
  }
  return grant_document(id, *grant);
}

Result<document::Source> emergency_grant_for(const AccessRequest& request, const model::Model& model, WallTime now) {
  auto grant = wanted(request, model);
  if (!grant) return pass(grant);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  return grant_document(fmt::format("break-glass-{}-{}", blueprint::grant_id(*grant), seconds), *grant);
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
  return review::rewritten(*review::document_of(model.documents, (*known)->place), {"endTimestamp"},
                           document::scalar(until));
}

Result<document::Source> withdrawn(const model::Model& model, const std::string& grant) {
  auto known = grant_of(model, grant);
  if (!known) return pass(known);
  return review::rewritten(*review::document_of(model.documents, (*known)->place), {"status"}, "rejected");
}

}  // namespace myelin::governance
