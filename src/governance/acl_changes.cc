#include "governance/acl_changes.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <set>

#include "governance/acls.h"
#include "governance/refuse.h"

namespace myelin::governance {
namespace {

using policy::Operation;
using policy::Resource;
using policy::ResourceKind;
using Creation = kafka::CreateAclsRequest::AclCreation;
using Filter = kafka::DeleteAclsRequest::DeleteAclsFilter;
using FilterResult = kafka::DeleteAclsResponse::DeleteAclsFilterResult;

constexpr std::int16_t kInvalid = kafka::code_of(kafka::ErrorCode::InvalidRequest);
constexpr std::int16_t kNotStored = kafka::code_of(kafka::ErrorCode::KafkaStorageError);
constexpr std::size_t kSourcesNamed = 3;  // in one message
constexpr std::string_view kUser = "User:";
constexpr std::int8_t kMatch = 2, kPrefixed = 4;  // pattern types
constexpr std::int8_t kDeny = 2;                  // permission
constexpr std::int8_t kAlterConfigs = 11;         // operation

// By Kafka's numbers.
constexpr std::array<std::string_view, 8> kResourceNames{
    "unknown", "any", "topic", "group", "cluster", "transactional_id", "delegation_token", "user"};
constexpr std::array<std::string_view, 16> kOperationNames{"unknown",
                                                           "any",
                                                           "all",
                                                           "read",
                                                           "write",
                                                           "create",
                                                           "delete",
                                                           "alter",
                                                           "describe",
                                                           "cluster_action",
                                                           "describe_configs",
                                                           "alter_configs",
                                                           "idempotent_write",
                                                           "create_tokens",
                                                           "describe_tokens",
                                                           "two_phase_commit"};
constexpr std::array<std::string_view, 4> kPermissionNames{"unknown", "any", "deny", "allow"};

template <std::size_t kCount>
std::string_view name_in(const std::array<std::string_view, kCount>& names, std::int8_t number) {
  const auto index = static_cast<std::size_t>(number);
  return number >= 0 && index < kCount ? names[index] : names[0];
}

void refuse(auto& result, std::int16_t code, std::string message) {
  result.error_code = code;
  result.error_message = std::move(message);
}

bool is_understood(const Creation& asked) {
  const AclFilter filter{asked.resource_type, asked.resource_name, asked.resource_pattern_type, asked.principal,
                         asked.host,          asked.operation,     asked.permission_type};
  const bool is_one = asked.resource_type != AclFilter::kAny && asked.operation != AclFilter::kAny &&
                      asked.permission_type != AclFilter::kAny && asked.resource_pattern_type > kMatch;
  return is_one && filter.is_understood();
}

std::string at(const std::optional<model::Place>& place) {
  return place && !place->file.empty() ? fmt::format(" ({})", place->text()) : "";
}

std::string name_of_principal(const Creation& asked) {
  return asked.principal.starts_with(kUser) ? asked.principal.substr(kUser.size()) : asked.principal;
}

// What would give the access that was asked for, or gives it already.
std::string where_declared(const Access& access, const Creation& asked) {
  const auto kind = kind_of(asked.resource_type);
  const auto operation = kind ? deciding(*kind, asked.operation) : std::nullopt;
  if (!operation) return "access is declared in the model, which knows no such resource or operation";
  const auto& snapshot = access.snapshot();
  const auto subject = snapshot.subject(PrincipalName(name_of_principal(asked)));
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
std::string where_from(const Access& access, std::string text, const std::vector<const Acl*>& matching) {
  std::vector<std::string> sources;
  for (const auto* acl : matching) {
    const auto source = source_of(access.snapshot(), *acl, access.time());
    auto one = fmt::format("{}: {}{}", acl->principal, source.reason, at(source.place));
    if (std::ranges::find(sources, one) == sources.end()) sources.push_back(std::move(one));
  }
  for (std::size_t index = 0; index < std::min(sources.size(), kSourcesNamed); ++index) {
    text += (index == 0 ? ": " : "; ") + sources[index];
  }
  if (sources.size() > kSourcesNamed) text += fmt::format("; and {} more", sources.size() - kSourcesNamed);
  return text;
}

std::string where_declared(const Access& access, const std::vector<const Acl*>& matching) {
  return where_from(access, "access is declared in the model, to be changed there", matching);
}

Result<model::RightResource> read_resource(const Creation& asked) {
  if (const auto resource = right_resource(asked.resource_type)) return *resource;
  const auto name = name_in(kResourceNames, asked.resource_type);
  if (kind_of(asked.resource_type) == ResourceKind::Cluster) {
    return fail(Code::Invalid,
                "what is done to the {} is for the role platform, which the Policy document gives; a "
                "grant is about a topic, group or transactional id",
                name);
  }
  return fail(Code::Invalid, "{} is nothing that a grant can be about; expected topic, group or transactional_id",
              name);
}

Result<model::RightOperation> read_operation(model::RightResource resource, const Creation& asked) {
  const auto operation = right_operation(asked.operation);
  if (operation && model::is_known(resource, *operation)) return *operation;
  if (asked.operation == kAlterConfigs && resource == model::RightResource::Topic) {
    return fail(Code::Invalid,
                "alter_configs can't be granted alone: whoever may alter a topic may alter its configs; "
                "ask for alter");
  }
  return fail(Code::Invalid, "operation {} can't be granted for a {}", name_in(kOperationNames, asked.operation),
              model::name_of(resource));
}

// The right that the ACL would be; otherwise why no grant can say so.
Result<model::Right> read_right(const policy::Snapshot& snapshot, const Creation& asked) {
  if (asked.permission_type == kDeny) {
    return fail(Code::Invalid, "a grant can't deny: what is neither owned nor granted is denied already");
  }
  if (asked.host != "*") {
    return fail(Code::Invalid, "host {}: access does not depend on the address of a client; expected *", asked.host);
  }
  if (!asked.principal.starts_with(kUser) || asked.principal == "User:*") {
    return fail(Code::Invalid, "principal {}: expected User:NAME, one principal of the model", asked.principal);
  }
  model::Right right;
  right.principal = PrincipalName(name_of_principal(asked));
  auto resource = read_resource(asked);
  if (!resource) return pass(resource);
  right.resource = *resource;
  auto operation = read_operation(*resource, asked);
  if (!operation) return pass(operation);
  right.operation = *operation;
  right.name = asked.resource_name;
  right.is_prefix = asked.resource_pattern_type == kPrefixed;
  if (const auto wrong = model::wrong_name(right)) {
    return fail(Code::Invalid, "{} \"{}\" {}", model::name_of(right.resource), right.name, *wrong);
  }
  if (!snapshot.subject(right.principal).known) {
    return fail(Code::Invalid,
                "principal {} is in no document: declare it first, in myelin.dev/principals of a "
                "Component or as a User",
                right.principal.text());
  }
  return right;
}

bool is_declared(const policy::Snapshot& snapshot, const model::Right& right) {
  return std::ranges::any_of(snapshot.model().direct_grants,
                             [&](const model::DirectGrant& grant) { return grant.right == right; });
}

void add_match(FilterResult& result, const Acl& acl, const AclTerm& operation, std::int16_t code,
               std::optional<std::string> why) {
  auto& match = result.matching_acls.emplace_back();
  match.error_code = code;
  match.error_message = std::move(why);
  match.resource_type = acl.resource_type.number;
  match.resource_name = acl.name;
  match.pattern_type = acl.pattern_type.number;
  match.principal = acl.kafka_principal();
  match.host = "*";
  match.operation = operation.number;
  match.permission_type = acl.permission.number;
}

// The ACLs that documents give, of those that the filter fits.
std::vector<const Acl*> declared_of(const std::vector<Acl>& all) {
  std::vector<const Acl*> declared;
  for (const auto& acl : all) {
    const auto* direct = acl.allowance.decision.direct_grant;
    if (direct == nullptr || !direct->is_made()) declared.push_back(&acl);
  }
  return declared;
}

}  // namespace

kafka::CreateAclsResponse AclChanges::create(const Access& access, const kafka::CreateAclsRequest& request) {
  kafka::CreateAclsResponse response;
  policy::DirectGrants added;
  std::vector<std::size_t> made;  // results
  for (const auto& asked : request.creations) {
    auto& result = response.results.emplace_back();
    if (!is_understood(asked)) {
      refuse(result, kInvalid, std::string(kNotUnderstood));
      continue;
    }
    if (!is_writable_) {
      refuse(result, kPolicyViolated, where_declared(access, asked));
      continue;
    }
    auto right = read_right(access.snapshot(), asked);
    if (!right) {
      refuse(result, kPolicyViolated, right.error().message);
    } else if (!is_declared(access.snapshot(), *right)) {
      made.push_back(response.results.size() - 1);
      added.push_back({*std::move(right), {}, {}, access.principal(), access.time().reached});
    }
  }
  if (added.empty()) return response;
  if (const auto done = grants_.add(added, policy_); !done) {
    const auto code = done.error().code == Code::Invalid ? kPolicyViolated : kNotStored;
    for (const auto index : made) refuse(response.results[index], code, done.error().message);
  }
  return response;
}

// What matches nothing takes nothing away, and is done.
kafka::DeleteAclsResponse AclChanges::remove(const Access& access, const kafka::DeleteAclsRequest& request) {
  kafka::DeleteAclsResponse response;
  const auto grants = grants_.all();
  std::set<model::Right> removed;
  for (const auto& asked : request.filters) {
    auto& result = response.filter_results.emplace_back();
    const auto filter = filter_of(asked);
    if (!filter.is_understood()) {
      refuse(result, kInvalid, std::string(kNotUnderstood));
      continue;
    }
    const auto matching = acls(access.snapshot(), filter, access.time());
    const auto declared = declared_of(matching);
    std::vector<const model::DirectGrant*> made;
    for (const auto& grant : *grants) {
      if (fits(filter, grant)) made.push_back(&grant);
    }
    if (!made.empty() && !is_writable_) {
      const auto& grant = *made.front();
      refuse(result, kPolicyViolated,
             fmt::format("the setting acl_api is read_only: {}: {}; `myelin adopt` writes it as a document",
                         grant.right.principal.text(), policy::provenance_of(grant)));
    } else if (made.empty() && !declared.empty()) {
      refuse(result, kPolicyViolated, where_declared(access, declared));
    } else {
      for (const auto* grant : made) {
        const auto acl = acl_of(grant->right);
        add_match(result, acl, acl.operations.front(), 0, std::nullopt);
        removed.insert(grant->right);
      }
      for (const auto* acl : declared) {
        const auto why = where_declared(access, {acl});
        for (const auto& operation : acl->operations) add_match(result, *acl, operation, kPolicyViolated, why);
      }
    }
  }
  if (removed.empty()) return response;
  if (const auto done = grants_.remove(removed, policy_); !done) {
    for (auto& result : response.filter_results) {
      if (result.error_code == 0 && !result.matching_acls.empty()) refuse(result, kNotStored, done.error().message);
      result.matching_acls.clear();
    }
  }
  return response;
}

std::string changes_of(const kafka::CreateAclsRequest& request) {
  return listed("ACL", request.creations, [](const Creation& asked) {
    return fmt::format("{} {} of {} {}{} to {}", name_in(kPermissionNames, asked.permission_type),
                       name_in(kOperationNames, asked.operation), name_in(kResourceNames, asked.resource_type),
                       asked.resource_name, asked.resource_pattern_type == kPrefixed ? "*" : "", asked.principal);
  });
}

std::string changes_of(const kafka::DeleteAclsRequest& request) {
  return listed("ACLs", request.filters, [](const Filter& asked) {
    return fmt::format("{} of {} {}{} to {}", name_in(kOperationNames, asked.operation),
                       name_in(kResourceNames, asked.resource_type_filter), asked.resource_name_filter.value_or("any"),
                       asked.pattern_type_filter == kPrefixed ? "*" : "", asked.principal_filter.value_or("anybody"));
  });
}

}  // namespace myelin::governance
