// Kafka's ACLs: told to the role platform, and changed by it as far as acl_changes.h lets it. In dev mode nothing is
// checked, which is told as a Kafka without an authorizer tells it.
#include <algorithm>
#include <ranges>

#include "governance/access.h"
#include "governance/acl_changes.h"
#include "governance/acls.h"
#include "governance/refuse.h"

namespace myelin::governance {
namespace {

using policy::Operation;
using policy::Resource;

struct Refusal {
  std::int16_t code;
  std::string_view message;
};

// Set: why the request is refused whole.
std::optional<Refusal> refusal(Access& access, Operation operation) {
  if (access.snapshot().settings().dev_mode) {
    return Refusal{kafka::code_of(kafka::ErrorCode::SecurityDisabled), kNothingIsChecked};
  }
  if (access.may(operation, Resource::cluster())) return std::nullopt;
  return Refusal{kClusterRefused, "ACLs are for the role platform; `myelin acls` shows those that concern you"};
}

void refuse(auto& result, const Refusal& refusal) {
  result.error_code = refusal.code;
  result.error_message = std::string(refusal.message);
}

kafka::DescribeAclsResponse described(const std::vector<Acl>& found) {
  kafka::DescribeAclsResponse response;
  for (const auto& acl : found) {
    auto* resource = response.resources.empty() ? nullptr : &response.resources.back();
    const bool is_same = resource != nullptr && resource->resource_type == acl.resource_type.number &&
                         resource->resource_name == acl.name && resource->pattern_type == acl.pattern_type.number;
    if (!is_same) {
      resource = &response.resources.emplace_back();
      resource->resource_type = acl.resource_type.number;
      resource->resource_name = acl.name;
      resource->pattern_type = acl.pattern_type.number;
    }
    for (const auto& operation : acl.operations) {
      kafka::DescribeAclsResponse::AclDescription entry;
      entry.principal = acl.kafka_principal();
      entry.host = "*";
      entry.operation = operation.number;
      entry.permission_type = acl.permission.number;
      // A principal may be given by a grant what it has by a rule.
      const auto of_principal = std::views::reverse(resource->acls) | std::views::take_while([&](const auto& other) {
                                  return other.principal == entry.principal;
                                });
      const bool is_told = std::ranges::any_of(of_principal, [&](const auto& other) {
        return other.operation == entry.operation && other.permission_type == entry.permission_type;
      });
      if (!is_told) resource->acls.push_back(std::move(entry));
    }
  }
  return response;
}

// Elements of the answer, one for each of the request.
template <typename Response>
Ruling rule_on_change(Access& access, const auto& request, const auto& elements, auto Response::* results) {
  Ruling ruling;
  const auto refused = refusal(access, Operation::Alter);
  if (!refused) ruling.changes = changes_of(request);
  if (!ruling.changes.empty()) return ruling;
  Response response;
  (response.*results).resize(elements.size());
  if (refused) {
    for (auto& result : response.*results) refuse(result, *refused);
  }
  ruling.answer.emplace(std::move(response));
  return ruling;
}

}  // namespace

Ruling rule_on_api(const AccessPtr& access, kafka::DescribeAclsRequest& request) {
  Ruling ruling;
  kafka::DescribeAclsResponse response;
  const auto filter = filter_of(request);
  if (const auto refused = refusal(*access, Operation::Describe)) {
    refuse(response, *refused);
  } else if (!filter.is_understood()) {
    refuse(response, {kafka::code_of(kafka::ErrorCode::InvalidRequest), kNotUnderstood});
  } else {
    response = described(acls(access->snapshot(), filter, access->time()));
  }
  ruling.answer.emplace(std::move(response));
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::CreateAclsRequest& request) {
  return rule_on_change(*access, request, request.creations, &kafka::CreateAclsResponse::results);
}

Ruling rule_on_api(const AccessPtr& access, kafka::DeleteAclsRequest& request) {
  return rule_on_change(*access, request, request.filters, &kafka::DeleteAclsResponse::filter_results);
}

}  // namespace myelin::governance
