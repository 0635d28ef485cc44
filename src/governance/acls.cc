#include "governance/acls.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "model/who.h"

namespace myelin::governance {
namespace {

using policy::Extent;
using policy::Operation;
using policy::ResourceKind;

constexpr std::string_view kEverything = "*";
constexpr std::string_view kAnyHost = "*";
constexpr std::string_view kCluster = "kafka-cluster";
constexpr AclTerm kLiteral{3, "literal"};
constexpr AclTerm kPrefixed{4, "prefixed"};
constexpr AclTerm kDeny{2, "deny"};
constexpr AclTerm kAllow{3, "allow"};
constexpr std::int8_t kAll = 2;  // operation
// The last of Kafka's numbers, whether anything here has it or not.
constexpr std::int8_t kLastResourceType = 7;
constexpr std::int8_t kLastOperation = 15;

// Which of Kafka's operations an operation of the policy is; the same as in the table of APIs.
struct Meaning {
  ResourceKind kind;
  Operation operation;
  AclTerm term;
};
constexpr std::array kMeanings{
    Meaning{ResourceKind::Topic, Operation::Read, {3, "read"}},
    Meaning{ResourceKind::Topic, Operation::Write, {4, "write"}},
    Meaning{ResourceKind::Topic, Operation::Create, {5, "create"}},
    Meaning{ResourceKind::Topic, Operation::Delete, {6, "delete"}},
    Meaning{ResourceKind::Topic, Operation::Alter, {7, "alter"}},
    Meaning{ResourceKind::Topic, Operation::Describe, {8, "describe"}},
    Meaning{ResourceKind::Topic, Operation::Describe, {10, "describe_configs"}},
    Meaning{ResourceKind::Topic, Operation::Alter, {11, "alter_configs"}},
    Meaning{ResourceKind::Group, Operation::Read, {3, "read"}},
    Meaning{ResourceKind::Group, Operation::Delete, {6, "delete"}},
    Meaning{ResourceKind::Group, Operation::Describe, {8, "describe"}},
    Meaning{ResourceKind::TransactionalId, Operation::Write, {4, "write"}},
    Meaning{ResourceKind::TransactionalId, Operation::Describe, {8, "describe"}},
    Meaning{ResourceKind::Cluster, Operation::Alter, {7, "alter"}},
    Meaning{ResourceKind::Cluster, Operation::Describe, {8, "describe"}},
    Meaning{ResourceKind::Cluster, Operation::Describe, {10, "describe_configs"}},
    Meaning{ResourceKind::Cluster, Operation::Alter, {11, "alter_configs"}},
};

AclTerm type_of(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::Topic:
      return {2, "topic"};
    case ResourceKind::Group:
      return {3, "group"};
    case ResourceKind::Cluster:
      return {4, "cluster"};
    case ResourceKind::TransactionalId:
      return {5, "transactional_id"};
  }
  return {};
}

std::string name_of(const policy::Pattern& pattern) {
  if (pattern.kind == ResourceKind::Cluster) return std::string(kCluster);
  return pattern.extent == Extent::Everything ? std::string(kEverything) : pattern.name;
}

bool fits(std::int8_t wanted, std::int8_t number) { return wanted == AclFilter::kAny || wanted == number; }

bool fits_pattern(const AclFilter& filter, const Acl& acl) {
  if (!fits(filter.resource_type, acl.resource_type.number)) return false;
  const bool is_match = filter.pattern_type == AclFilter::kMatch;
  if (!is_match && !fits(filter.pattern_type, acl.pattern_type.number)) return false;
  if (!filter.name || *filter.name == acl.name) return true;
  if (!is_match) return false;
  return acl.pattern_type.number == kPrefixed.number ? filter.name->starts_with(acl.name) : acl.name == kEverything;
}

AclTerm term_of(model::RightOperation operation) {
  using enum model::RightOperation;
  switch (operation) {
    case All:
      return {kAll, "all"};
    case Read:
      return {3, "read"};
    case Write:
      return {4, "write"};
    case Create:
      return {5, "create"};
    case Delete:
      return {6, "delete"};
    case Alter:
      return {7, "alter"};
    case Describe:
      return {8, "describe"};
    case DescribeConfigs:
      return {10, "describe_configs"};
  }
  return {};
}

Acl told_as(policy::Allowance allowance, const AclFilter& filter) {
  Acl acl;
  if (const auto* direct = allowance.decision.direct_grant) {
    acl = acl_of(direct->right);
    if (!fits(filter.operation, acl.operations.front().number)) acl.operations.clear();
    acl.allowance = std::move(allowance);
    return acl;
  }
  acl.resource_type = type_of(allowance.pattern.kind);
  acl.name = name_of(allowance.pattern);
  acl.pattern_type = allowance.pattern.extent == Extent::Prefix ? kPrefixed : kLiteral;
  acl.principal = allowance.principal.empty() ? std::string(kEverything) : allowance.principal.text();
  acl.permission = allowance.decision.allowed ? kAllow : kDeny;
  for (const auto& meaning : kMeanings) {
    if (meaning.kind != allowance.pattern.kind || !fits(filter.operation, meaning.term.number)) continue;
    const auto& told = allowance.operations;
    if (std::ranges::find(told, meaning.operation) != told.end()) acl.operations.push_back(meaning.term);
  }
  acl.allowance = std::move(allowance);
  return acl;
}

bool fits_entry(const AclFilter& filter, const Acl& acl) {
  return (!filter.principal || *filter.principal == acl.kafka_principal()) &&
         (!filter.host || *filter.host == kAnyHost) && fits(filter.permission_type, acl.permission.number);
}

std::string reason_of(const policy::Decision& decision, Moment now) {
  using enum policy::Reason;
  switch (decision.reason) {
    case Owner:
      return "owner";
    case Grant:
      return fmt::format("grant {} {}", decision.grant->id, model::state_of(*decision.grant, now));
    case DirectGrant:
      return policy::provenance_of(*decision.direct_grant);
    case Platform:
      return "role platform";
    case ReportedDenial:
      return "authorise is report";
    case ReportedUndeclared:
      return "undeclared_topics is report";
    default:
      return "another squad owns it";
  }
}

}  // namespace

