#pragma once
// Who may use a topic or group now, was seen to, and would be refused by the documents so far. Internal to the module.
#include <string>
#include <vector>

#include "adopt/facts.h"
#include "adopt/uses.h"
#include "model/direct_grant.h"

namespace myelin::adopt {

struct LostRead {
  SquadName squad;          // of the application
  std::string application;  // or `user`
  std::string user;
  std::string why;  // evidence
  [[nodiscard]] const std::string& reader() const { return application.empty() ? user : application; }
};

struct LostRight {
  model::Right right;
  std::string why;
};

class LostAccess {
 public:
  LostAccess(const Facts& facts, const policy::Snapshot& declared) : facts_(facts), declared_(declared) {}

  [[nodiscard]] std::vector<LostRead> reads(const TopicName& topic, const ByPrincipal& users) const;
  [[nodiscard]] std::vector<LostRight> writes(const TopicName& topic, const ByPrincipal& users) const;
  [[nodiscard]] std::vector<LostRight> commits(const GroupName& group, const ByPrincipal& users) const;

 private:
  [[nodiscard]] bool is_lost(const PrincipalName& principal, policy::Operation operation,
                             policy::Resource resource) const;

  const Facts& facts_;
  const policy::Snapshot& declared_;
};

}  // namespace myelin::adopt
