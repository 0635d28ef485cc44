#include "governance/plan_signatures.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/one_line.h"
#include "governance/standing.h"
#include "plan/tree.h"

namespace myelin::governance {
namespace {

constexpr std::size_t kShownMax = 40;

const model::User* holder_of(const model::Model& model, const signature::PublicKey& key) {
  for (const auto& [name, user] : model.users) {
    if (std::ranges::find(user.keys, key) != user.keys.end()) return &user;
  }
  return nullptr;
}

std::vector<plan::Consent> consents_of(const plan::Plan& plan) {
  std::vector<plan::Consent> consents;
  for (const auto& change : plan.entities) {
    consents.insert(consents.end(), change.consents.begin(), change.consents.end());
  }
  return consents;
}

// `name` is how an error calls it.
Result<Signer> signer_of(const signature::SshSignature& signature, const std::string& name, const plan::Plan& plan,
                         const policy::Snapshot& in_force) {
  if (signature.name_space != plan::kSignatureNamespace) {
    return fail(Code::Denied, "{} was made for \"{}\", not for \"{}\": sign with ssh-keygen -Y sign -n {}", name,
                in_one_line(signature.name_space.substr(0, kShownMax)), plan::kSignatureNamespace,
                plan::kSignatureNamespace);
  }
  const auto key = signature.key.fingerprint();
  const auto* user = holder_of(in_force.model(), signature.key);
  if (user == nullptr) {
    return fail(Code::Denied,
                "{} is by key {}, which belongs to nobody in the model that is in force: the platform group registers "
                "it, with the User's annotation myelin.dev/signing-keys",
                name, key);
  }
  if (!signature::is_over(signature, plan::text_to_sign(plan.tree))) {
    return fail(Code::Denied,
                "{}, by {} with key {}, is not over this plan, whose tree is {}: sign what `myelin plan DIR --to-sign "
                "FILE` writes now",
                name, user->name.text(), key, plan.tree);
  }
  auto squads = standing_of(in_force, user->name).spoken_for(consents_of(plan));
  if (squads.empty()) {
    return fail(Code::Denied, "{} is by {}, who has no say in what this plan changes", name, user->name.text());
  }
  return Signer{user->name, key, std::move(squads)};
}

}  // namespace

Result<std::vector<Signer>> signers_of(std::span<const signature::SshSignature> signatures, const plan::Plan& plan,
                                       const policy::Snapshot& in_force) {
  std::vector<Signer> signers;
  for (std::size_t at = 0; at < signatures.size(); ++at) {
    const auto name = signatures.size() == 1 ? "the signature" : fmt::format("signature {}", at + 1);
    auto signer = signer_of(signatures[at], name, plan, in_force);
    if (!signer) return pass(signer);
    if (std::ranges::find(signers, signer->principal, &Signer::principal) == signers.end()) {
      signers.push_back(*std::move(signer));
    }
  }
  return signers;
}

}  // namespace myelin::governance
