#pragma once
// The text of each new document, without "---". Internal to the module.
#include <string>
#include <string_view>
#include <vector>

#include "adopt/facts.h"
#include "adopt/owners.h"
#include "adopt/people.h"

namespace myelin::adopt {

[[nodiscard]] std::string domain_document(std::string_view name, const SquadName& owner);
[[nodiscard]] std::string squad_document(const SquadName& squad, std::string_view domain);
[[nodiscard]] std::string user_document(const PrincipalName& person, const SquadName& squad);
[[nodiscard]] std::string application_document(const NewApplication& application);
[[nodiscard]] std::string policy_document(const SquadName& platform, model::UndeclaredTopics undeclared);

// Its settings are those of the topic that differ from the defaults, as far as a contract has words for them.
[[nodiscard]] std::string contract_document(std::string_view id, const TopicName& name, const Topic& topic,
                                            const Owner& owner);
[[nodiscard]] std::string product_document(std::string_view id, const SquadName& owner, std::string_view contract,
                                           const std::vector<std::string>& readers);

struct NewGrant {
  std::string id;
  SquadName owner;
  std::string product;  // whose port has its name
  SquadName consumer;
  std::string application;  // empty: `user`
  std::string user;
  std::string why;
};
[[nodiscard]] std::string grant_document(const NewGrant& grant);

// `comments` are whole lines above it. All rights are about one name.
[[nodiscard]] std::string direct_grant_document(std::string_view name, std::string_view comments,
                                                const std::vector<model::Right>& rights);

}  // namespace myelin::adopt
