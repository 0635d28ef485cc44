#pragma once
// Squads and applications guessed from the names of principals. Internal to the module.
#include <set>
#include <string>
#include <vector>

#include "adopt/names.h"
#include "adopt/uses.h"
#include "policy/snapshot.h"

namespace myelin::adopt {

struct NewApplication {
  std::string name;
  SquadName squad;
  std::vector<PrincipalName> principals;
  std::string why_squad;     // evidence
  std::string why_together;  // of its principals; empty when it has one
  std::vector<std::string> prefixes = {};
  std::string why_prefixes = {};
};

struct People {
  std::set<SquadName> squads;  // new ones
  std::vector<NewApplication> applications;
  std::vector<PrincipalName> persons;  // who act as platform, as Users
  SquadName platform;                  // whose is what nobody wrote, and whose members the persons are
  bool is_platform_new = false;        // no document declares it
};

// `unknown` are declarable. Principals that share a first word (before '-', '.' or '_') make one squad: the one that
// principals or a Group of that name have already, else a new one. Principals of a squad that differ in their last
// word only make one application.
[[nodiscard]] People guessed_people(const LastSeen& unknown, const policy::Snapshot& policy, Names& names);

}  // namespace myelin::adopt
