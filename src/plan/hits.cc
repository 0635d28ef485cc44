#include "plan/hits.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <tuple>
#include <utility>

#include "model/ownership.h"
#include "plan/among.h"

namespace myelin::plan {
namespace {

using policy::Operation;
using policy::Snapshot;

constexpr std::size_t kNamed = 5;

bool is_recent(const Use& use, WallTime now) { return now - use.last_seen <= kSeason; }

SquadName squad_behind(const model::Model& model, const PrincipalName& principal) {
  const auto identity = model::identify(model, principal);
  return identity.squads.empty() ? SquadName() : identity.squads.front();
}

policy::Decision decide(const Snapshot& snapshot, const Use& use, WallTime now) {
  return snapshot.decide(snapshot.subject(use.principal), use.operation, policy::Resource::topic(use.topic), now);
}

std::string refusal_of(const Snapshot& snapshot, const Use& use, const policy::Decision& decision) {
  return snapshot.explain(snapshot.subject(use.principal), use.operation, policy::Resource::topic(use.topic), decision)
      .text;
}

// Whether a use rests on an entity.
class RestsOn {
 public:
  explicit RestsOn(const Question& question)
      : question_(question),
        before_(Snapshot::build(question.before, question.settings)),
        after_(Snapshot::build(question.after, question.settings)) {}

  bool operator()(const EntityName& entity, const Use& use) const {
    const auto& model = *question_.before;
    switch (entity.kind) {
      case EntityKind::Contract:
        return of_others(use, [&](const model::Topic& topic) { return topic.contract == entity.name; });
      case EntityKind::Product:
        return of_others(use, [&](const model::Topic& topic) { return topic.product == ProductName(entity.name); });
      case EntityKind::Application: {
        const auto holder = model.principals.find(use.principal);
        return holder != model.principals.end() && holder->second.text() == entity.name;
      }
      case EntityKind::User:
        return use.principal.text() == entity.name;
      case EntityKind::Grant: {
        const auto decision = decide(*before_, use, question_.live.now);
        return decision.reason == policy::Reason::Grant && decision.grant->id == entity.name && loses(use);
      }
      case EntityKind::DirectGrant: {
        const auto decision = decide(*before_, use, question_.live.now);
        return decision.reason == policy::Reason::DirectGrant && decision.direct_grant->id == entity.name && loses(use);
      }
      default:
        return false;
    }
  }

 private:
  // The owner's own use does not keep a topic's declaration from going.
  template <typename IsIt>
  bool of_others(const Use& use, IsIt is_it) const {
    const auto topic = question_.before->topics.find(use.topic);
    if (topic == question_.before->topics.end() || !is_it(topic->second)) return false;
    const auto squads = model::identify(*question_.before, use.principal).squads;
    return !is_among(squads, topic->second.owner);
  }

  // Something else may let it pass as well.
  bool loses(const Use& use) const { return !decide(*after_, use, question_.live.now).allowed; }

  const Question& question_;
  std::shared_ptr<const Snapshot> before_;
  std::shared_ptr<const Snapshot> after_;
};

// Within a season, latest first.
std::vector<Use> recent_uses(const Live& live) {
  std::vector<Use> uses;
  std::ranges::copy_if(live.uses, std::back_inserter(uses), [&](const Use& use) { return is_recent(use, live.now); });
  std::ranges::sort(uses, [](const Use& left, const Use& right) {
    return std::tie(right.last_seen, left.topic, left.principal, left.operation) <
           std::tie(left.last_seen, right.topic, right.principal, right.operation);
  });
  return uses;
}

}  // namespace

std::vector<Hit> hits_of(const Question& question) {
  const auto before = Snapshot::build(question.before, question.settings);
  const auto after = Snapshot::build(question.after, question.settings);
  const auto now = question.live.now;
  std::vector<Hit> hits;
  for (const auto& use : recent_uses(question.live)) {
    const auto was = decide(*before, use, now);
    if (!was.allowed || was.would_deny) continue;
    const auto is = decide(*after, use, now);
    if (is.allowed && !is.would_deny) continue;
    hits.push_back({use, squad_behind(*question.before, use.principal), refusal_of(*after, use, is)});
  }
  return hits;
}

std::vector<std::string> deletes_in_use(const Question& question, const std::vector<EntityChange>& changes) {
  const auto is_delete = [](const EntityChange& change) { return change.action == Action::Delete; };
  if (std::ranges::none_of(changes, is_delete)) return {};
  const RestsOn rests_on(question);
  const auto uses = recent_uses(question.live);
  std::vector<std::string> refusals;
  for (const auto& change : changes) {
    if (!is_delete(change)) continue;
    std::string users;
    std::size_t count = 0;
    for (const auto& use : uses) {
      if (!rests_on(change.entity, use) || ++count > kNamed) continue;
      users += fmt::format("{}{}", count == 1 ? "" : "; ",
                           described(use, squad_behind(*question.before, use.principal), question.live.now));
    }
    if (count == 0) continue;
    if (count > kNamed) users += fmt::format("; and {} more", count - kNamed);
    refusals.push_back(fmt::format("{} is in use and can't be deleted: {}", change.entity.text(), users));
  }
  return refusals;
}

std::string ago(WallTime then, WallTime now) {
  using std::chrono::seconds;
  const auto passed = std::chrono::duration_cast<seconds>(now - then).count();
  static constexpr std::array<std::pair<std::int64_t, std::string_view>, 3> kUnits{
      {{86'400, "day"}, {3'600, "hour"}, {60, "minute"}}};
  for (const auto& [length, unit] : kUnits) {
    if (passed >= length) return fmt::format("{} {}{} ago", passed / length, unit, passed / length == 1 ? "" : "s");
  }
  return "just now";
}

std::string described(const Use& use, const SquadName& squad, WallTime now) {
  auto text = fmt::format("{} of topic {} by {} ({}), last seen {}",
                          use.operation == Operation::Write ? "write" : "read", use.topic.text(), use.principal.text(),
                          squad.empty() ? "no squad" : squad.text(), ago(use.last_seen, now));
  if (use.bytes_per_second >= 1) text += fmt::format(", {:.1f} KB/s", use.bytes_per_second / 1000);
  return text;
}

}  // namespace myelin::plan
