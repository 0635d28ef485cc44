#include "adopt/folder.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "adopt/access.h"
#include "adopt/claim.h"
#include "adopt/confirmed.h"
#include "adopt/documents.h"
#include "adopt/made_grants.h"
#include "adopt/owners.h"
#include "adopt/pages.h"
#include "adopt/people.h"
#include "adopt/prefixes.h"
#include "adopt/uses.h"
#include "document/nearest.h"
#include "model/load.h"
#include "model/name_rules.h"

namespace myelin::adopt {
namespace {

constexpr std::size_t kFilesMax = 5'000;       // of a model
constexpr std::size_t kTopicsInFiles = 1'000;  // of more topics, those of one squad lie in one file
constexpr const char* kDomain = "adopted";

std::vector<document::Source> sources_of(const model::Model& model) {
  std::map<std::string, std::string> texts;
  for (const auto& document : model.documents) texts[document.source->file] = document.source->text;
  std::vector<document::Source> sources;
  for (auto& [file, text] : texts) sources.push_back({file, std::move(text)});
  return sources;
}

class Adopting {
 public:
  explicit Adopting(const Facts& facts, const Claim* claim = nullptr)
      : facts_(facts), claim_(claim), policy_(*facts.policy), model_(policy_.model()), names_(model_), pages_(names_) {}

  Result<Folder> run() {
    uses_ = uses_of(facts_);
    find_people();
    choose_topics();
    if (claim_ != nullptr && owners_.empty()) return fail(Code::Invalid, "{}", folder_.left_out.back());
    const auto granted = made_grants(policy_);
    if (owners_.empty() && people_.applications.empty() && people_.persons.empty() && granted.documents == 0) {
      return std::move(folder_);
    }
    find_owners();
    find_prefixes();
    write_org();
    for (const auto& [topic, owner] : owners_) {
      const auto& id = contracts_[topic] = names_.id("DataContract", topic.text());
      pages_.add("contracts", stem(topic), ".odcs.yaml", contract_document(id, topic, facts_.topics.at(topic), owner));
    }
    if (auto kept = keep_access(); !kept) return pass(kept);
    if (claim_ != nullptr) return finished();
    if (auto written = write_made_grants(); !written) return pass(written);
    return finished();
  }

 private:
  [[nodiscard]] std::string stem(const TopicName& topic) const {
    return owners_.size() > kTopicsInFiles ? owners_.at(topic).squad.text() : topic.text();
  }

  void find_people() {
    auto unknown = unknown_principals(uses_, policy_);
    if (claim_ != nullptr) std::erase_if(unknown, [this](const auto& one) { return !uses_claimed(one.first); });
    for (const auto& [principal, last_seen] : unknown) {
      if (is_declarable(principal)) continue;
      undeclarable_.insert(principal);
      folder_.left_out.push_back(
          fmt::format("principal {}: {}", principal.text(),
                      model::wrong_principal(principal.text()).value_or("commas separate names in a document")));
    }
    for (const auto& principal : undeclarable_) unknown.erase(principal);
    people_ = guessed_people(unknown, policy_, names_);
    for (const auto& application : people_.applications) {
      for (const auto& principal : application.principals) squads_[principal] = application.squad;
    }
    for (const auto& person : people_.persons) squads_[person] = people_.platform;
  }

  [[nodiscard]] bool uses_claimed(const PrincipalName& principal) const {
    const auto is_among = [&](const std::map<TopicName, ByPrincipal>& uses) {
      const auto users = uses.find(claim_->topic);
      return users != uses.end() && users->second.contains(principal);
    };
    return is_among(uses_.writes) || is_among(uses_.reads);
  }

  // Those without a contract that nobody uses whom a contract would shut out.
  void choose_topics() {
    for (const auto& [name, topic] : facts_.topics) {
      if (name.text().starts_with("__") || model_.topics.contains(name)) continue;
      if (claim_ != nullptr && name != claim_->topic) {
        left_out_.insert(name);
        continue;
      }
      if (const auto wrong = model::wrong_topic(name.text())) {
        leave_out(name, *wrong);
      } else if (const auto user = undeclarable_user(name); !user.empty()) {
        leave_out(name, fmt::format("{} uses it, which no document can name", user.text()));
      } else {
        owners_[name];
      }
    }
  }

  void leave_out(const TopicName& topic, std::string_view why) {
    left_out_.insert(topic);
    folder_.left_out.push_back(fmt::format("topic {}: {}", topic.text(), why));
  }

  [[nodiscard]] PrincipalName undeclarable_user(const TopicName& topic) const {
    for (const auto* uses : {&uses_.writes, &uses_.reads}) {
      const auto users = uses->find(topic);
      if (users == uses->end()) continue;
      for (const auto& [principal, use] : users->second) {
        if (undeclarable_.contains(principal)) return principal;
      }
    }
    return {};
  }

