#include "plan/consent.h"

#include <fmt/core.h>

#include <algorithm>

#include "model/ownership.h"
#include "plan/among.h"

namespace myelin::plan {
namespace {

using model::Model;

template <typename Values, typename Key>
auto found(const Values& values, const Key& key) -> const typename Values::mapped_type* {
  const auto at = values.find(key);
  return at == values.end() ? nullptr : &at->second;
}

const model::DirectGrant* direct_grant_of(const Model& model, const std::string& id) {
  const auto at = std::ranges::find(model.direct_grants, id, &model::DirectGrant::id);
  return at == model.direct_grants.end() ? nullptr : &*at;
}

SquadName owner_of_topic(const Model& model, const TopicName& name) {
  const auto owner = model::topic_owner(model, name);
  return owner ? owner->squad : SquadName();
}

SquadName owner_by_prefix(const Model& model, const std::string& name) {
  const auto* application = model::prefix_owner(model, name);
  return application == nullptr ? SquadName() : application->squad;
}

// No declared prefix holds it, and it is no separator: who owns "store" and this owns all that begins with "store".
constexpr char kAnything = '\x01';

// Of all that it takes in. A contract makes an owner of a topic, never of a group or id of the same name.
SquadName owner_of_right(const Model& model, const model::Right& right) {
  if (right.is_prefix) return owner_by_prefix(model, right.name + kAnything);
  if (right.resource == model::RightResource::Topic) return owner_of_topic(model, TopicName(right.name));
  return owner_by_prefix(model, right.name);
}

// "topic pos.sale", "names that begin with pos."
std::string names_of(const model::Right& right) {
  if (right.is_prefix) return "names that begin with " + right.name;
  const bool is_id = right.resource == model::RightResource::TransactionalId;
  return fmt::format("{} {}", is_id ? "transactional id" : model::name_of(right.resource), right.name);
}

const model::TeamProfile* profile_of(const Model& model, const std::string& name) {
  for (const auto& [squad, profile] : model.team_profiles) {
    if (profile.name == name) return &profile;
  }
  return nullptr;
}

SquadName owner_of_grant(const Model& model, const model::Grant& grant) {
  const auto* product = found(model.products, grant.product);
  return product == nullptr ? SquadName() : product->owner;
}

class Consents {
 public:
  Consents(const EntityName& entity, const Model& before, const Model& after)
      : entity_(entity), before_(before), after_(after) {}

  std::vector<Consent> all() && {
    switch (entity_.kind) {
      case EntityKind::User:
        platform("only the platform group changes a user");
        break;
      case EntityKind::Domain:
        for_steering();
        break;
      case EntityKind::Policy:
        for_policy();
        break;
      case EntityKind::AccountabilityModel:
        for_accountability();
        break;
      case EntityKind::Squad:
        for_squad();
        break;
      case EntityKind::System:
      case EntityKind::Product:
        owners();
        if (entity_.kind == EntityKind::Product) for_product();
        break;
      case EntityKind::Application:
        owners();
        for_application();
        break;
      case EntityKind::Contract:
        owners();
        for_contract();
        break;
      case EntityKind::Grant:
      case EntityKind::TeamProfile:
        owners();
        break;
      case EntityKind::DirectGrant:
        owners();
        for_direct_grant();
        break;
    }
    return {consents_.begin(), consents_.end()};
  }

 private:
  void platform(std::string why) { consents_.insert({{}, std::move(why)}); }
  void squad(const SquadName& name) {
    if (name.empty()) return platform(entity_.text() + " belongs to no squad");
    consents_.insert({name, fmt::format("{} is its own", entity_.text())});
  }

  // As it was, and as it is to be: what changes hands needs both.
  void owners() {
    const bool was = is_in(before_);
    const bool is = is_in(after_);
    const auto owned = was ? squad_of(entity_, before_) : SquadName();
    if (was) squad(owned);
    if (!is || entity_.kind == EntityKind::DirectGrant) return;
    const auto owner = squad_of(entity_, after_);
    if (owner.empty()) return platform(entity_.text() + " would belong to no squad");
    if (!was || owner != owned) consents_.insert({owner, fmt::format("{} would be its own", entity_.text())});
  }

