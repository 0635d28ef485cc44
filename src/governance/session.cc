#include "governance/session.h"

namespace myelin::governance {

std::shared_ptr<const Attribution> Session::attribution(const std::string& client_id) {
  if (!attribution_ || attribution_->client_id != client_id) {
    attribution_ = std::make_shared<const Attribution>(Attribution{principal_, client_id, library_, library_version_});
  }
  return attribution_;
}

const policy::Subject& Session::subject(const std::shared_ptr<const policy::Snapshot>& snapshot) {
  if (subject_of_ != snapshot) {
    subject_ = snapshot->subject(principal_);
    subject_of_ = snapshot;
  }
  return subject_;
}

std::shared_ptr<const policy::ClientLimits> Session::limits(const ClientQuotas& quotas) {
  const auto version = quotas.version();
  if (version == limits_version_ && limits_of_ == attribution_) return limits_;
  limits_version_ = version;
  limits_of_ = attribution_;
  auto limits = policy::limits_of(*quotas.table(), principal_.text(), attribution_->client_id);
  limits_ = limits.any() ? std::make_shared<const policy::ClientLimits>(std::move(limits)) : nullptr;
  return limits_;
}

void Session::become(PrincipalName principal) {
  principal_ = std::move(principal);
  authenticated_ = true;
  attribution_.reset();
  subject_of_.reset();
  sign_in_.reset();
}

}  // namespace myelin::governance
