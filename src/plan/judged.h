#pragma once
// What rules of the Policy are told of a model: one thing for each document, and for each topic. Internal to the
// module.
#include <map>
#include <string>

#include "cel/expression.h"
#include "model/model.h"

namespace myelin::plan {

struct Judged {
  model::RuleAbout about = model::RuleAbout::Topic;
  SquadName squad;  // whose it is; empty: the platform group's
  DomainName domain;
  model::Place place;
  cel::Attributes attributes;
};

// By kind and name: "topic store.sale".
[[nodiscard]] std::map<std::string, Judged> judged_of(const model::Model& model);

}  // namespace myelin::plan
