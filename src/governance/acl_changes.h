#pragma once
// Kafka's requests that create and delete ACLs. Where the setting acl_api is writable an ACL that a grant can express
// becomes one; what documents declare is never changed here, and the answer names them.
#include <string>

#include "governance/access.h"
#include "governance/made_grants.h"
#include "kafka/messages.h"

namespace myelin::governance {

class AclChanges {
 public:
  AclChanges(MadeGrants& grants, PolicyHolder& policy, bool is_writable)
      : grants_(grants), policy_(policy), is_writable_(is_writable) {}

  // The asker holds the role platform. Each ACL and each filter is answered by itself; all that is done is durable and
  // in force when these return. They may block.
  [[nodiscard]] kafka::CreateAclsResponse create(const Access& access, const kafka::CreateAclsRequest& request);
  [[nodiscard]] kafka::DeleteAclsResponse remove(const Access& access, const kafka::DeleteAclsRequest& request);

 private:
  MadeGrants& grants_;
  PolicyHolder& policy_;
  bool is_writable_;
};

// For the audit record: "ACL allow read of topic pos.sales to User:till-1", "ACLs of topic pos.sales". Empty when
// nothing is asked for.
[[nodiscard]] std::string changes_of(const kafka::CreateAclsRequest& request);
[[nodiscard]] std::string changes_of(const kafka::DeleteAclsRequest& request);

}  // namespace myelin::governance
