#pragma once
// A plan without a server, against what `myelin state` saved: for the check of a pull request that has no access.
#include <string>

#include "base/result.h"
#include "document/node.h"

namespace myelin::app::cli {

struct OfflineQuestion {
  std::string folder;
  std::string against;  // the saved state's file
  std::string as;       // who would apply it; empty: the platform group
  bool allow_delete = false;
  bool what_if = false;
};

// As the server answers a plan.
[[nodiscard]] Result<document::Node> plan_offline(const OfflineQuestion& question);

}  // namespace myelin::app::cli
