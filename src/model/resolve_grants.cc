// Grants of both kinds, and the policy document.
#include <algorithm>
#include <tuple>

#include "model/resolve.h"

namespace myelin::model {
namespace {

class GrantResolver {
 public:
  GrantResolver(const Drafts& drafts, Model& model, document::Problems& problems)
      : drafts_(drafts), model_(model), problems_(problems) {
    for (const auto& [name, product] : model_.products) products_.emplace(product.id, &product);
  }

  void resolve(const GrantDraft& draft) {
    Grant grant;
    grant.id = draft.id.value;
    grant.purpose = draft.purpose;
    grant.status = draft.status;
    grant.start = draft.start;
    grant.end = draft.end;
    grant.place = draft.id.place;
    provider(draft, grant);
    consumer(draft, grant);
    const auto [first, fresh] = ids_.try_emplace(grant.id, grant.place);
    if (!fresh) {
      note(grant.place,
           fmt::format("grant \"{}\" is declared twice; the first stands at {}", grant.id, first->second.text()));
    }
    model_.grants.push_back(std::move(grant));
  }

 private:
  void note(const Place& place, std::string message) { problems_.push_back({place, std::move(message)}); }

  void provider(const GrantDraft& draft, Grant& grant) {
    referred(model_.squads, draft.provider_team, "Group", drafts_.unread, problems_);
    const auto* found = referred(products_, draft.product, "product", drafts_.unread, problems_);
    if (found == nullptr) return;
    const Product& product = **found;
    grant.product = product.name;
    if (!product.owner.empty() && model_.squads.contains(SquadName(draft.provider_team.value)) &&
        product.owner.text() != draft.provider_team.value) {
      note(draft.provider_team.place,
           fmt::format("provider.teamId is \"{}\", but product \"{}\" at {} belongs to \"{}\"",
                       draft.provider_team.value, product.name.text(), product.place.text(), product.owner.text()));
    }
    if (!draft.port.empty()) port(draft, product, grant);
  }

  // A port may be listed in several versions: all of them, or those of the contract that the grant names.
  void port(const GrantDraft& draft, const Product& product, Grant& grant) {
    grant.port = draft.port.value;
    std::vector<std::string> names;
    std::vector<std::string> contracts;
    for (const OutputPort& port : product.ports) {
      names.push_back(port.name);
      if (port.name != draft.port.value || !port.contract) continue;
      contracts.push_back(*port.contract);
      if (draft.contract && draft.contract->value != *port.contract) continue;
      const auto& topics = model_.contracts.at(*port.contract).topics;
      grant.topics.insert(grant.topics.end(), topics.begin(), topics.end());
    }
    if (std::ranges::find(names, draft.port.value) == names.end()) {
      note(draft.port.place, fmt::format("product \"{}\" has no output port \"{}\"{}", product.name.text(),
                                         draft.port.value, document::suggestion(draft.port.value, names)));
    } else if (draft.contract && std::ranges::find(contracts, draft.contract->value) == contracts.end() &&
               !drafts_.unread.may_declare("contract", draft.contract->value)) {
      note(draft.contract->place, fmt::format("output port \"{}\" of product \"{}\" does not name contract \"{}\"{}",
                                              draft.port.value, product.name.text(), draft.contract->value,
                                              document::suggestion(draft.contract->value, contracts)));
    }
  }

  void consumer(const GrantDraft& draft, Grant& grant) {
    if (draft.consumer_team &&
        referred(model_.squads, *draft.consumer_team, "Group", drafts_.unread, problems_) != nullptr) {
      grant.squad = SquadName(draft.consumer_team->value);
    }
    if (draft.consumer_user &&
        referred(model_.users, *draft.consumer_user, "User", drafts_.unread, problems_) != nullptr) {
      grant.user = PrincipalName(draft.consumer_user->value);
    }
    if (draft.consumer_product) referred(products_, *draft.consumer_product, "product", drafts_.unread, problems_);
    if (draft.application) application(draft, grant);
  }

