#pragma once
// Which client software a principal was seen with.
#include <string>

#include "base/clock.h"
#include "base/ids.h"

namespace myelin::governance {

struct ClientSeen {
  PrincipalName principal;
  std::string client_id;
  std::string library;
  std::string library_version;
  WallTime last_seen;
  bool operator==(const ClientSeen&) const = default;
};

}  // namespace myelin::governance
