#pragma once
// Who uses what, added up from the facts. Internal to the module.
#include <map>
#include <string>

#include "adopt/facts.h"

namespace myelin::adopt {

struct Use {
  std::int64_t count = 0;  // records appended, or offsets served; 0 of commits
  WallTime last_seen;
};
using ByPrincipal = std::map<PrincipalName, Use>;

struct Uses {
  std::map<TopicName, ByPrincipal> writes;  // of topics that are not internal
  std::map<TopicName, ByPrincipal> reads;
  std::map<GroupName, ByPrincipal> commits;
};
[[nodiscard]] Uses uses_of(const Facts& facts);

// "(anonymous)" and its like: nobody signs in by such a name.
[[nodiscard]] bool is_pseudo(const PrincipalName& principal);
// Whether a document can name it as the principal of an application.
[[nodiscard]] bool is_declarable(const PrincipalName& principal);

// Who used anything, and whom no document knows, with when it last did.
using LastSeen = std::map<PrincipalName, WallTime>;
[[nodiscard]] LastSeen unknown_principals(const Uses& uses, const policy::Snapshot& policy);

}  // namespace myelin::adopt
