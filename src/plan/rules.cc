#include "plan/rules.h"

#include <fmt/core.h>

#include <algorithm>

#include "plan/judged.h"

namespace myelin::plan {
namespace {

using Things = std::map<std::string, Judged>;

bool is_about(const model::PolicyRule& rule, const Judged& thing) {
  return rule.about == thing.about && rule.covers(thing.squad, thing.domain);
}

// What somebody wrote of it; of a topic, its own entry of the contract.
bool same(const Judged& before, const Judged& after) {
  cel::Steps steps{cel::kStepsMax};
  return std::ranges::all_of(after.attributes, [&](const auto& attribute) {
    const auto& [name, value] = attribute;
    if (after.about == model::RuleAbout::Topic && name == "document") return true;
    const auto old = before.attributes.find(name);
    return old != before.attributes.end() && cel::equal(old->second, value, steps);
  });
}

class Judge {
 public:
  Judge(const model::Model& before, const model::Model& after, const Tallies& tallies)
      : rules_before_(before.policy.rules), tallies_(tallies), before_(judged_of(before)), after_(judged_of(after)) {}

  void judge(const model::PolicyRule& rule, RuleVerdicts& verdicts) const {
    RuleCount count{.rule = rule.name, .rung = rule.rung, .before = std::nullopt, .place = rule.place};
    const auto old = std::ranges::find(rules_before_, rule.name, &model::PolicyRule::name);
    if (old != rules_before_.end()) count.before = old->rung;
    count.is_about_requests = model::is_request(rule.about);
    const bool goes_up = old != rules_before_.end() && rule.rung > old->rung && rule.question() == old->question();
    const auto tally = tallies_.find(rule.name);
    if (count.is_about_requests && goes_up && tally != tallies_.end()) count.would_have_denied = tally->second;
    for (const auto& [name, thing] : after_) {
      if (!is_about(rule, thing)) continue;
      auto message = model::disobeyed(rule, thing.attributes);
      if (message.empty()) continue;
      ++count.disobeying;
      const auto was = before_.find(name);
      const bool is_new = was == before_.end() || !is_about(rule, was->second) ||
                          model::disobeyed(rule, was->second.attributes).empty();
      if (is_new) ++count.disobeying_newly;
      if (!is_new && same(was->second, thing)) continue;
      verdicts.findings.push_back(
          {rule.name, rule.rung, name, thing.place, std::move(message), rule.principle, rule.owner, is_new});
    }
    verdicts.counts.push_back(std::move(count));
  }

 private:
  const std::vector<model::PolicyRule>& rules_before_;
  const Tallies& tallies_;
  Things before_;
  Things after_;
};

}  // namespace

RuleVerdicts rule_verdicts(const model::Model& before, const model::Model& after, const Tallies& tallies) {
  RuleVerdicts verdicts;
  if (after.policy.rules.empty()) return verdicts;
  const Judge judge(before, after, tallies);
  for (const auto& rule : after.policy.rules) judge.judge(rule, verdicts);
  return verdicts;
}

std::string described(const RuleFinding& finding) {
  return fmt::format("rule {}: {} ({}): {}; it serves \"{}\"; ask squad {}", finding.rule, finding.what,
                     finding.place.text(), finding.message, finding.principle, finding.owner.text());
}

}  // namespace myelin::plan
