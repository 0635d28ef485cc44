#pragma once
// What one asker may see, by one policy snapshot. Internal to the module.
#include <memory>
#include <set>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "governance/measurement.h"
#include "organisation/flow.h"
#include "policy/snapshot.h"

namespace myelin::governance {

class Sight {
 public:
  Sight(std::shared_ptr<const policy::Snapshot> snapshot, const PrincipalName& asker, Moment now);

  [[nodiscard]] bool everything() const { return all_; }
  [[nodiscard]] bool topic(const TopicName& name) const {
    return all_ || snapshot_->sees_topic(subject_, name.text(), now_);
  }
  [[nodiscard]] bool flow(const PrincipalName& principal, const TopicName& name) const {
    return (!name.empty() && topic(name)) || all_ || squads_.contains(squad_of(principal));
  }
  [[nodiscard]] bool squad(const SquadName& name) const { return all_ || squads_.contains(name); }
  [[nodiscard]] bool principal(const PrincipalName& name) const {
    return name == subject_.principal || squad(squad_of(name));
  }
  [[nodiscard]] SquadName squad_of(const PrincipalName& principal) const { return snapshot_->subject(principal).squad; }
  // Whether a document allows it, without report modes.
  [[nodiscard]] bool is_declared(const PrincipalName& principal, policy::Operation operation,
                                 const TopicName& name) const;
  // Who moves what, as far as the asker may see it.
  [[nodiscard]] std::vector<organisation::Flow> flows(Measurement::Edges edges) const;

  [[nodiscard]] const model::Model& model() const { return snapshot_->model(); }
  [[nodiscard]] const policy::Snapshot& snapshot() const { return *snapshot_; }
  [[nodiscard]] const policy::Subject& subject() const { return subject_; }
  [[nodiscard]] Moment now() const { return now_; }

 private:
  std::shared_ptr<const policy::Snapshot> snapshot_;
  policy::Subject subject_;
  Moment now_;
  bool all_ = false;
  std::set<SquadName> squads_;
};

}  // namespace myelin::governance
