#pragma once
// A topic that nobody declared becomes a squad's own: claimed with what was measured, agreed to by the squad that wrote
// most of it, else the platform group, and told to the other squads that write it.
//
// Threads: every function may be called from any thread that may block.
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "engine/engine.h"
#include "governance/measurement.h"
#include "governance/policy_holder.h"
#include "governance/proposal_desk.h"

namespace myelin::governance {

struct ClaimRequest {
  TopicName topic;
  SquadName squad;
  std::string why;  // whoever decides reads it; may be empty
};

class ClaimDesk {
 public:
  struct Parts {
    engine::Engine& engine;
    ProposalDesk& desk;
    const PolicyHolder& policy;
    Measurement& measurement;
    const Clock& clock;
  };
  explicit ClaimDesk(Parts parts) : parts_(parts) {}

  // Denied for who stands outside the squad and is not platform; NotFound for a topic that the squad was not seen to
  // write, which only the platform group can claim for it; Exists for one that a document declares.
  [[nodiscard]] Result<ProposalAnswer> claim(const Asker& asker, const ClaimRequest& request);

 private:
  Parts parts_;
};

}  // namespace myelin::governance
