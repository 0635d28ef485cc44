#pragma once
// Who agreed to a plan by signing it. A signature counts as what its key's holder would say with `myelin approve`, for
// this one plan. Pure.
#include <span>
#include <vector>

#include "base/result.h"
#include "governance/revisions.h"
#include "plan/plan.h"
#include "policy/snapshot.h"
#include "signature/ssh_signature.h"

namespace myelin::governance {

inline constexpr std::size_t kSignaturesMax = 64;  // of one plan

// Each person once, with the squads for whom they have a say in the plan, by the model in force: a key that the plan
// itself brings is nobody's yet. Denied, with what is wrong and what to do, for a signature that was made for something
// else, is not over this plan's tree, is by a key that nobody holds, or by somebody without a say.
[[nodiscard]] Result<std::vector<Signer>> signers_of(std::span<const signature::SshSignature> signatures,
                                                     const plan::Plan& plan, const policy::Snapshot& in_force);

}  // namespace myelin::governance
