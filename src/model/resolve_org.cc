// Domains, squads, users, systems, applications, principals.
#include <algorithm>
#include <map>
#include <set>

#include "model/resolve.h"

namespace myelin::model {
namespace {

class OrgResolver {
 public:
  OrgResolver(const Drafts& drafts, Model& model, document::Problems& problems)
      : drafts_(drafts), model_(model), problems_(problems) {}

  void run() {
    domains();
    groups();
    domain_owners();
    users();
    systems();
    applications();
    principals();
  }

 private:
  struct KeyHolder {
    std::string user;
    Place place;
  };
  struct GroupEntry {
    const GroupDraft* draft;
    Place place;
  };

  void domains() {
    for (const DomainDraft& draft : drafts_.domains) {
      const DomainName name(draft.name.value);
      declare(model_.domains, name, Domain{name, draft.title, draft.description, std::nullopt, draft.name.place},
              "Domain", problems_);
    }
  }

  void groups() {
    for (const GroupDraft& draft : drafts_.groups) {
      declare(groups_, draft.name.value, GroupEntry{&draft, draft.name.place}, "Group", problems_);
    }
    for (const auto& [name, entry] : groups_) {
      const GroupDraft& draft = *entry.draft;
      if (draft.parent) referred(groups_, *draft.parent, "Group", drafts_.unread, problems_);
      if (draft.domain) referred(model_.domains, *draft.domain, "Domain", drafts_.unread, problems_);
      if (draft.is_squad()) squad(draft);
    }
  }

  void squad(const GroupDraft& draft) {
    Squad squad{SquadName(draft.name.value),
                draft.title,
                draft.description,
                domain_of(draft),
                draft.channels,
                draft.name.place};
    if (squad.domain.empty() && knows_groups_above(draft)) {
      problems_.push_back(
          {draft.name.place,
           fmt::format("Group \"{}\" belongs to no domain; give it, or a Group above it, the annotation "
                       "myelin.dev/domain",
                       draft.name.value)});
    }
    model_.squads.emplace(squad.name, squad);
  }

  // The Group's own domain or that of the nearest Group above it; empty when there is none.
  DomainName domain_of(const GroupDraft& group) const {
    std::set<std::string> seen;
    const GroupDraft* current = &group;
    while (seen.insert(current->name.value).second) {
      if (current->domain) return DomainName(current->domain->value);
      const auto parent = current->parent ? groups_.find(current->parent->value) : groups_.end();
      if (parent == groups_.end()) break;
      current = parent->second.draft;
    }
    return {};
  }

  // False when one of them is not there, which has been noted or stands in a file that can't be read.
  bool knows_groups_above(const GroupDraft& group) const {
    std::set<std::string> seen;
    const GroupDraft* current = &group;
    while (current->parent && seen.insert(current->name.value).second) {
      const auto parent = groups_.find(current->parent->value);
      if (parent == groups_.end()) return false;
      current = parent->second.draft;
    }
    return true;
  }

  void domain_owners() {
    for (const DomainDraft& draft : drafts_.domains) {
      if (!draft.owner || referred(groups_, *draft.owner, "Group", drafts_.unread, problems_) == nullptr) continue;
      const SquadName owner(draft.owner->value);
      if (model_.squads.contains(owner)) model_.domains.at(DomainName(draft.name.value)).owner = owner;
    }
  }

  void users() {
    for (const UserDraft& draft : drafts_.users) {
      User user{PrincipalName(draft.name.value), draft.title, {}, draft.name.place, keys(draft)};
      for (const Text& group : draft.member_of) {
        const GroupEntry* entry = referred(groups_, group, "Group", drafts_.unread, problems_);
        if (entry != nullptr && entry->draft->is_squad()) user.squads.emplace_back(group.value);
      }
      declare(model_.users, user.name, user, "User", problems_);
    }
    for (const GroupDraft& group : drafts_.groups) members(group);
  }

