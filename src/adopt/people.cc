#include "adopt/people.h"

#include <fmt/core.h>

#include <algorithm>

#include "adopt/guess.h"
#include "model/name_rules.h"

namespace myelin::adopt {
namespace {

constexpr std::string_view kSeparators = ".-_";
constexpr const char* kPlatform = "platform";

using Principals = std::vector<PrincipalName>;

std::string_view first_word(const PrincipalName& principal) {
  const std::string_view name = principal.text();
  const auto word = name.substr(0, name.find_first_of(kSeparators));
  return word.empty() ? name : word;
}

// All but the last word; empty for a name of one word.
std::string_view stem_of(const PrincipalName& principal) {
  const std::string_view name = principal.text();
  const auto end = name.find_last_of(kSeparators);
  return end == std::string_view::npos ? std::string_view() : name.substr(0, end);
}

std::vector<std::string> texts_of(const Principals& principals) {
  std::vector<std::string> texts;
  for (const auto& principal : principals) texts.push_back(principal.text());
  return texts;
}

class Guessing {
 public:
  Guessing(const policy::Snapshot& policy, Names& names) : policy_(policy), model_(policy.model()), names_(names) {
    for (const auto& [principal, application] : model_.principals) {
      declared_[std::string(first_word(principal))].insert(model_.applications.at(application).squad);
    }
  }

  People run(const LastSeen& unknown) {
    last_seen_ = &unknown;
    choose_platform();
    std::map<std::string, Principals> by_word;
    for (const auto& [principal, last_seen] : unknown) {
      if (policy_.subject(principal).platform && !model::wrong_entity_name(principal.text())) {
        people_.persons.push_back(principal);
      } else {
        by_word[std::string(first_word(principal))].push_back(principal);
      }
    }
    for (const auto& [word, principals] : by_word) add_squad(word, principals);
    std::ranges::sort(people_.applications, {}, &NewApplication::name);
    return std::move(people_);
  }

 private:
  void choose_platform() {
    people_.platform = model_.policy.platform_group.value_or(SquadName(kPlatform));
    people_.is_platform_new = !model_.squads.contains(people_.platform);
    if (people_.is_platform_new) people_.platform = SquadName(names_.entity("Group", kPlatform));
  }

  void add_squad(const std::string& word, const Principals& principals) {
    const auto declared = declared_.find(word);
    if (declared != declared_.end() && declared->second.size() == 1) {
      const auto& squad = *declared->second.begin();
      add_applications(principals, squad,
                       fmt::format("declared principals of squad {} begin with \"{}\" too", squad.text(), word));
    } else if (model_.squads.contains(SquadName(word))) {
      add_applications(principals, SquadName(word), "its principal begins with the name of the squad");
    } else if (principals.size() > 1) {
      add_applications(principals, new_squad(word),
                       fmt::format("{} share the first word \"{}\"", listed(texts_of(principals)), word));
    } else {
      add_applications(principals, new_squad(principals.front().text()),
                       fmt::format("no other principal begins with \"{}\"", word));
    }
  }

  SquadName new_squad(std::string_view wanted) {
    SquadName squad(names_.entity("Group", wanted));
    people_.squads.insert(squad);
    return squad;
  }

  void add_applications(const Principals& principals, const SquadName& squad, const std::string& why) {
    std::map<std::string, Principals> by_stem;
    for (const auto& principal : principals) by_stem[std::string(stem_of(principal))].push_back(principal);
    for (const auto& [stem, alike] : by_stem) {
      if (!stem.empty() && alike.size() > 1) {
        add(stem, alike, squad, why, fmt::format("{} differ in their last word only", listed(texts_of(alike))));
        continue;
      }
      for (const auto& principal : alike) add(principal.text(), {principal}, squad, why, "");
    }
  }

  void add(std::string_view wanted, const Principals& principals, const SquadName& squad, const std::string& why,
           const std::string& why_together) {
    WallTime last;
    for (const auto& principal : principals) last = std::max(last, last_seen_->at(principal));
    people_.applications.push_back({names_.entity("Component", wanted), squad, principals,
                                    fmt::format("{}; last seen on {}", why, day_of(last)), why_together});
  }

  const policy::Snapshot& policy_;
  const model::Model& model_;
  Names& names_;
  std::map<std::string, std::set<SquadName>> declared_;  // squads of declared principals, by first word
  const LastSeen* last_seen_ = nullptr;
  People people_;
};

}  // namespace

People guessed_people(const LastSeen& unknown, const policy::Snapshot& policy, Names& names) {
  return Guessing(policy, names).run(unknown);
}

}  // namespace myelin::adopt
