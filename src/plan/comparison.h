#pragma once
// What is different between two versions of a document, member by member.
#include <optional>
#include <string>
#include <vector>

#include "document/node.h"

namespace myelin::plan {

struct FieldChange {
  std::string path;                   // "spec.owner", "schema[sale].properties[sku].required"
  std::optional<std::string> before;  // a scalar as written, a list or map as one line of JSON; nullopt: it is new
  std::optional<std::string> after;   // nullopt: it is gone
  bool operator==(const FieldChange&) const = default;
};

// In the order of the members of `after`, then what is gone. Items of a list go by the member that names them (name,
// id, property, channel, ...), so that an item that moved is no difference. Items without one, or of which two share
// one, come and go whole, and their order counts: of a person's squads, the first is metered.
[[nodiscard]] std::vector<FieldChange> differences(const document::Node& before, const document::Node& after);

}  // namespace myelin::plan
