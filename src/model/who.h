#pragma once
// "Who stands behind this, and whom do I call?", as values to be rendered by whoever asked.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/model.h"

namespace myelin::model {

// Group: any name under an application's prefix, be it a consumer group, a transactional id or an undeclared topic.
enum class ThingKind { Principal, Application, Topic, Group, Product, Squad, Domain };
[[nodiscard]] std::string_view name_of(ThingKind kind);

// Somebody who may read or write, and why.
struct Access {
  ApplicationName application;  // empty when it is a person or a whole squad without applications
  std::string principals;       // comma-separated; empty when none is declared
  SquadName squad;
  DomainName domain;
  std::string through;  // "owner", or "grant orders-for-billing until 2027-01-01"
  Place place;
};

struct Who {
  ThingKind kind = ThingKind::Topic;
  std::string name;
  std::string title;
  std::string description;
  std::optional<ApplicationName> application;
  std::optional<SquadName> squad;
  std::optional<DomainName> domain;
  std::string owned_through;  // of topics: product, contract or prefix
  std::optional<ProductName> product;
  std::optional<std::string> mode;      // of the product
  std::optional<SquadType> squad_type;  // of squads, where a TeamProfile says so
  std::string on_call;                  // of squads: how to reach who is on call
  std::optional<std::string> contract;  // "orders 1.2.0 active"
  std::vector<std::string> squads;      // of domains
  std::vector<std::string> principals;  // of applications and squads
  std::vector<std::string> topics;      // owned (squad, product, domain) or readable (principal, application)
  std::vector<Access> readers;          // declared, of topics and products; live at the time asked for
  std::vector<Access> writers;
  std::vector<std::string> grants;  // "store-sales (active-sales): purpose, until 2027-01-01"
  std::vector<Channel> channels;    // whom to call: the thing's own first, then its squad's
  Place place;
};

// Of a grant: "until 2027-01-01", "open-ended", "from 2027-01-01", "ended 2026-01-01", "requested", "rejected".
[[nodiscard]] std::string state_of(const Grant& grant, Moment now);

// One answer for each kind of thing of that name, in the order of ThingKind. NotFound, with the nearest known name,
// when there is none. A name that a squad had before is answered with that squad.
[[nodiscard]] Result<std::vector<Who>> who(const Model& model, std::string_view thing, Moment now);

// Who is called for each class of failure of what an answer is about, in the order of kFailures; a class for which the
// model has nobody is left out. What nobody owns is the platform group's.
[[nodiscard]] std::vector<Accountable> accountable_for(const Model& model, const Who& answer);
// For a terminal and for golden files, one line for each class: "data  call stores (builder, by mode growth), then ops;
// data-product-development of engineering, by the default catalogue".
[[nodiscard]] std::string rendered(const std::vector<Accountable>& accountable);

// For a terminal and for golden files: one "label  value" line per fact that is known, a blank line between answers.
[[nodiscard]] std::string rendered(const std::vector<Who>& answers);

}  // namespace myelin::model