  void application(const GrantDraft& draft, Grant& grant) {
    const Application* application =
        referred(model_.applications, *draft.application, "Component", drafts_.unread, problems_);
    if (application == nullptr) return;
    grant.application = application->name;
    if (application->squad.empty()) return;  // its owner dangles, which has been noted
    if (!grant.squad || application->squad == *grant.squad) {
      grant.squad = application->squad;
      return;
    }
    note(draft.application->place,
         fmt::format("Component \"{}\" belongs to \"{}\", not to consumer.teamId \"{}\"", application->name.text(),
                     application->squad.text(), grant.squad->text()));
  }

  const Drafts& drafts_;
  Model& model_;
  document::Problems& problems_;
  std::map<std::string, const Product*> products_;  // by id
  std::map<std::string, Place> ids_;
};

Quota filled_in(Quota quota, const Quota& with) {
  for (const auto& limit : kQuotaLimits) {
    auto& value = quota.*limit.value;
    if (!value) value = with.*limit.value;
  }
  return quota;
}

}  // namespace

void resolve_grants(const Drafts& drafts, Model& model, document::Problems& problems) {
  GrantResolver resolver(drafts, model, problems);
  for (const GrantDraft& draft : drafts.grants) resolver.resolve(draft);
  std::ranges::sort(model.grants, {}, &Grant::place);
  for (std::size_t number = 0; number < model.grants.size(); ++number) {
    model.grant_numbers.try_emplace(model.grants[number].id, number);
  }
}

void resolve_direct_grants(const Drafts& drafts, Model& model, document::Problems& problems) {
  std::map<std::string, Place> ids;
  for (const DirectGrantDraft& draft : drafts.direct_grants) {
    const auto [first, fresh] = ids.try_emplace(draft.id.value, draft.id.place);
    if (!fresh) {
      problems.push_back({draft.id.place, fmt::format("DirectGrant \"{}\" is declared twice; the first stands at {}",
                                                      draft.id.value, first->second.text())});
    }
    DirectGrant grant{draft.right, draft.id.value, draft.id.place, {}, {}};
    grant.right.principal = PrincipalName(draft.principal.value);
    const bool is_known =
        model.principals.contains(grant.right.principal) || model.users.contains(grant.right.principal);
    if (!is_known && !draft.principal.empty() && !drafts.unread.may_declare("User", draft.principal.value)) {
      auto names = names_of(model.principals);
      std::ranges::move(names_of(model.users), std::back_inserter(names));
      problems.push_back(
          {draft.principal.place, fmt::format("principal \"{}\" is not declared{}", draft.principal.value,
                                              document::suggestion(draft.principal.value, names))});
    }
    for (const RightOperation operation : draft.operations) {
      grant.right.operation = operation;
      model.direct_grants.push_back(grant);
    }
  }
  std::ranges::sort(model.direct_grants, {},
                    [](const DirectGrant& grant) { return std::tie(grant.place, grant.right); });
}

void resolve_policy(const Drafts& drafts, Model& model, document::Problems& problems) {
  if (drafts.policies.empty()) return;
  const PolicyDraft& draft = drafts.policies.front();
  for (const PolicyDraft& other : drafts.policies) {
    if (&other == &draft) continue;
    problems.push_back({other.name.place, fmt::format("Policy \"{}\" is a second one; the first, \"{}\", stands at {}",
                                                      other.name.value, draft.name.value, draft.name.place.text())});
  }
  PolicyDocument& policy = model.policy;
  policy.place = draft.name.place;
  policy.undeclared_topics = draft.undeclared_topics;
  policy.break_glass_hours_max = draft.break_glass_hours_max;
  policy.recertify_days = draft.recertify_days;
  policy.default_quota = draft.default_quota;
  if (draft.platform_group &&
      referred(model.squads, *draft.platform_group, "Group", drafts.unread, problems) != nullptr) {
    policy.platform_group = SquadName(draft.platform_group->value);
  }
  for (const SquadQuotaDraft& quota : draft.squad_quotas) {
    if (referred(model.squads, quota.squad, "Group", drafts.unread, problems) == nullptr) continue;
    const bool fresh =
        policy.squad_quotas.emplace(quota.squad.value, filled_in(quota.quota, draft.default_quota)).second;
    if (!fresh) problems.push_back({quota.squad.place, fmt::format("squad \"{}\" has two quotas", quota.squad.value)});
  }
}

}  // namespace myelin::model