  [[nodiscard]] SquadName squad_of(const PrincipalName& principal) const {
    const auto found = squads_.find(principal);
    return found == squads_.end() ? policy_.subject(principal).squad : found->second;
  }

  void find_owners() {
    for (auto& [topic, owner] : owners_) {
      const auto writes = uses_.writes.find(topic);
      owner = owner_of(topic, writes == uses_.writes.end() ? nullptr : &writes->second, model_, people_.platform,
                       [this](const PrincipalName& principal) { return squad_of(principal); });
      if (claim_ != nullptr) owner = claimed_instead_of(owner);
    }
  }

  [[nodiscard]] Owner claimed_instead_of(const Owner& seen) const {
    const auto& squad = claim_->squad;
    const bool is_others = seen.squad != squad && !seen.why.empty();
    const auto whose = is_others ? fmt::format(", which would be squad {}'s", seen.squad.text()) : std::string();
    return {squad, claimed(squad, seen.why + whose), true};
  }

  void find_prefixes() {
    Holders holders;
    std::map<PrincipalName, std::string> applications;
    for (const auto& application : people_.applications) {
      for (const auto& principal : application.principals) applications[principal] = application.name;
    }
    std::map<std::string, std::set<std::string>> used;  // by application
    const auto add_users = [&](const std::string& name, const ByPrincipal& users) {
      for (const auto& [principal, use] : users) {
        holders[name].insert(squad_of(principal));
        const auto application = applications.find(principal);
        if (application != applications.end()) used[application->second].insert(name);
      }
    };
    for (const auto& [topic, users] : uses_.writes) add_users(topic.text(), users);
    for (const auto& [group, users] : uses_.commits) add_users(group.text(), users);
    for (const auto& [topic, users] : uses_.reads) {
      if (owners_.contains(topic)) continue;  // who reads a topic with a contract does so by a grant
      for (const auto& [principal, use] : users) holders[topic.text()].insert(squad_of(principal));
    }
    for (const auto& [topic, owner] : owners_) holders[topic.text()].insert(owner.squad);
    for (const auto& [name, topic] : model_.topics) holders[name.text()].insert(topic.owner);
    for (const auto& topic : left_out_) holders[topic.text()].insert(SquadName());
    guess_prefixes(people_.applications, used, holders, model_);
  }

  [[nodiscard]] bool needs_platform() const {
    const auto is_its = [&](const auto& owner) { return owner.second.squad == people_.platform; };
    return !people_.squads.empty() || !people_.persons.empty() || std::ranges::any_of(owners_, is_its);
  }

  void write_org() {
    const bool makes_platform = people_.is_platform_new && needs_platform();
    auto squads = people_.squads;
    if (makes_platform) squads.insert(people_.platform);
    const auto domain = squads.empty() ? std::string() : domain_for_new_squads();
    for (const auto& squad : squads) pages_.add("org", squad.text(), ".yaml", squad_document(squad, domain));
    for (const auto& application : people_.applications) {
      pages_.add("org", application.squad.text(), ".yaml", application_document(application));
    }
    if (makes_platform) write_platform();
    for (const auto& person : people_.persons) {
      pages_.add("org", people_.platform.text(), ".yaml", user_document(person, people_.platform));
    }
  }

  std::string domain_for_new_squads() {
    if (model_.domains.contains(DomainName(kDomain))) return kDomain;
    auto name = names_.entity("Domain", kDomain);
    pages_.add("org", "domain-" + name, ".yaml", domain_document(name, people_.platform));
    return name;
  }

  // Whoever acts as platform is a member of the platform group, also who was not seen at work.
  void write_platform() {
    for (const auto& principal : policy_.settings().platform_principals) {
      const bool is_there = std::ranges::find(people_.persons, principal) != people_.persons.end();
      if (is_there || squads_.contains(principal) || policy_.subject(principal).known) continue;
      if (is_declarable(principal) && !model::wrong_entity_name(principal.text())) people_.persons.push_back(principal);
    }
    if (!model_.policy.place.file.empty()) return;
    const auto undeclared = policy_.settings().undeclared_topics.value_or(model_.policy.undeclared_topics);
    pages_.add("myelin", "policy", ".yaml", policy_document(people_.platform, undeclared));
  }

  Result<std::shared_ptr<const model::Model>> model_so_far() const {
    auto sources = sources_of(model_);
    std::ranges::move(pages_.sources(), std::back_inserter(sources));
    if (sources.size() > kFilesMax) {
      return fail(Code::TooLarge, "the model would have {} files, and may have {}", sources.size(), kFilesMax);
    }
    auto loaded = model::load(std::move(sources));
    if (!loaded.ok()) {
      return fail(Code::Corrupt, "the documents to be are no model:\n{}", document::listed(loaded.problems));
    }
    return std::make_shared<const model::Model>(std::move(loaded.model));
  }

