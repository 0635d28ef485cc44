#pragma once
// What the policy allows, in Kafka's words: as ACLs. Pure.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "policy/allowances.h"

namespace myelin::governance {

// What holds in dev mode, where nothing is allowed or denied.
inline constexpr std::string_view kNothingIsChecked =
    "dev mode checks nothing: everybody may do everything, except with topics whose names start with __";

inline constexpr std::string_view kNotUnderstood =
    "a resource type, pattern type, operation or permission type is none that Kafka knows";

// A number of Kafka's protocol with its name, in small letters.
struct AclTerm {
  std::int8_t number = 0;
  std::string_view name;
};

// Some operations of one principal on the resources of one pattern. Hosts do not matter: "*".
struct Acl {
  AclTerm resource_type;
  std::string name;  // "*" for everything of the type
  AclTerm pattern_type;
  std::string principal;  // "*" for whoever signed in
  AclTerm permission;
  std::vector<AclTerm> operations;  // not empty, by number
  policy::Allowance allowance;      // that it tells; lives as long as the snapshot

  [[nodiscard]] std::string kafka_principal() const { return "User:" + principal; }
};

// As in the requests of Kafka's protocol; what is not set, or Any, fits everything.
struct AclFilter {
  static constexpr std::int8_t kAny = 1;
  static constexpr std::int8_t kMatch = 2;  // patterns that take in `name`, besides those that are called so

  std::int8_t resource_type = kAny;
  std::optional<std::string> name{};
  std::int8_t pattern_type = kAny;
  std::optional<std::string> principal{};  // "User:till-1"
  std::optional<std::string> host{};
  std::int8_t operation = kAny;
  std::int8_t permission_type = kAny;

  // Whether all its numbers are Kafka's.
  [[nodiscard]] bool is_understood() const;
};
// Of a request that describes or deletes ACLs.
[[nodiscard]] AclFilter filter_of(const auto& asked) {
  return {asked.resource_type_filter, asked.resource_name_filter, asked.pattern_type_filter,
          asked.principal_filter,     asked.host_filter,          asked.operation,
          asked.permission_type};
}
// Whether it fits the grant as Kafka's ACL, be it in force or not.
[[nodiscard]] bool fits(const AclFilter& filter, const model::DirectGrant& grant);
[[nodiscard]] AclFilter filter_of_topic(std::string_view topic);

// Those that the filter fits, sorted by resource, then by principal. A name that nobody owns has ACLs of its own only
// when the filter asks for it. Nothing in dev mode, where nothing is checked.
[[nodiscard]] std::vector<Acl> acls(const policy::Snapshot& snapshot, const AclFilter& filter, Moment now);

// The operation that decides about Kafka's operation on such a resource, where there is one; that of "all" is the first
// that the resource knows.
[[nodiscard]] std::optional<policy::Operation> deciding(policy::ResourceKind kind, std::int8_t operation);
[[nodiscard]] std::optional<policy::ResourceKind> kind_of(std::int8_t resource_type);
// What Kafka's numbers are in a grant, and back.
[[nodiscard]] std::optional<model::RightResource> right_resource(std::int8_t resource_type);
[[nodiscard]] std::optional<model::RightOperation> right_operation(std::int8_t operation);
[[nodiscard]] Acl acl_of(const model::Right& right);

// Why an ACL holds, and the document that says so.
struct AclSource {
  std::string reason;  // "owner", "grant orders-for-billing until 2027-01-01", "role platform", "made by API by ada at
                       // ...", ...
  std::optional<model::Place> place;
};
[[nodiscard]] AclSource source_of(const policy::Snapshot& snapshot, const Acl& acl, Moment now);

}  // namespace myelin::governance
