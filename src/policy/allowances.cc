#include "policy/allowances.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "policy/tables.h"

namespace myelin::policy {
namespace {

constexpr std::string_view kInternal = "__";
constexpr std::array kNamedKinds{ResourceKind::Topic, ResourceKind::Group, ResourceKind::TransactionalId};
// Of direct grants there may be several, each for another operation.
std::tuple<const Pattern&, const PrincipalName&, Reason, model::RightOperation> order_of(const Allowance& allowance) {
  const auto* direct = allowance.decision.direct_grant;
  return {allowance.pattern, allowance.principal, allowance.decision.reason,
          direct == nullptr ? model::RightOperation::All : direct->right.operation};
}

constexpr std::uint32_t kAnother = kNobody - 1;  // a squad that nobody is in

// What the names are that belong to a prefix: the prefix itself, and what follows it behind a separator.
std::vector<std::pair<std::string, Extent>> names_of(const std::string& prefix) {
  constexpr std::string_view kSeparators = ".-_";
  if (kSeparators.contains(prefix.back())) return {{prefix, Extent::Prefix}};
  std::vector<std::pair<std::string, Extent>> names{{prefix, Extent::Name}};
  for (const char separator : kSeparators) names.emplace_back(prefix + separator, Extent::Prefix);
  return names;
}

}  // namespace

// Puts the rules to every principal, for the names that may be of concern to it.
class Snapshot::Listing {
 public:
  Listing(const Snapshot& snapshot, std::optional<std::string_view> asked, Moment now)
      : snapshot_(snapshot), tables_(*snapshot.tables_), now_(now) {
    add_declared();
    for (const auto& [prefix, squad] : tables_.prefixes) add_prefix(prefix, squad);
    add_common();
    if (asked) add_nobodys(*asked);
  }

  std::vector<Allowance> all() {
    for (const auto& [name, subject] : tables_.subjects) list(subject);
    list_everybody();
    std::ranges::sort(allowances_, {}, order_of);
    return std::move(allowances_);
  }

 private:
  struct Names {
    Pattern pattern;
    std::vector<Standing> standings;  // all that names of the pattern may have
  };
  // Of one principal: the operations that it may do with everything of a kind.
  using Everywhere = std::set<std::pair<ResourceKind, Operation>>;

  [[nodiscard]] Names topic(const std::string& name) const {
    return {{ResourceKind::Topic, name, Extent::Name}, {snapshot_.standing_of({ResourceKind::Topic, name})}};
  }

  void add_declared() {
    for (const auto& [name, rule] : tables_.topics) {
      const auto names = topic(name);
      owned_[rule.owner].push_back(names);
      if (!rule.grants.empty()) granted_.push_back(names);
      declared_.push_back(names);
    }
  }

  void add_prefix(const std::string& prefix, std::uint32_t squad) {
    for (const auto kind : kNamedKinds) {
      for (const auto& [name, extent] : names_of(prefix)) {
        Standing standing;
        standing.kind = kind;
        standing.owner = squad;
        const bool is_topic = kind == ResourceKind::Topic;
        if (is_topic && extent == Extent::Name && tables_.topics.contains(name)) continue;
        owned_[squad].push_back({{kind, name, extent}, {standing}});
        if (is_topic && extent == Extent::Prefix) add_exceptions(name, squad);
      }
    }
  }

  // A contract may give a topic to a squad other than the one whose prefix its name carries.
  void add_exceptions(const std::string& prefix, std::uint32_t squad) {
    const auto& topics = tables_.model->topics;
    for (auto topic = topics.lower_bound(TopicName(prefix)); topic != topics.end(); ++topic) {
      const auto& name = topic->first.text();
      if (!name.starts_with(prefix)) return;
      if (snapshot_.standing_of({ResourceKind::Topic, name}).owner != squad) exceptions_[squad].insert(name);
    }
  }

  void add_common() {
    static const TopicRule kOfAnother{kAnother, nullptr, {}};
    const Standing internal{ResourceKind::Topic, true, nullptr, kNobody};
    common_.push_back({{ResourceKind::Cluster, "", Extent::Name}, {Standing{}}});
    for (const auto kind : kNamedKinds) {
      Names everything{{kind, "", Extent::Everything},
                       {Standing{kind, false, nullptr, kAnother}, Standing{kind, false, nullptr, kNobody}}};
      if (kind == ResourceKind::Topic) {
        everything.standings.push_back(internal);
        everything.standings.push_back({kind, false, &kOfAnother, kAnother});
      }
      common_.push_back(std::move(everything));
    }
    common_.push_back({{ResourceKind::Topic, std::string(kInternal), Extent::Prefix}, {internal}});
  }

