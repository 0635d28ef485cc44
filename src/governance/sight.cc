#include "governance/sight.h"

#include <utility>

#include "model/ownership.h"

namespace myelin::governance {

Sight::Sight(std::shared_ptr<const policy::Snapshot> snapshot, const PrincipalName& asker, Moment now)
    : snapshot_(std::move(snapshot)), subject_(snapshot_->subject(asker)), now_(now) {
  all_ = subject_.platform || snapshot_->settings().dev_mode;
  for (const auto& squad : model::identify(snapshot_->model(), asker).squads) squads_.insert(squad);
  if (!subject_.squad.empty()) squads_.insert(subject_.squad);
}

bool Sight::is_declared(const PrincipalName& principal, policy::Operation operation, const TopicName& name) const {
  const auto decision =
      snapshot_->decide(snapshot_->subject(principal), operation, policy::Resource::topic(name), now_);
  return decision.reason == policy::Reason::Owner || decision.reason == policy::Reason::Grant ||
         decision.reason == policy::Reason::DirectGrant || decision.reason == policy::Reason::Platform;
}

std::vector<organisation::Flow> Sight::flows(Measurement::Edges edges) const {
  const auto hidden = [this](const auto& edge) { return !flow(edge.principal, edge.topic); };
  std::erase_if(edges.writes, hidden);
  std::erase_if(edges.reads, hidden);
  return organisation::flows_of({std::move(edges.writes), std::move(edges.reads)});
}

}  // namespace myelin::governance