  [[nodiscard]] bool is_in(const Model& model) const {
    switch (entity_.kind) {
      case EntityKind::Domain:
        return model.domains.contains(DomainName(entity_.name));
      case EntityKind::Squad:
        return model.squads.contains(SquadName(entity_.name));
      case EntityKind::User:
        return model.users.contains(PrincipalName(entity_.name));
      case EntityKind::System:
        return model.systems.contains(entity_.name);
      case EntityKind::Application:
        return model.applications.contains(ApplicationName(entity_.name));
      case EntityKind::Contract:
        return model.contracts.contains(entity_.name);
      case EntityKind::Product:
        return model.products.contains(ProductName(entity_.name));
      case EntityKind::Grant:
        return model.grant(entity_.name) != nullptr;
      case EntityKind::DirectGrant:
        return direct_grant_of(model, entity_.name) != nullptr;
      case EntityKind::TeamProfile:
        return profile_of(model, entity_.name) != nullptr;
      case EntityKind::Policy:
      case EntityKind::AccountabilityModel:
        return true;
    }
    return false;
  }

  // What holds for everybody is decided where the direction is set: by the steering squad, as it was before.
  void for_steering() {
    const auto& steering = before_.accountability.steering;
    const auto kind =
        (entity_.kind == EntityKind::AccountabilityModel ? "an " : "a ") + std::string(name_of(entity_.kind));
    if (!steering) return platform("only the platform group changes " + kind);
    consents_.insert({*steering, "it steers, and so decides on " + kind});
  }

  // But who steers doesn't say by itself who may do everything.
  void for_policy() {
    for_steering();
    const bool is_handed_over = before_.policy.platform_group != after_.policy.platform_group;
    if (before_.accountability.steering && is_handed_over) platform("another squad would be the platform group");
  }

  // Who was called for something and who is to be.
  void for_accountability() {
    for (const auto& [name, product] : after_.products) {
      const auto* was = found(before_.products, name);
      if (was != nullptr) handed_over({was->owner, was->mode}, {product.owner, product.mode});
    }
    for (const auto& [name, squad] : after_.squads) {
      if (before_.squads.contains(name)) handed_over({name, std::nullopt}, {name, std::nullopt});
    }
    if (consents_.empty() || before_.accountability.steering != after_.accountability.steering) for_steering();
  }

  void handed_over(const model::Concern& was, const model::Concern& is) {
    for (const auto failure : model::kFailures) {
      const auto before = model::accountable(before_, was, failure);
      const auto after = model::accountable(after_, is, failure);
      if (!before || !after || before->squad == after->squad) continue;
      consents_.insert({before->squad, fmt::format("it is called for {} now", name_of(failure))});
      consents_.insert({after->squad, fmt::format("it would be called for {}", name_of(failure))});
    }
  }

  void for_squad() {
    const auto* was = found(before_.squads, SquadName(entity_.name));
    const auto* is = found(after_.squads, SquadName(entity_.name));
    if (was == nullptr || is == nullptr) return platform("a squad comes or goes");
    if (was->domain != is->domain) return platform(fmt::format("{} moves to another domain", entity_.text()));
    squad(was->name);
    for (const auto& name : is->formerly) {
      if (!is_among(was->formerly, name)) platform(fmt::format("what was squad {} would be its own", name.text()));
    }
    for (const auto& [name, user] : after_.users) {
      const auto* known = found(before_.users, name);
      const bool was_member = known != nullptr && is_among(known->squads, is->name);
      if (!was_member && is_among(user.squads, is->name)) {
        platform(fmt::format("{} becomes a member", name.text()));
      }
    }
  }

  // Names that nobody in the squad held before widen what it may do.
  void for_application() {
    const auto* is = found(after_.applications, ApplicationName(entity_.name));
    if (is == nullptr) return;
    for (const auto& principal : is->principals) {
      const auto* holder = found(before_.principals, principal);
      const auto* application = holder == nullptr ? nullptr : found(before_.applications, *holder);
      if (application == nullptr) {
        platform(fmt::format("principal {} is new", principal.text()));
      } else if (application->squad != is->squad) {
        consents_.insert({application->squad, fmt::format("it holds principal {}", principal.text())});
      }
    }
    for (const auto& prefix : is->prefixes) {
      const auto* holder = model::prefix_owner(before_, prefix);
      if (holder == nullptr) {
        platform(fmt::format("prefix {} is new", prefix));
      } else if (holder->squad != is->squad) {
        consents_.insert({holder->squad, fmt::format("it holds prefix {}", prefix)});
      }
    }
  }

  // A contract that names a topic makes an owner of it.
  void for_contract() {
    const auto* is = found(after_.contracts, entity_.name);
    if (is == nullptr) return;
    const auto owner = model::contract_owner(after_, *is);
    for (const auto& topic : is->topics) take_over(owner, topic);
  }

