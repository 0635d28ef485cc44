#include "directory/folder_teams.h"

#include "directory/entity.h"

namespace myelin::directory {
namespace {

using document::Document;
using document::Member;
using document::Node;

class References {
 public:
  explicit References(const Document& document) : root_(*document.root) {}

  std::vector<SquadReference> all() {
    const auto kind = text_at(root_, {"kind"});
    if (kind == "DataContract" || kind == "DataProduct") {
      add(root_.find("team"), "name");
    } else if (kind == "AccessAgreement") {
      add(root_.find("provider"), "teamId");
      add(root_.find("consumer"), "teamId");
    } else if (const auto* spec = root_.find("spec")) {
      of_spec(kind, *spec);
    }
    return std::move(found_);
  }

 private:
  void of_spec(const std::string& kind, const Node& spec) {
    if (kind == "Group") {
      add(&spec, "parent");
      add_items(spec, "children");
    } else if (kind == "Policy") {
      of_policy(spec);
    } else if (kind == "AccountabilityModel") {
      for (const auto* key : {"central", "governance", "facilitation", "steering"}) add(&spec, key);
    } else if (kind == "TeamProfile") {
      add(&spec, "squad");
      add_of_each(spec.find("interactions"), "with");
    } else if (kind != "User") {
      add(&spec, "owner");
    }
  }

  void of_policy(const Node& spec) {
    add(&spec, "platform_group");
    if (const auto* quotas = spec.find("quotas")) add_of_each(quotas->find("squads"), "squad");
    const auto* rules = spec.find("rules");
    if (rules == nullptr) return;
    for (const auto& rule : rules->items) {
      add(&rule, "owner");
      if (const auto* scope = rule.find("scope")) add_items(*scope, "squads");
    }
  }

  void add(const Node* map, std::string_view key) {
    const auto* value = map == nullptr ? nullptr : map->find(key);
    // An owner may be a person.
    if (value == nullptr || value->text.empty() || value->text.starts_with("user:")) return;
    found_.push_back({value, nullptr, 0});
  }

  void add_of_each(const Node* list, std::string_view key) {
    if (list == nullptr) return;
    for (const auto& item : list->items) add(&item, key);
  }

  void add_items(const Node& map, std::string_view key) {
    for (const Member& member : map.members) {
      if (member.key != key) continue;
      for (std::size_t i = 0; i < member.value.items.size(); ++i)
        found_.push_back({&member.value.items[i], &member, i});
    }
  }

  const Node& root_;
  std::vector<SquadReference> found_;
};

void add_accountabilities(const model::Model& model, const SquadName& squad, std::vector<Owned>& owned) {
  const auto& policy = model.policy;
  const auto add = [&](const std::optional<SquadName>& holder, const char* what, const document::Place& place) {
    if (holder == squad) owned.push_back({what, place});
  };
  add(policy.platform_group, "the platform group of the Policy", policy.place);
  if (policy.squad_quotas.contains(squad)) owned.push_back({"its quotas in the Policy", policy.place});
  for (const auto& rule : policy.rules) {
    if (rule.owner == squad) owned.push_back({"rule " + rule.name, rule.place});
  }
  const auto& roles = model.accountability;
  add(roles.central, "central, of the AccountabilityModel", roles.place);
  add(roles.governance, "governance, of the AccountabilityModel", roles.place);
  add(roles.facilitation, "facilitation, of the AccountabilityModel", roles.place);
  add(roles.steering, "steering, of the AccountabilityModel", roles.place);
  const auto profile = model.team_profiles.find(squad);
  if (profile == model.team_profiles.end()) return;
  const auto& on_call = profile->second.on_call;
  owned.push_back(
      {on_call.empty() ? "team profile " + profile->second.name : "on-call " + on_call, profile->second.place});
}

}  // namespace

FolderTeams folder_teams(const std::vector<Document>& documents) {
  FolderTeams teams;
  for (const auto& document : documents) {
    const auto kind = text_at(*document.root, {"kind"});
    const auto name = text_at(*document.root, {"metadata", "name"});
    const auto id = text_at(*document.root, {"metadata", "annotations", "myelin.dev/directory-id"});
    if (kind == "User") teams.users.emplace(name, FolderUser{&document, id});
    if (kind != "Group") continue;
    auto& group = teams.groups[name];
    group.document = &document;
    group.id = id;
    group.type = text_at(*document.root, {"spec", "type"});
    group.parent = bare_name(text_at(*document.root, {"spec", "parent"}));
    for (auto& person : names_at(*document.root, {"spec", "members"})) group.people.insert(std::move(person));
  }
  for (const auto& [name, user] : teams.users) {
    for (const auto& group : names_at(*user.document->root, {"spec", "memberOf"})) {
      if (const auto found = teams.groups.find(group); found != teams.groups.end()) found->second.people.insert(name);
    }
  }
  return teams;
}

std::vector<SquadReference> squad_references(const Document& document) { return References(document).all(); }

std::vector<Owned> owned_by(const model::Model& model, const FolderTeams& folder, const std::string& group) {
  const SquadName squad(group);
  std::vector<Owned> owned;
  for (const auto& [name, domain] : model.domains) {
    if (domain.owner == squad) owned.push_back({"domain " + name.text(), domain.place});
  }
  for (const auto& [name, system] : model.systems) {
    if (system.owner == squad) owned.push_back({"system " + name, system.place});
  }
  for (const auto& [name, application] : model.applications) {
    if (application.squad == squad) owned.push_back({"application " + name.text(), application.place});
  }
  for (const auto& [id, contract] : model.contracts) {
    if (contract.team == squad) owned.push_back({"contract " + id, contract.place});
  }
  for (const auto& [name, product] : model.products) {
    if (product.owner == squad) owned.push_back({"product " + name.text(), product.place});
  }
  for (const auto& grant : model.grants) {
    const auto product = model.products.find(grant.product);
    const bool approves = product != model.products.end() && product->second.owner == squad;
    if (approves) owned.push_back({"grant " + grant.id + ", which it approves", grant.place});
    if (!approves && grant.squad == squad) owned.push_back({"grant " + grant.id + ", which it uses", grant.place});
  }
  add_accountabilities(model, squad, owned);
  for (const auto& [name, below] : folder.groups) {
    if (below.parent == group) owned.push_back({"group " + name + " below it", place_of_name(*below.document)});
  }
  return owned;
}

}  // namespace myelin::directory