  void add_nobodys(std::string_view asked) {
    for (const auto kind : kNamedKinds) {
      const auto standing = snapshot_.standing_of({kind, asked});
      const bool is_nobodys = standing.owner == kNobody && !standing.is_internal;
      if (is_nobodys) common_.push_back({{kind, std::string(asked), Extent::Name}, {standing}});
    }
  }

  [[nodiscard]] Decision decide(const Names& names, const Subject& subject, Operation operation) const {
    Decision decision;
    for (const auto& standing : names.standings) {
      decision = snapshot_.decide_by(standing, subject, operation, now_);
      if (!decision.allowed) break;
    }
    return decision;
  }

  void list(const Subject& subject) {
    const auto everywhere = everywhere_of(subject);
    const auto is_its_own = [&](const Names& names, Operation operation, const Decision& decision) {
      const bool is_said_already = decision.reason == Reason::Platform && names.pattern.extent != Extent::Everything &&
                                   everywhere.contains({names.pattern.kind, operation});
      return decision.allowed && !is_reported(decision) && !is_said_already;
    };
    const auto is_denied = [&](const Names& names, Operation operation, const Decision& decision) {
      const bool is_given = subject.rights != nullptr &&
                            subject.rights->giving(operation, {names.pattern.kind, names.pattern.name}) != nullptr;
      return !decision.allowed && !is_given;
    };
    for (const auto squad : std::set(subject.squads.begin(), subject.squads.end())) {
      for (const auto& names : owned_[squad]) add(names, subject, is_its_own);
      for (const auto& name : exceptions_[squad]) add(topic(name), subject, is_denied);
    }
    for (const auto& names : granted_) {
      const auto& rule = *names.standings.front().declared;
      const bool is_of_concern =
          !belongs_to(subject, rule.owner) &&
          std::ranges::any_of(rule.grants, [&](const auto& grant) { return concerns(grant, subject); });
      if (is_of_concern) add(names, subject, is_its_own);
    }
    for (const auto& names : common_) add(names, subject, is_its_own);
    if (subject.rights != nullptr) list_rights(subject);
  }

  // Each as it was given, whatever else the principal may.
  void list_rights(const Subject& subject) {
    const auto add_given = [&](const model::DirectGrant& grant) {
      const auto extent = grant.right.is_prefix ? Extent::Prefix : Extent::Name;
      Allowance allowance{{kind_of(grant.right.resource), grant.right.name, extent}, subject.principal, {}, {}};
      for (const auto operation : kOperations) {
        if (gives(grant.right.operation, operation)) allowance.operations.push_back(operation);
      }
      allowance.decision = {.allowed = true, .reason = Reason::DirectGrant, .direct_grant = &grant};
      allowances_.push_back(std::move(allowance));
    };
    for (const auto& [name, grants] : subject.rights->named) {
      for (const auto* grant : grants) add_given(*grant);
    }
    for (const auto* grant : subject.rights->prefixed) add_given(*grant);
  }

  // What is let through for those without any right is so for all.
  void list_everybody() {
    const auto is_allowed = [](const Names&, Operation, const Decision& decision) { return decision.allowed; };
    for (const auto& names : declared_) add(names, Subject(), is_allowed);
    for (const auto& names : common_) add(names, Subject(), is_allowed);
  }

  [[nodiscard]] Everywhere everywhere_of(const Subject& subject) const {
    Everywhere everywhere;
    for (const auto& names : common_) {
      if (names.pattern.extent != Extent::Everything) continue;
      for (const auto operation : kOperations) {
        if (decide(names, subject, operation).allowed) everywhere.emplace(names.pattern.kind, operation);
      }
    }
    return everywhere;
  }

  // One allowance for what has the same reason.
  template <typename Wanted>
  void add(const Names& names, const Subject& subject, Wanted wanted) {
    const auto first = allowances_.size();
    for (const auto operation : kOperations) {
      const auto decision = decide(names, subject, operation);
      if (!wanted(names, operation, decision)) continue;
      const auto same = std::find_if(
          allowances_.begin() + static_cast<std::ptrdiff_t>(first), allowances_.end(), [&](const Allowance& allowance) {
            return allowance.decision.reason == decision.reason && allowance.decision.grant == decision.grant;
          });
      if (same != allowances_.end()) {
        same->operations.push_back(operation);
      } else {
        allowances_.push_back({names.pattern, subject.principal, {operation}, decision});
      }
    }
  }

  const Snapshot& snapshot_;
  const Tables& tables_;
  Moment now_;
  std::map<std::uint32_t, std::vector<Names>> owned_;          // by squad
  std::map<std::uint32_t, std::set<std::string>> exceptions_;  // by squad: topics
  std::vector<Names> granted_, declared_, common_;
  std::vector<Allowance> allowances_;
};

std::vector<Allowance> Snapshot::allowances(std::optional<std::string_view> asked, Moment now) const {
  if (tables_->settings.dev_mode) return {};
  return Listing(*this, asked, now).all();
}

}  // namespace myelin::policy
