#include "adopt/prefixes.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

#include "adopt/guess.h"
#include "model/name_rules.h"
#include "model/ownership.h"

namespace myelin::adopt {
namespace {

constexpr std::string_view kSeparators = ".-_";

class Guessing {
 public:
  Guessing(const Holders& holders, const model::Model& in_force) : holders_(holders) {
    for (const auto& [name, application] : in_force.applications) {
      for (const auto& prefix : application.prefixes) claims_.emplace(prefix, application.squad);
    }
  }

  // Whether nobody else would lose a name by it, and no prefix of another squad lies within it or around it.
  [[nodiscard]] bool is_free(const std::string& prefix, const SquadName& squad) const {
    if (model::wrong_topic(prefix) || claims_.contains(prefix)) return false;
    for (auto at = holders_.lower_bound(prefix); at != holders_.end() && at->first.starts_with(prefix); ++at) {
      if (model::has_prefix(at->first, prefix) && at->second != std::set{squad}) return false;
    }
    return std::ranges::none_of(claims_, [&](const auto& claim) {
      return claim.second != squad &&
             (model::has_prefix(claim.first, prefix) || model::has_prefix(prefix, claim.first));
    });
  }

  // The fewest words that are free; empty when none are, or when a prefix of the squad takes the name in already.
  [[nodiscard]] std::string prefix_for(const std::string& name, const SquadName& squad) const {
    const auto holders = holders_.find(name);
    if (holders == holders_.end() || holders->second != std::set{squad}) return {};
    const auto takes_in = [&](const auto& claim) { return model::has_prefix(name, claim.first); };
    if (std::ranges::any_of(claims_, takes_in)) return {};
    for (auto end = name.find_first_of(kSeparators); end != std::string::npos;
         end = name.find_first_of(kSeparators, end + 1)) {
      if (auto prefix = name.substr(0, end); is_free(prefix, squad)) return prefix;
    }
    return is_free(name, squad) ? name : std::string();
  }

  void claim(NewApplication& application, const std::string& prefix) {
    application.prefixes.push_back(prefix);
    claims_.emplace(prefix, application.squad);
  }

 private:
  const Holders& holders_;
  std::map<std::string, SquadName> claims_;  // by prefix
};

}  // namespace

void guess_prefixes(std::vector<NewApplication>& applications, const std::map<std::string, std::set<std::string>>& used,
                    const Holders& holders, const model::Model& in_force) {
  Guessing guessing(holders, in_force);
  for (auto& application : applications) {
    if (guessing.is_free(application.name, application.squad)) guessing.claim(application, application.name);
  }
  for (auto& application : applications) {
    const auto its = used.find(application.name);
    std::vector<std::string> behind;
    for (const auto& name : its == used.end() ? std::set<std::string>() : its->second) {
      const auto prefix = guessing.prefix_for(name, application.squad);
      if (prefix.empty()) continue;
      guessing.claim(application, prefix);
      behind.push_back(name);
    }
    application.why_prefixes =
        behind.empty() ? "no other squad was seen to use a name that begins so"
                       : fmt::format("of all squads {} alone used {}", application.squad.text(), listed(behind));
  }
}

}  // namespace myelin::adopt