  // Who signs with a key must be one person.
  std::vector<signature::PublicKey> keys(const UserDraft& draft) {
    std::vector<signature::PublicKey> keys;
    for (const auto& [key, place] : draft.keys) {
      const auto [first, fresh] = key_holders_.try_emplace(key, KeyHolder{draft.name.value, place});
      if (fresh) {
        keys.push_back(key);
      } else {
        problems_.push_back(
            {place, fmt::format("key {} already belongs to User \"{}\" at {}; a key belongs to one person, and stands "
                                "there once",
                                key.fingerprint(), first->second.user, first->second.place.text())});
      }
    }
    return keys;
  }

  // A Group may list its members instead of, or besides, the Users naming the Group.
  void members(const GroupDraft& group) {
    for (const Text& member : group.members) {
      if (referred(model_.users, member, "User", drafts_.unread, problems_) == nullptr || !group.is_squad()) continue;
      auto& squads = model_.users.at(PrincipalName(member.value)).squads;
      const SquadName squad(group.name.value);
      if (std::ranges::find(squads, squad) == squads.end()) squads.push_back(squad);
    }
  }

  // The squad that owns something; notes Groups that are not squads.
  SquadName owner(const Text& reference) {
    const GroupEntry* entry = referred(groups_, reference, "Group", drafts_.unread, problems_);
    if (entry == nullptr) return {};
    if (!entry->draft->is_squad()) {
      problems_.push_back(
          {reference.place, fmt::format("Group \"{}\" is of type \"{}\"; only a Group of type \"team\" can own this",
                                        reference.value, entry->draft->type.value)});
      return {};
    }
    return SquadName(reference.value);
  }

  DomainName domain_of(const SquadName& squad) const {
    const auto found = model_.squads.find(squad);
    return found == model_.squads.end() ? DomainName() : found->second.domain;
  }

  void systems() {
    for (const SystemDraft& draft : drafts_.systems) {
      System system{draft.name.value, draft.title, {}, owner(draft.owner), draft.name.place};
      system.domain = domain_of(system.owner);
      if (draft.domain && referred(model_.domains, *draft.domain, "Domain", drafts_.unread, problems_) != nullptr) {
        system.domain = DomainName(draft.domain->value);
      }
      declare(model_.systems, system.name, system, "System", problems_);
    }
  }

  void applications() {
    for (const ComponentDraft& draft : drafts_.components) {
      Application application;
      application.name = ApplicationName(draft.name.value);
      application.title = draft.title;
      application.description = draft.description;
      application.squad = owner(draft.owner);
      application.domain = domain_of(application.squad);
      application.place = draft.name.place;
      if (draft.system) {
        const System* system = referred(model_.systems, *draft.system, "System", drafts_.unread, problems_);
        application.system = draft.system->value;
        if (system != nullptr) application.domain = system->domain;
      }
      for (const Text& principal : draft.principals) application.principals.emplace_back(principal.value);
      for (const Text& prefix : draft.prefixes) application.prefixes.push_back(prefix.value);
      declare(model_.applications, application.name, application, "Component", problems_);
    }
  }

  void principals() {
    std::map<std::string, const ComponentDraft*> claims;
    for (const ComponentDraft& draft : drafts_.components) {
      for (const Text& principal : draft.principals) {
        const auto [first, fresh] = claims.try_emplace(principal.value, &draft);
        if (!fresh) {
          claimed_twice(principal, fmt::format("Component \"{}\" at {}", first->second->name.value,
                                               first->second->name.place.text()));
          continue;
        }
        const auto user = model_.users.find(PrincipalName(principal.value));
        if (user != model_.users.end()) claimed_twice(principal, "the User at " + user->second.place.text());
        model_.principals.emplace(principal.value, draft.name.value);
      }
    }
  }

  void claimed_twice(const Text& principal, const std::string& holder) {
    problems_.push_back(
        {principal.place, fmt::format("principal \"{}\" already belongs to {}; a principal belongs to one "
                                      "application or person",
                                      principal.value, holder)});
  }

  const Drafts& drafts_;
  Model& model_;
  document::Problems& problems_;
  std::map<std::string, GroupEntry> groups_;
  std::map<signature::PublicKey, KeyHolder> key_holders_;
};

}  // namespace

void resolve_org(const Drafts& drafts, Model& model, document::Problems& problems) {
  OrgResolver(drafts, model, problems).run();
}

}  // namespace myelin::model
