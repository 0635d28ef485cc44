#pragma once
// Who is behind a request, as far as the wire tells: kept with every appended batch.
#include <compare>
#include <string>

#include "base/ids.h"

namespace myelin {

struct Attribution {
  PrincipalName principal;
  std::string client_id;
  std::string library;          // ApiVersions client_software_name; empty when the client did not say
  std::string library_version;  // ApiVersions client_software_version
  auto operator<=>(const Attribution&) const = default;
};

// A principal no client can sign in as: parentheses are refused in principal names.
inline const PrincipalName kLostInPowerCut{"(lost in power cut)"};

// Whose records are whose journal entry a power cut took.
inline Attribution lost_in_power_cut() {
  return {.principal = kLostInPowerCut, .client_id = {}, .library = {}, .library_version = {}};
}
inline const PrincipalName kAnonymous{"(anonymous)"};

}  // namespace myelin
