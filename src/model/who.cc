#include "model/who.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "document/nearest.h"
#include "model/ownership.h"
#include "model/timestamp.h"

namespace myelin::model {
namespace {

std::string joined(const std::vector<PrincipalName>& principals) {
  std::string text;
  for (const PrincipalName& principal : principals) {
    if (!text.empty()) text += ", ";
    text += principal.text();
  }
  return text;
}

std::string consumer_of(const Grant& grant) {
  if (grant.application) return fmt::format("{} of {}", grant.application->text(), grant.squad->text());
  if (grant.user) return grant.user->text();
  return grant.squad->text();
}

// Answers for one model at one time. Each answer is built by the kind of thing it is about.
class Answers {
 public:
  Answers(const Model& model, std::string_view thing, Moment now) : model_(model), thing_(thing), now_(now) {}

  std::vector<Who> all() {
    principal();
    application();
    topic();
    product();
    squad();
    domain();
    if (answers_.empty()) group();
    for (Who& who : answers_) drop_repeated_channels(who);
    return std::move(answers_);
  }

 private:
  Who& add(ThingKind kind, const Place& place) {
    Who who;
    who.kind = kind;
    who.name = thing_;
    who.place = place;
    answers_.push_back(std::move(who));
    return answers_.back();
  }

  void principal() {
    const PrincipalName name(thing_);
    if (const auto user = model_.users.find(name); user != model_.users.end()) {
      Who& who = add(ThingKind::Principal, user->second.place);
      who.title = user->second.title;
      stand_behind(who, identify(model_, name));
      reads_of(who, [&](const Grant& grant) { return concerns_user(grant, user->second); });
    }
    if (const auto found = model_.principals.find(name); found != model_.principals.end()) {
      const Application& application = model_.applications.at(found->second);
      Who& who = add(ThingKind::Principal, application.place);
      stand_behind(who, identify(model_, name));
      reads_of(who, [&](const Grant& grant) { return concerns(grant, application); });
    }
  }

  void application() {
    const auto found = model_.applications.find(ApplicationName(thing_));
    if (found == model_.applications.end()) return;
    const Application& application = found->second;
    Who& who = add(ThingKind::Application, application.place);
    who.title = application.title;
    who.description = application.description;
    who.squad = application.squad;
    who.domain = application.domain;
    for (const PrincipalName& principal : application.principals) who.principals.push_back(principal.text());
    reads_of(who, [&](const Grant& grant) { return concerns(grant, application); });
    call_squad(who);
  }

  void topic() {
    const TopicName name(thing_);
    const auto declared = model_.topics.find(name);
    if (declared == model_.topics.end()) return;
    const Topic& topic = declared->second;
    const Contract& contract = model_.contracts.at(topic.contract);
    Who& who = add(ThingKind::Topic, topic.place);
    who.title = topic.title;
    who.description = topic.description;
    who.squad = topic.owner;
    who.domain = topic.domain;
    who.owned_through = name_of(topic_owner(model_, name)->through);
    who.contract = described(contract);
    who.channels = contract.channels;
    if (topic.product) add_product(who, model_.products.at(*topic.product));
    writers_of(who, topic.owner);
    readers_of(who, topic.owner,
               [&](const Grant& grant) { return std::ranges::find(grant.topics, name) != grant.topics.end(); });
    call_squad(who);
  }

  // A group, a transactional id or an undeclared topic: whatever carries an application's prefix.
  void group() {
    const Application* owner = prefix_owner(model_, thing_);
    if (owner == nullptr) return;
    Who& who = add(ThingKind::Group, owner->place);
    who.application = owner->name;
    who.squad = owner->squad;
    who.domain = owner->domain;
    who.owned_through = name_of(OwnedThrough::Prefix);
    call_squad(who);
  }