  // What the documents so far say, without rules that only report.
  Result<std::shared_ptr<const policy::Snapshot>> strict_policy() const {
    auto model = model_so_far();
    if (!model) return pass(model);
    auto settings = policy_.settings();
    settings.authorise = policy::Authorise::Enforce;
    settings.undeclared_topics = model::UndeclaredTopics::Closed;
    settings.dev_mode = false;
    return policy::Snapshot::build(*std::move(model), settings);
  }

  Result<void> keep_access() {
    const auto declared = strict_policy();
    if (!declared) return std::unexpected(declared.error());
    const LostAccess lost(facts_, **declared);
    for (const auto& [topic, owner] : owners_) {
      if (const auto reads = uses_.reads.find(topic); reads != uses_.reads.end()) {
        write_product(topic, lost.reads(topic, reads->second));
      }
      if (const auto writes = uses_.writes.find(topic); writes != uses_.writes.end()) {
        write_rights(lost.writes(topic, writes->second));
      }
    }
    // A claim changes nothing of a group: new prefixes hold no name that somebody else uses.
    if (claim_ != nullptr) return {};
    for (const auto& [group, users] : uses_.commits) write_rights(lost.commits(group, users));
    return {};
  }

  void write_product(const TopicName& topic, const std::vector<LostRead>& reads) {
    if (reads.empty()) return;
    const auto& owner = owners_.at(topic).squad;
    const auto product = names_.id("DataProduct", topic.text());
    std::vector<std::string> readers;
    for (const auto& read : reads) {
      readers.push_back(read.reader());
      const auto id = names_.id("AccessAgreement", fmt::format("{}-for-{}", product, read.reader()));
      pages_.add("grants", stem(topic), ".yaml",
                 grant_document({id, owner, product, read.squad, read.application, read.user, read.why}));
      ++folder_.grants;
    }
    pages_.add("products", stem(topic), ".odps.yaml", product_document(product, owner, contracts_.at(topic), readers));
  }

  void write_rights(const std::vector<LostRight>& rights) {
    for (const auto& [right, why] : rights) {
      if (const auto wrong = model::wrong_name(right)) {
        folder_.left_out.push_back(fmt::format("{} {}: {}", model::name_of(right.resource), right.name, *wrong));
        continue;
      }
      const auto name = names_.id("DirectGrant", fmt::format("{}-{}-{}", plain(right.principal.text()),
                                                             model::name_of(right.resource), plain(right.name)));
      pages_.add("myelin", right.principal.text(), ".yaml", direct_grant_document(name, mark(0, why), {right}));
      ++folder_.direct_grants;
    }
  }

  Result<void> write_made_grants() {
    const auto declared = strict_policy();
    if (!declared) return std::unexpected(declared.error());
    const auto granted = made_grants(**declared);
    if (granted.documents == 0) return {};
    pages_.add("myelin", "granted-by-api", ".yaml", granted.yaml);
    folder_.direct_grants += granted.documents;
    return {};
  }

  Result<Folder> finished() {
    if (auto model = model_so_far(); !model) return pass(model);
    folder_.files = pages_.sources();
    folder_.guesses = guesses_in(folder_.files);
    folder_.topics = owners_.size();
    std::set<SquadName> squads;
    for (const auto& [topic, owner] : owners_) squads.insert(owner.squad);
    folder_.squads = squads.size();
    folder_.applications = people_.applications.size();
    return std::move(folder_);
  }

  const Facts& facts_;
  const Claim* claim_;  // of one topic alone; nullptr: everything
  const policy::Snapshot& policy_;
  const model::Model& model_;
  Names names_;
  Pages pages_;
  Uses uses_;
  People people_;
  std::set<PrincipalName> undeclarable_;
  std::set<TopicName> left_out_;
  std::map<PrincipalName, SquadName> squads_;   // of principals that no document knew
  std::map<TopicName, Owner> owners_;           // of the topics to declare
  std::map<TopicName, std::string> contracts_;  // ids
  Folder folder_;
};

}  // namespace

Result<Folder> folder_of(const Facts& facts) { return Adopting(facts).run(); }

Result<Folder> claim_of(const Facts& facts, const Claim& claim) {
  const auto& model = facts.policy->model();
  if (!model.squads.contains(claim.squad)) {
    std::vector<std::string> squads;
    for (const auto& [name, squad] : model.squads) squads.push_back(name.text());
    return fail(Code::NotFound, "there is no squad {}{}", claim.squad.text(),
                document::suggestion(claim.squad.text(), squads));
  }
  if (const auto declared = model.topics.find(claim.topic); declared != model.topics.end()) {
    if (declared->second.owner == claim.squad) return confirmed(model, claim);
    return fail(Code::Exists, "topic {} is squad {}'s, at {}: change the document there", claim.topic.text(),
                declared->second.owner.text(), declared->second.place.text());
  }
  if (!facts.topics.contains(claim.topic) || claim.topic.text().starts_with("__")) {
    return fail(Code::NotFound, "there is no topic {}", claim.topic.text());
  }
  return Adopting(facts, &claim).run();
}

}  // namespace myelin::adopt