  // A product whose port names the contract makes an owner as well; and who is called for it by its mode has a say in
  // it, before and after.
  void for_product() {
    const auto* was = found(before_.products, ProductName(entity_.name));
    const auto* is = found(after_.products, ProductName(entity_.name));
    if (is == nullptr) return;
    if (was != nullptr && was->mode != is->mode) {
      change_mode(before_, *was);
      change_mode(after_, *is);
    }
    for (const auto& port : is->ports) {
      const auto* contract = port.contract ? found(after_.contracts, *port.contract) : nullptr;
      if (contract == nullptr) continue;
      for (const auto& topic : contract->topics) take_over(is->owner, topic);
    }
  }

  void change_mode(const Model& model, const model::Product& product) {
    for (const auto failure : {model::Failure::Data, model::Failure::Lag}) {
      const auto called = model::accountable(model, {product.owner, product.mode}, failure);
      if (!called) continue;
      consents_.insert({called->squad, fmt::format("{} {} it by mode {}", called->squad.text(),
                                                   failure == model::Failure::Data ? "builds" : "runs",
                                                   product.mode.value_or("growth"))});
    }
  }

  // A right over a name is given by who owns the name now; nobody makes themselves its owner in the same breath. One
  // over all names with a prefix takes everybody who owns one of them.
  void for_direct_grant() {
    const auto* is = direct_grant_of(after_, entity_.name);
    if (is == nullptr) return;
    const auto& right = is->right;
    const auto owner = owner_of_right(before_, right);
    if (owner.empty()) {
      platform(fmt::format("nobody holds {}{}", right.is_prefix ? "all " : "", names_of(right)));
    } else {
      consents_.insert({owner, fmt::format("it holds {}", names_of(right))});
    }
    if (right.is_prefix) for_names_within(right);
  }

  void for_names_within(const model::Right& right) {
    for (const auto& [name, topic] : before_.topics) {
      if (right.resource != model::RightResource::Topic || !name.text().starts_with(right.name)) continue;
      consents_.insert({topic.owner, fmt::format("it holds topic {}", name.text())});
    }
    for (const auto& [name, application] : before_.applications) {
      for (const auto& prefix : application.prefixes) {
        if (!prefix.starts_with(right.name)) continue;
        consents_.insert({application.squad, fmt::format("it holds prefix {}", prefix)});
      }
    }
  }

  void take_over(const SquadName& owner, const TopicName& topic) {
    const auto held = owner_of_topic(before_, topic);
    if (held == owner) return;
    if (held.empty()) return platform(fmt::format("nobody holds topic {}", topic.text()));
    consents_.insert({held, fmt::format("it holds topic {}", topic.text())});
  }

  const EntityName& entity_;
  const Model& before_;
  const Model& after_;
  std::set<Consent> consents_;
};

}  // namespace

SquadName squad_of(const EntityName& entity, const Model& model) {
  switch (entity.kind) {
    case EntityKind::Domain:
      if (const auto* domain = found(model.domains, DomainName(entity.name))) {
        return domain->owner.value_or(SquadName());
      }
      break;
    case EntityKind::Squad:
      return SquadName(entity.name);
    case EntityKind::User:
      if (const auto* user = found(model.users, PrincipalName(entity.name))) {
        return user->squads.empty() ? SquadName() : user->squads.front();
      }
      break;
    case EntityKind::System:
      if (const auto* system = found(model.systems, entity.name)) return system->owner;
      break;
    case EntityKind::Application:
      if (const auto* application = found(model.applications, ApplicationName(entity.name))) return application->squad;
      break;
    case EntityKind::Contract:
      if (const auto* contract = found(model.contracts, entity.name)) return model::contract_owner(model, *contract);
      break;
    case EntityKind::Product:
      if (const auto* product = found(model.products, ProductName(entity.name))) return product->owner;
      break;
    case EntityKind::Grant:
      if (const auto* grant = model.grant(entity.name)) return owner_of_grant(model, *grant);
      break;
    case EntityKind::DirectGrant:
      if (const auto* grant = direct_grant_of(model, entity.name)) return owner_of_right(model, grant->right);
      break;
    case EntityKind::TeamProfile:
      if (const auto* profile = profile_of(model, entity.name)) return profile->squad;
      break;
    case EntityKind::Policy:
    case EntityKind::AccountabilityModel:
      break;
  }
  return {};
}

std::vector<Handover> handovers(const Model& before, const Model& after) {
  const auto old = entities_of(before.documents);
  std::vector<Handover> changes;
  for (const auto& [entity, document] : entities_of(after.documents)) {
    if (!old.contains(entity)) continue;
    auto was = squad_of(entity, before);
    auto is = squad_of(entity, after);
    if (was != is) changes.push_back({entity, std::move(was), std::move(is)});
  }
  return changes;
}

std::vector<Consent> consents_for(const EntityName& entity, const Model& before, const Model& after) {
  return Consents(entity, before, after).all();
}

}  // namespace myelin::plan
