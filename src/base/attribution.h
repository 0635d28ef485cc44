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
inline const PrincipalName kAnonymous{"(anonymous)"};

}  // namespace myelin
