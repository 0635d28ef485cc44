#pragma once
// Prefixes guessed for new applications: what begins so belongs to their squad, so no prefix takes in a name that
// another squad is known to use. Internal to the module.
#include <map>
#include <set>
#include <string>
#include <vector>

#include "adopt/people.h"

namespace myelin::adopt {

// Squads by the names of topics and groups that they write, own or commit for; an empty squad is one that must stay
// out of every prefix.
using Holders = std::map<std::string, std::set<SquadName>>;

// Sets `prefixes` of each application: its name, and the fewest words of each name in `used` (by application) that its
// squad alone holds.
void guess_prefixes(std::vector<NewApplication>& applications, const std::map<std::string, std::set<std::string>>& used,
                    const Holders& holders, const model::Model& in_force);

}  // namespace myelin::adopt
