#pragma once
// The policy as a list of who may do what with which names, made by asking the rules that decide.
#include <string>
#include <vector>

#include "policy/snapshot.h"

namespace myelin::policy {

// Names that are decided alike.
enum class Extent : std::uint8_t { Name, Prefix, Everything };
struct Pattern {
  ResourceKind kind = ResourceKind::Cluster;
  std::string name;  // or what the names begin with; empty for everything of the kind, and for the cluster
  Extent extent = Extent::Name;
  auto operator<=>(const Pattern&) const = default;
};

// A principal may do something when an allowance says so and none that is an exception denies it.
struct Allowance {
  Pattern pattern;
  PrincipalName principal;            // empty: whoever signed in
  std::vector<Operation> operations;  // in the order of the enumeration
  Decision decision;                  // alike for all of these; not allowed: an exception from a prefix
};

}  // namespace myelin::policy