  void product() {
    const auto found = model_.products.find(ProductName(thing_));
    if (found == model_.products.end()) return;
    const Product& product = found->second;
    Who& who = add(ThingKind::Product, product.place);
    who.description = product.description;
    who.squad = product.owner;
    who.domain = product.domain;
    add_product(who, product);
    who.product.reset();
    for (const OutputPort& port : product.ports) {
      if (!port.contract) continue;
      for (const TopicName& topic : model_.contracts.at(*port.contract).topics) who.topics.push_back(topic.text());
    }
    readers_of(who, product.owner, [&](const Grant& grant) { return grant.product == product.name; });
    call_squad(who);
  }

  void squad() {
    const auto found = model_.squads.find(present_squad(model_, SquadName(thing_)));
    if (found == model_.squads.end()) return;
    const Squad& squad = found->second;
    Who& who = add(ThingKind::Squad, squad.place);
    who.name = squad.name.text();  // the thing may be a name that it had
    who.title = squad.title;
    who.description = squad.description;
    who.domain = squad.domain;
    who.channels = squad.channels;
    if (const auto profile = model_.team_profiles.find(squad.name); profile != model_.team_profiles.end()) {
      who.squad_type = profile->second.type;
      who.on_call = profile->second.on_call;
    }
    for (const auto& [name, application] : model_.applications) {
      if (application.squad == squad.name) add_principals(who, application);
    }
    for (const auto& [name, topic] : model_.topics) {
      if (topic.owner == squad.name) who.topics.push_back(name.text());
    }
    add_grants(who, [&](const Grant& grant) { return grant.squad == squad.name; });
  }

  void domain() {
    const auto found = model_.domains.find(DomainName(thing_));
    if (found == model_.domains.end()) return;
    const Domain& domain = found->second;
    Who& who = add(ThingKind::Domain, domain.place);
    who.title = domain.title;
    who.description = domain.description;
    who.squad = domain.owner;
    for (const auto& [name, squad] : model_.squads) {
      if (squad.domain == domain.name) who.squads.push_back(name.text());
    }
    for (const auto& [name, topic] : model_.topics) {
      if (topic.domain == domain.name) who.topics.push_back(name.text());
    }
    if (who.squad) call_squad(who);
  }

  void stand_behind(Who& who, const Identity& identity) {
    who.application = identity.application;
    who.domain = identity.domain;
    if (!identity.squads.empty()) who.squad = identity.squads.front();
    call_squad(who);
  }

  static void drop_repeated_channels(Who& who) {
    std::vector<Channel> channels;
    for (Channel& channel : who.channels) {
      if (std::ranges::find(channels, channel.name, &Channel::name) == channels.end()) {
        channels.push_back(std::move(channel));
      }
    }
    who.channels = std::move(channels);
  }

  void call_squad(Who& who) {
    if (!who.squad) return;
    for (const Channel& channel : model_.squads.at(*who.squad).channels) who.channels.push_back(channel);
  }

  static void add_principals(Who& who, const Application& application) {
    for (const PrincipalName& principal : application.principals) who.principals.push_back(principal.text());
  }

  static std::string described(const Contract& contract) {
    std::string text = contract.id + " " + contract.version;
    if (!contract.status.empty()) text += " " + contract.status;
    return text;
  }

  void add_product(Who& who, const Product& product) {
    who.product = product.name;
    who.mode = product.mode;
    who.channels.insert(who.channels.end(), product.channels.begin(), product.channels.end());
  }

  static bool concerns(const Grant& grant, const Application& application) {
    return grant.application ? *grant.application == application.name : grant.squad == application.squad;
  }
  static bool concerns_user(const Grant& grant, const User& user) {
    if (grant.user) return *grant.user == user.name;
    return !grant.application && grant.squad && std::ranges::find(user.squads, *grant.squad) != user.squads.end();
  }

  template <typename Concerns>
  void add_grants(Who& who, Concerns concerns) {
    for (const Grant& grant : model_.grants) {
      if (!concerns(grant)) continue;
      who.grants.push_back(fmt::format("{} ({}) for {}: {}, {}", grant.product.text(), grant.port, consumer_of(grant),
                                       grant.purpose, state_of(grant, now_)));
    }
  }

