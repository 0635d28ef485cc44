// APIs about the cluster itself: where what lies, who leads it, what is being moved, what limits clients, who may sign
// in.
#include "governance/access.h"
#include "governance/client_quota_requests.h"
#include "governance/refuse.h"
#include "governance/scram_requests.h"
#include "kafka/refusal.h"

namespace myelin::governance {
namespace {

using policy::Operation;
using policy::Resource;

// A request that is answered whole or refused whole.
template <typename Response>
Ruling rule_on_cluster(Access& access, Operation operation) {
  Ruling ruling;
  if (access.may(operation, Resource::cluster())) return ruling;
  Response refused;
  refused.error_code = kClusterRefused;
  ruling.answer.emplace(std::move(refused));
  return ruling;
}

}  // namespace

Ruling rule_on_api(const AccessPtr&, kafka::DescribeClusterRequest&) { return {}; }

Ruling rule_on_api(const AccessPtr& access, kafka::DescribeLogDirsRequest&) {
  return rule_on_cluster<kafka::DescribeLogDirsResponse>(*access, Operation::Describe);
}

Ruling rule_on_api(const AccessPtr& access, kafka::ListPartitionReassignmentsRequest&) {
  return rule_on_cluster<kafka::ListPartitionReassignmentsResponse>(*access, Operation::Describe);
}

Ruling rule_on_api(const AccessPtr& access, kafka::AlterPartitionReassignmentsRequest&) {
  auto ruling = rule_on_cluster<kafka::AlterPartitionReassignmentsResponse>(*access, Operation::Alter);
  if (!ruling.answer) ruling.changes = "placement of replicas";
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::ElectLeadersRequest& request) {
  Ruling ruling;
  if (access->may(Operation::Alter, Resource::cluster())) {
    ruling.changes = "leaders of partitions";
  } else {
    ruling.answer.emplace(kafka::refused_election(request, kClusterRefused));
  }
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::DescribeUserScramCredentialsRequest&) {
  return rule_on_cluster<kafka::DescribeUserScramCredentialsResponse>(*access, Operation::Describe);
}

Ruling rule_on_api(const AccessPtr& access, kafka::AlterUserScramCredentialsRequest& request) {
  Ruling ruling;
  if (!access->may(Operation::Alter, Resource::cluster())) {
    ruling.answer.emplace(kafka::refused_alteration(request, kClusterRefused));
    return ruling;
  }
  const auto mechanism_and_user = [](const auto& asked) {
    return scram_mechanism_text(asked.mechanism) + " of principal " + asked.name;
  };
  ruling.changes = listed("removal of", request.deletions, mechanism_and_user);
  const auto set = listed("setting of", request.upsertions, mechanism_and_user);
  if (!ruling.changes.empty() && !set.empty()) ruling.changes += ", ";
  ruling.changes += set;
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::DescribeClientQuotasRequest&) {
  auto ruling = rule_on_cluster<kafka::DescribeClientQuotasResponse>(*access, Operation::Describe);
  if (ruling.answer) std::get<kafka::DescribeClientQuotasResponse>(*ruling.answer).entries.reset();
  return ruling;
}

Ruling rule_on_api(const AccessPtr& access, kafka::AlterClientQuotasRequest& request) {
  Ruling ruling;
  if (access->may(Operation::Alter, Resource::cluster())) {
    ruling.changes = changes_of(request);
  } else {
    kafka::AlterClientQuotasResponse refused;
    kafka::refuse_each(request.entries, kClusterRefused, refused.entries);
    ruling.answer.emplace(std::move(refused));
  }
  return ruling;
}

}  // namespace myelin::governance
