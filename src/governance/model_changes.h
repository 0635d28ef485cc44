#pragma once
// Changing the operating model of a running server: plan, apply, roll back. An apply makes its plan anew and does
// exactly that; it is a revision, in force from the next request on, and in the audit log with its intent before and
// its outcome after.
//
// Threads: every function may be called from any thread that may block; they wait for the engine and the disk.
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "document/parse.h"
#include "engine/engine.h"
#include "governance/audited_change.h"
#include "governance/live_topics.h"
#include "governance/made_grants.h"
#include "governance/measurement.h"
#include "governance/policy_holder.h"
#include "governance/revisions.h"
#include "governance/rule_counts.h"
#include "governance/standing.h"
#include "governance/what_if.h"
#include "plan/plan.h"
#include "plan/saved_state.h"
#include "signature/ssh_signature.h"
#include "state/audit_log.h"

namespace myelin::governance {

// What somebody wants to be in force.
struct Proposal {
  std::vector<document::Source> files;                // a folder; a part of the whole will do
  bool allow_delete = false;                          // what the folder leaves out and the asker owns is to go
  std::set<SquadName> consenting{};                   // who else agreed to these very documents; see plan::Applier
  bool stands_in_for_platform = false;                // the same
  bool what_if = false;                               // of a plan: to tell what it makes of the organisation as well
  std::vector<signature::SshSignature> signatures{};  // over the plan's tree
};

struct ApplyOrder {
  std::string plan;  // id of the plan that was agreed to
  std::string message;
  std::string commit;  // of the documents' own repository; may be empty
};

struct Applied {
  plan::Plan plan;
  std::uint64_t revision = 0;
  std::vector<std::string>
      left;  // topics that could not be made as planned, with the reason: another apply tries again
  std::vector<Signer> signers{};
};

struct PlanAnswer {
  plan::Plan plan;
  std::string text;      // for a terminal
  std::string markdown;  // for a pull request
  std::optional<WhatIf> what_if = {};
  std::vector<Signer> signers = {};
};
// With the words of both.
[[nodiscard]] PlanAnswer plan_answer(plan::Plan plan, std::optional<WhatIf> what_if, WallTime now);

class ModelChanges {
 public:
  struct Parts {
    engine::Engine& engine;
    PolicyHolder& policy;
    Revisions& revisions;
    MadeGrants& grants;
    RuleCounts& rule_counts;
    Measurement& measurement;
    state::AuditLog& audit;
    const Clock& clock;
    std::string folder;  // where the model comes from instead of from revisions; empty: revisions
  };
  explicit ModelChanges(Parts parts) : parts_(std::move(parts)) {}

  // Invalid, with every problem at its file, line and column, when the whole would not be a model. Denied for who
  // stands in no squad and is not platform, and for a signature that does not count. What if it were applied is told by
  // the traffic that the asker may see now.
  [[nodiscard]] Result<PlanAnswer> plan(const Asker& asker, Proposal proposal) const;
  // Exists when the plan is not what an apply would do by now: plan again. Denied, with the reasons, when it refuses.
  [[nodiscard]] Result<Applied> apply(const Asker& asker, Proposal proposal, ApplyOrder order);

  // Who was seen to write or read a topic, may, and would be refused if these documents were in force.
  [[nodiscard]] Result<std::vector<PrincipalName>> shut_out(Proposal proposal, const TopicName& topic) const;

  // The documents of an earlier revision, whole: what came since goes. The same rules hold.
  [[nodiscard]] Result<PlanAnswer> plan_rollback(const Asker& asker, std::uint64_t revision, bool allow_delete) const;
  [[nodiscard]] Result<Applied> roll_back(const Asker& asker, std::uint64_t revision, bool allow_delete,
                                          ApplyOrder order);

  // What plans are made against, to plan where no server can be asked. Denied for anybody but platform: it says who
  // uses what.
  [[nodiscard]] Result<plan::SavedState> state(const Asker& asker) const;

  // Newest first. Denied as a plan is.
  [[nodiscard]] Result<std::vector<Revision>> revisions(const Asker& asker) const;
  [[nodiscard]] Result<std::vector<document::Source>> documents_of(const Asker& asker, std::uint64_t revision) const;
  // What changed from one revision to another; nobody is hit by it any more.
  [[nodiscard]] Result<PlanAnswer> compare(const Asker& asker, std::uint64_t before, std::uint64_t after) const;

 private:
  // One way to arrive at the documents that are to be.
  struct Draft {
    std::vector<document::Source> sources;
    std::size_t left_out = 0;
    bool allow_delete = false;
    std::uint64_t restores = 0;
    std::vector<signature::SshSignature> signatures{};
  };
  // What one signature adds.
  struct Approval {
    Signer signer;
    std::vector<state::AuditedAct> acts;
  };
  struct Made {
    plan::Plan plan;
    std::shared_ptr<const model::Model> before;
    std::shared_ptr<const model::Model> after;
    WallTime now;
    std::vector<Approval> approvals{};
  };
  [[nodiscard]] Result<plan::Applier> applier_of(const Asker& asker, bool allow_delete) const;
  [[nodiscard]] Draft draft_of(Proposal proposal, const plan::Applier& applier) const;
  [[nodiscard]] Result<Draft> draft_of(std::uint64_t revision, bool allow_delete) const;
  [[nodiscard]] Result<Made> make(const plan::Applier& applier, const Draft& draft) const;
  // Again, with what the draft's signatures agree to.
  [[nodiscard]] Result<Made> with_signatures(Made made, plan::Applier& applier, const Draft& draft) const;
  [[nodiscard]] Result<plan::Live> live(const WantsSettings& wants_settings, const plan::Applier& applier) const;
  [[nodiscard]] Result<Applied> carry_out(const Asker& asker, plan::Applier applier, Draft draft, ApplyOrder order);
  [[nodiscard]] Result<Applied> carried_out(const Asker& asker, Made made, const Draft& draft, ApplyOrder order);
  [[nodiscard]] Result<void> record(const std::vector<Approval>& approvals, const plan::Plan& plan, const Asker& asker);
  [[nodiscard]] Result<std::uint64_t> add_revision(const Asker& asker, const Made& made, const Draft& draft,
                                                   ApplyOrder order);

  Parts parts_;
  mutable std::mutex mutex_;  // one plan or apply at a time: each takes memory for two models
};

}  // namespace myelin::governance
