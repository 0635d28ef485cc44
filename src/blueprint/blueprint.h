#pragma once
// The documents that a new squad, product or consumer begins with, and sample clients that run against them. Pure.
//
// Each function answers files that are to be added to the folder of a model, and fails with Invalid or NotFound for a
// name that can't be, with Exists for one that is declared already. The model with the files is free of problems.
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "document/parse.h"
#include "model/model.h"

namespace myelin::blueprint {

struct NewSquad {
  std::string name;
  std::string domain = {};  // empty: the one that the model declares; without any, a new one with the squad's name
  std::vector<std::string> members = {};  // persons; who is not declared becomes a User
  model::SquadType type = model::SquadType::StreamAligned;
  std::string on_call = {};  // how to reach it; may be empty
};

struct NewProduct {
  std::string name;
  std::string squad;
  std::string topic = {};        // empty: called as the product
  std::string application = {};  // that writes it; empty: NAME-producer. New, or the squad's own
  std::string purpose = {};      // may be empty
};

struct NewConsumer {
  std::string application;  // new, or the squad's own
  std::string product;
  std::string squad;
  std::string purpose;
  std::string port = {};   // empty: the only one
  std::string until = {};  // a day or a time; empty: no end
};

struct Blueprint {
  std::vector<document::Source> files;              // names are relative to the model's folder
  std::string clients = {};                         // the folder of the sample clients; empty: there are none
  std::optional<PrincipalName> new_principal = {};  // that signs in as an application that is declared here
  bool has_grant = false;                           // a squad reads its own product without
};

[[nodiscard]] Result<Blueprint> squad_blueprint(const model::Model& model, const NewSquad& wanted);
[[nodiscard]] Result<Blueprint> product_blueprint(const model::Model& model, const NewProduct& wanted);
[[nodiscard]] Result<Blueprint> consumer_blueprint(const model::Model& model, const NewConsumer& wanted);

}  // namespace myelin::blueprint
