#pragma once
// What the rules of the Policy to be say of the documents to be.
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/model.h"

namespace myelin::plan {

// A document or topic that does not obey a rule.
struct RuleFinding {
  std::string rule;
  model::Rung rung = model::Rung::Report;
  std::string what;     // "topic store.sale"
  model::Place place;   // of what
  std::string message;  // of the rule, with why where it can't be told
  std::string principle;
  SquadName owner;     // of the rule
  bool is_new = true;  // false: it did not obey the rule before either, and was changed otherwise
};

// How often requests did not obey a rule that did not refuse them yet.
struct WouldHaveDenied {
  std::uint64_t times = 0;
  std::size_t squads = 0;
  WallTime since;  // when its counting began
};

// One rule over all that it is about.
struct RuleCount {
  std::string rule;
  model::Rung rung = model::Rung::Report;
  std::optional<model::Rung> before;  // in force; nullopt: the rule is not in force yet
  model::Place place;
  std::size_t disobeying = 0;
  std::size_t disobeying_newly = 0;
  bool is_about_requests = false;                      // then nothing above is counted
  std::optional<WouldHaveDenied> would_have_denied{};  // of such a rule whose rung goes up, and that asks the same
};

struct RuleVerdicts {
  std::vector<RuleCount> counts;      // all rules, in the Policy's order
  std::vector<RuleFinding> findings;  // of what this change makes or touches, by rule, then name
};

// Rules are those of `after`; what stood in `before` is judged by them as well, to know what is new.
// `tallies` is of the rules in force, by name.
using Tallies = std::map<std::string, WouldHaveDenied>;
[[nodiscard]] RuleVerdicts rule_verdicts(const model::Model& before, const model::Model& after,
                                         const Tallies& tallies = {});

// "rule topic-names: topic Store_Sale (contracts/x.yaml:8:5): call it ...; it serves "..."; ask squad platform-team"
[[nodiscard]] std::string described(const RuleFinding& finding);

}  // namespace myelin::plan
