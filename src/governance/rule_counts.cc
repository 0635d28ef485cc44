#include "governance/rule_counts.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "model/ownership.h"
#include "plan/digest.h"
#include "state/fields.h"

namespace myelin::governance {
namespace {

constexpr std::uint8_t kVersion = 1;

void write(state::FieldWriter& writer, std::uint64_t count, const std::set<SquadName>& squads) {
  writer.number(static_cast<std::int64_t>(count));
  writer.number(static_cast<std::int64_t>(squads.size()));
  for (const auto& squad : squads) writer.text(squad.text());
}

void read_into(state::FieldReader& reader, std::uint64_t& count, std::set<SquadName>& squads) {
  count = static_cast<std::uint64_t>(reader.number());
  const auto size = reader.number();
  constexpr std::int64_t kSquadsMax = 100'000;  // more than models have; damage must not keep the start busy
  for (std::int64_t i = 0; i < std::min(size, kSquadsMax); ++i) squads.emplace(reader.text());
}

std::set<SquadName> of_today(const model::Model& model, const std::set<SquadName>& squads) {
  std::set<SquadName> today;
  for (const auto& squad : squads) today.insert(model::present_squad(model, squad));
  return today;
}

}  // namespace

Result<RuleCounts::Kept> RuleCounts::read(std::string_view stored) {
  state::FieldReader reader(stored, kVersion);
  Kept kept;
  kept.question = reader.text();
  kept.counted.since = from_unix_milliseconds(reader.number());
  read_into(reader, kept.counted.let_through, kept.counted.let_through_squads);
  read_into(reader, kept.counted.refused, kept.counted.refused_squads);
  if (!reader.complete()) return fail(Code::Corrupt, "a rule's count can't be read: {}", reader.problem());
  return kept;
}

Result<std::unique_ptr<RuleCounts>> RuleCounts::open(state::StateStore& store, const Clock& clock) {
  std::unique_ptr<RuleCounts> counts(new RuleCounts(store, clock));
  Result<void> damage;
  store.each(state::Table::RuleCounts, [&](const std::string& rule, const std::string& stored) {
    auto kept = read(stored);
    if (kept) {
      counts->kept_[rule] = *std::move(kept);
    } else if (damage) {
      damage = pass(kept);
    }
  });
  if (!damage) return pass(damage);
  return counts;
}

RuleCounts::Kept& RuleCounts::kept(const model::PolicyRule& rule, bool& is_new) {
  auto question = plan::sha256(rule.question());
  auto& kept = kept_[rule.name];
  is_new = kept.question != question;
  if (is_new) {
    kept = {std::move(question), {}};
    kept.counted.since = clock_.wall();
  }
  return kept;
}

void RuleCounts::store(const std::string& rule, const Kept& kept) {
  state::FieldWriter writer(kVersion);
  writer.text(kept.question);
  writer.number(unix_milliseconds(kept.counted.since));
  write(writer, kept.counted.let_through, kept.counted.let_through_squads);
  write(writer, kept.counted.refused, kept.counted.refused_squads);
  store_.put({{state::Table::RuleCounts, rule, writer.finish()}}, [](const Result<void>&) {});
}

void RuleCounts::note(const model::PolicyRule& rule, const SquadName& squad) {
  const std::lock_guard lock(mutex_);
  bool is_new = false;
  auto& kept_of_rule = kept(rule, is_new);
  auto& counted = kept_of_rule.counted;
  const bool is_refused = rule.rung == model::Rung::Block;
  ++(is_refused ? counted.refused : counted.let_through);
  if (!squad.empty()) (is_refused ? counted.refused_squads : counted.let_through_squads).insert(squad);
  if (rule.rung == model::Rung::Warn) warn_of(rule, squad, kept_of_rule);
  store(rule.name, kept_of_rule);
}

void RuleCounts::warn_of(const model::PolicyRule& rule, const SquadName& squad, Kept& kept) {
  const auto now = clock_.monotonic();
  if (kept.warned && now - *kept.warned < kWarnEvery) return;
  kept.warned = now;
  log::warn("a rule of the Policy is not obeyed", {{"rule", rule.name},
                                                   {"about", model::name_of(rule.about)},
                                                   {"squad", squad.text()},
                                                   {"owner", rule.owner.text()},
                                                   {"times", kept.counted.let_through},
                                                   {"message", rule.message}});
}

std::map<std::string, RuleCounted> RuleCounts::of(const model::Model& model) {
  const std::lock_guard lock(mutex_);
  std::map<std::string, RuleCounted> found;
  for (const auto& rule : model.policy.rules) {
    if (!model::is_request(rule.about)) continue;
    bool is_new = false;
    const auto& one = kept(rule, is_new);
    if (is_new) store(rule.name, one);
    auto& counted = found[rule.name] = one.counted;
    counted.let_through_squads = of_today(model, counted.let_through_squads);
    counted.refused_squads = of_today(model, counted.refused_squads);
  }
  return found;
}

plan::Tallies RuleCounts::tallies(const model::Model& model) {
  plan::Tallies tallies;
  for (const auto& [name, counted] : of(model)) {
    tallies[name] = {counted.let_through, counted.let_through_squads.size(), counted.since};
  }
  return tallies;
}

}  // namespace myelin::governance