  // The topics that the principal or application may read: its squad's own and those granted.
  template <typename Concerns>
  void reads_of(Who& who, Concerns concerns) {
    add_grants(who, concerns);
    std::set<std::string> topics;
    for (const auto& [name, topic] : model_.topics) {
      if (who.squad == topic.owner) topics.insert(name.text());
    }
    for (const Grant& grant : model_.grants) {
      if (!concerns(grant) || !grant.live_at(now_)) continue;
      for (const TopicName& topic : grant.topics) topics.insert(topic.text());
    }
    who.topics.assign(topics.begin(), topics.end());
  }

  void writers_of(Who& who, const SquadName& owner) {
    for (const auto& [name, application] : model_.applications) {
      if (application.squad == owner && !application.principals.empty()) {
        who.writers.push_back(access(application, "owner", application.place));
      }
    }
  }

  template <typename Concerns>
  void readers_of(Who& who, const SquadName& owner, Concerns concerns) {
    add_grants(who, concerns);
    for (const auto& [name, application] : model_.applications) {
      if (application.squad == owner && !application.principals.empty()) {
        who.readers.push_back(access(application, "owner", application.place));
      }
    }
    for (const Grant& grant : model_.grants) {
      if (concerns(grant) && grant.live_at(now_)) add_readers(who, grant);
    }
  }

  void add_readers(Who& who, const Grant& grant) {
    const std::string through = fmt::format("grant {}, {}", grant.id, state_of(grant, now_));
    for (const auto& [name, application] : model_.applications) {
      if (!grant.user && concerns(grant, application)) who.readers.push_back(access(application, through, grant.place));
    }
    if (!grant.user || grant.application) return;
    Access person;
    person.principals = grant.user->text();
    person.through = through;
    person.place = grant.place;
    if (grant.squad) person.squad = *grant.squad;
    who.readers.push_back(person);
  }

  static Access access(const Application& application, std::string through, const Place& place) {
    return {application.name,   joined(application.principals),
            application.squad,  application.domain,
            std::move(through), place};
  }

  const Model& model_;
  std::string thing_;
  Moment now_;
  std::vector<Who> answers_;
};

template <typename Map>
void add_names(std::vector<std::string>& names, const Map& map) {
  for (const auto& [name, value] : map) names.push_back(name.text());
}

}  // namespace

std::string state_of(const Grant& grant, Moment now) {
  if (grant.status != GrantStatus::Approved) return std::string(name_of(grant.status));
  if (grant.start && *grant.start > now.reached) return "from " + short_timestamp(*grant.start);
  if (!grant.end) return "open-ended";
  return (*grant.end <= now.latest ? "ended " : "until ") + short_timestamp(*grant.end);
}

std::string_view name_of(ThingKind kind) {
  switch (kind) {
    case ThingKind::Principal:
      return "principal";
    case ThingKind::Application:
      return "application";
    case ThingKind::Topic:
      return "topic";
    case ThingKind::Group:
      return "group";
    case ThingKind::Product:
      return "product";
    case ThingKind::Squad:
      return "squad";
    case ThingKind::Domain:
      return "domain";
  }
  return "";
}

Result<std::vector<Who>> who(const Model& model, std::string_view thing, Moment now) {
  auto answers = Answers(model, thing, now).all();
  if (!answers.empty()) return answers;
  std::vector<std::string> names;
  add_names(names, model.topics);
  add_names(names, model.products);
  add_names(names, model.squads);
  add_names(names, model.applications);
  add_names(names, model.principals);
  add_names(names, model.users);
  add_names(names, model.domains);
  return fail(Code::NotFound, "nothing in the model is called \"{}\"{}", thing, document::suggestion(thing, names));
}

std::vector<Accountable> accountable_for(const Model& model, const Who& answer) {
  const auto owner = answer.kind == ThingKind::Squad ? SquadName(answer.name) : answer.squad.value_or(SquadName());
  const Concern concern{owner, answer.mode};
  std::vector<Accountable> all;
  for (const auto failure : kFailures) {
    if (auto one = accountable(model, concern, failure)) all.push_back(*std::move(one));
  }
  return all;
}

}  // namespace myelin::model