Acl acl_of(const model::Right& right) {
  Acl acl;
  acl.resource_type = type_of(policy::kind_of(right.resource));
  acl.name = right.name;
  acl.pattern_type = right.is_prefix ? kPrefixed : kLiteral;
  acl.principal = right.principal.text();
  acl.permission = kAllow;
  acl.operations = {term_of(right.operation)};
  return acl;
}

bool fits(const AclFilter& filter, const model::DirectGrant& grant) {
  const auto acl = acl_of(grant.right);
  return fits(filter.operation, acl.operations.front().number) && fits_pattern(filter, acl) && fits_entry(filter, acl);
}

std::optional<model::RightResource> right_resource(std::int8_t resource_type) {
  for (const auto resource : model::kRightResources) {
    if (type_of(policy::kind_of(resource)).number == resource_type) return resource;
  }
  return std::nullopt;
}

std::optional<model::RightOperation> right_operation(std::int8_t operation) {
  for (const auto one : model::kRightOperations) {
    if (term_of(one).number == operation) return one;
  }
  return std::nullopt;
}

bool AclFilter::is_understood() const {
  const auto is_within = [](std::int8_t number, std::int8_t last) { return number >= kAny && number <= last; };
  return is_within(resource_type, kLastResourceType) && is_within(pattern_type, kPrefixed.number) &&
         is_within(operation, kLastOperation) && is_within(permission_type, kAllow.number);
}

AclFilter filter_of_topic(std::string_view topic) {
  return {.resource_type = type_of(ResourceKind::Topic).number,
          .name = std::string(topic),
          .pattern_type = AclFilter::kMatch};
}

std::vector<Acl> acls(const policy::Snapshot& snapshot, const AclFilter& filter, Moment now) {
  const bool asks_for_a_name = filter.name && *filter.name != kEverything && filter.pattern_type != kPrefixed.number;
  const auto asked = asks_for_a_name ? std::optional<std::string_view>(*filter.name) : std::nullopt;
  std::vector<Acl> found;
  for (auto& allowance : snapshot.allowances(asked, now)) {
    auto acl = told_as(std::move(allowance), filter);
    if (!acl.operations.empty() && fits_pattern(filter, acl) && fits_entry(filter, acl))
      found.push_back(std::move(acl));
  }
  return found;
}

std::optional<policy::Operation> deciding(ResourceKind kind, std::int8_t operation) {
  const auto found = std::ranges::find_if(kMeanings, [&](const Meaning& meaning) {
    return meaning.kind == kind && (operation == kAll || meaning.term.number == operation);
  });
  return found == kMeanings.end() ? std::nullopt : std::optional(found->operation);
}

std::optional<ResourceKind> kind_of(std::int8_t resource_type) {
  for (const auto& meaning : kMeanings) {
    if (type_of(meaning.kind).number == resource_type) return meaning.kind;
  }
  return std::nullopt;
}

AclSource source_of(const policy::Snapshot& snapshot, const Acl& acl, Moment now) {
  const auto& allowance = acl.allowance;
  const auto explanation = snapshot.explain(snapshot.subject(allowance.principal), allowance.operations.front(),
                                            {allowance.pattern.kind, allowance.pattern.name}, allowance.decision);
  return {reason_of(allowance.decision, now), explanation.place};
}

}  // namespace myelin::governance
