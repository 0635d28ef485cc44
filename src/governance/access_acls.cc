// Kafka's ACLs: told to the role platform, and refused as a way to change access, which is declared in documents. In
// dev mode nothing is checked, which is told as a Kafka without an authorizer tells it.
#include <fmt/core.h>

#include <algorithm>

#include "governance/access.h"
#include "governance/acls.h"
#include "governance/refuse.h"

namespace myelin::governance {
namespace {

using policy::Operation;
using policy::Resource;
using policy::ResourceKind;

constexpr std::int16_t kInvalid = kafka::code_of(kafka::ErrorCode::InvalidRequest);
constexpr std::int16_t kDisabled = kafka::code_of(kafka::ErrorCode::SecurityDisabled);
constexpr std::size_t kSourcesNamed = 3;  // in one message

struct Refusal {
  std::int16_t code;
  std::string message;
};

// Set: why the request is refused whole.
std::optional<Refusal> refusal(Access& access, Operation operation) {
  if (access.snapshot().settings().dev_mode) return Refusal{kDisabled, std::string(kNothingIsChecked)};
  if (access.may(operation, Resource::cluster())) return std::nullopt;
  return Refusal{kClusterRefused, "ACLs are for the role platform; `myelin acls` shows those that concern you"};
}

AclFilter filter_of(const auto& asked) {
  return {asked.resource_type_filter, asked.resource_name_filter, asked.pattern_type_filter,
          asked.principal_filter,     asked.host_filter,          asked.operation,
          asked.permission_type};
}

AclFilter filter_of(const kafka::CreateAclsRequest::AclCreation& asked) {
  return {asked.resource_type, asked.resource_name, asked.resource_pattern_type, asked.principal,
          asked.host,          asked.operation,     asked.permission_type};
}

Refusal not_understood() {
  return {kInvalid, "a resource type, pattern type, operation or permission type is none that Kafka knows"};
}

std::string at(const std::optional<model::Place>& place) {
  return place && !place->file.empty() ? fmt::format(" ({})", place->text()) : "";
}

// What would give the access that was asked for, or gives it already.
std::string where_declared(const Access& access, const kafka::CreateAclsRequest::AclCreation& asked) {
  const auto kind = kind_of(asked.resource_type);
  const auto operation = kind ? deciding(*kind, asked.operation) : std::nullopt;
  if (!operation) return "access is declared in the model, which knows no such resource or operation";
  constexpr std::string_view kUser = "User:";
  auto name = asked.principal;
  if (name.starts_with(kUser)) name.erase(0, kUser.size());
  const auto& snapshot = access.snapshot();
  const auto subject = snapshot.subject(PrincipalName(name));
  const Resource resource{*kind, asked.resource_name};
  const auto decision = snapshot.decide(subject, *operation, resource, access.time());
  const auto explanation = snapshot.explain(subject, *operation, resource, decision);
  const bool is_granted = *kind == ResourceKind::Topic && access.declared(asked.resource_name) != nullptr &&
                          (*operation == Operation::Read || *operation == Operation::Describe);
  return fmt::format("access is declared in the model, {}: {}{}",
                     is_granted ? "by an AccessAgreement" : "by who owns what", explanation.text,
                     at(explanation.place));
}

// What gives the access that was to be taken away.
std::string where_declared(const Access& access, const std::vector<Acl>& matching) {
  std::vector<std::string> sources;
  for (const auto& acl : matching) {
    const auto source = source_of(access.snapshot(), acl, access.time());
    auto text = fmt::format("{}: {}{}", acl.principal, source.reason, at(source.place));
    if (std::ranges::find(sources, text) == sources.end()) sources.push_back(std::move(text));
  }
  std::string text = "access is declared in the model, to be changed there";
  for (std::size_t index = 0; index < std::min(sources.size(), kSourcesNamed); ++index) {
    text += (index == 0 ? ": " : "; ") + sources[index];
  }
  if (sources.size() > kSourcesNamed) text += fmt::format("; and {} more", sources.size() - kSourcesNamed);
  return text;
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
      auto& entry = resource->acls.emplace_back();
      entry.principal = acl.kafka_principal();
      entry.host = "*";
      entry.operation = operation.number;
      entry.permission_type = acl.permission.number;
    }
  }
  return response;
}

void refuse(auto& result, Refusal refusal) {
  result.error_code = refusal.code;
  result.error_message = std::move(refusal.message);
}

}  // namespace

Ruling rule_on_api(const AccessPtr& access, kafka::DescribeAclsRequest& request) {
  Ruling ruling;
  kafka::DescribeAclsResponse response;
  const auto filter = filter_of(request);
  if (auto refused = refusal(*access, Operation::Describe)) {
    refuse(response, *std::move(refused));
  } else if (!filter.is_understood()) {
    refuse(response, not_understood());
  } else {
    response = described(acls(access->snapshot(), filter, access->time()));
  }
  ruling.answer.emplace(std::move(response));
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::CreateAclsRequest& request) {
  Ruling ruling;
  kafka::CreateAclsResponse response;
  const auto refused = refusal(*access, Operation::Alter);
  for (const auto& asked : request.creations) {
    auto& result = response.results.emplace_back();
    if (refused) {
      refuse(result, *refused);
    } else if (!filter_of(asked).is_understood()) {
      refuse(result, not_understood());
    } else {
      refuse(result, {kPolicyViolated, where_declared(*access, asked)});
    }
  }
  ruling.answer.emplace(std::move(response));
  return ruling;
}

// What matches nothing takes nothing away, and is done.
Ruling rule_on_api(const AccessPtr& access, kafka::DeleteAclsRequest& request) {
  Ruling ruling;
  kafka::DeleteAclsResponse response;
  const auto refused = refusal(*access, Operation::Alter);
  for (const auto& asked : request.filters) {
    auto& result = response.filter_results.emplace_back();
    const auto filter = filter_of(asked);
    if (refused) {
      refuse(result, *refused);
    } else if (!filter.is_understood()) {
      refuse(result, not_understood());
    } else if (const auto matching = acls(access->snapshot(), filter, access->time()); !matching.empty()) {
      refuse(result, {kPolicyViolated, where_declared(*access, matching)});
    }
  }
  ruling.answer.emplace(std::move(response));
  return ruling;
}

}  // namespace myelin::governance
