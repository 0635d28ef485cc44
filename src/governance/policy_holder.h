#pragma once
// The current policy snapshot, swapped whole. Threads: any.
#include <atomic>
#include <memory>
#include <mutex>

#include "policy/snapshot.h"

namespace myelin::governance {

class PolicyHolder {
 public:
  PolicyHolder(std::shared_ptr<const model::Model> model, policy::Settings settings)
      : model_(std::move(model)),
        settings_(std::move(settings)),
        snapshot_(policy::Snapshot::build(model_, settings_)) {}

  [[nodiscard]] std::shared_ptr<const policy::Snapshot> current() const { return snapshot_.load(); }

  // Acts as platform from the next request on, besides the members of the platform group.
  void add_platform_principal(const PrincipalName& principal) {
    const std::lock_guard lock(changes_);
    settings_.platform_principals.push_back(principal);
    snapshot_.store(policy::Snapshot::build(model_, settings_));
  }

  // In force from the next request on, in place of the one before.
  void use_model(std::shared_ptr<const model::Model> model) {
    const std::lock_guard lock(changes_);
    model_ = std::move(model);
    snapshot_.store(policy::Snapshot::build(model_, settings_));
  }

  // In force from the next request on, in place of those before.
  void use_made_grants(std::shared_ptr<const policy::DirectGrants> grants) {
    const std::lock_guard lock(changes_);
    settings_.made_grants = std::move(grants);
    snapshot_.store(policy::Snapshot::build(model_, settings_));
  }

 private:
  std::mutex changes_;
  std::shared_ptr<const model::Model> model_;
  policy::Settings settings_;
  std::atomic<std::shared_ptr<const policy::Snapshot>> snapshot_;
};

}  // namespace myelin::governance
