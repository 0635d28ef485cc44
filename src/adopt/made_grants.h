#pragma once
// Grants that were made over Kafka's API, written as the documents that would declare them. Pure.
#include <cstddef>
#include <set>
#include <string>

#include "policy/snapshot.h"

namespace myelin::adopt {

struct MadeGrants {
  std::size_t documents = 0;
  std::size_t grants = 0;
  std::string yaml;                 // one stream of documents, for a file in myelin/; empty when there is nothing
  std::set<PrincipalName> unknown;  // principals whose grants are left out, since no document knows them by now
};
// One document for each principal and pattern, sorted, with names that no document has yet.
[[nodiscard]] MadeGrants made_grants(const policy::Snapshot& snapshot);

}  // namespace myelin::adopt
