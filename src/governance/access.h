#pragma once
// The authorise step, per API: what a request touches, whether its principal may, what is taken out of it, and what is
// put back into or filtered from the answer. The table of APIs, resources and operations is access_table.h; the rules
// that decide are policy's. Pure: no I/O, no clock.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"
#include "engine/engine.h"
#include "governance/request_rules.h"
#include "kafka/messages.h"
#include "policy/snapshot.h"

namespace myelin::governance {

class Holdings;

// Something that was refused, or would have been.
struct Denial {
  policy::Operation operation{};
  policy::ResourceKind kind{};
  std::string name;
  std::string reason;
  bool was_let_through = false;
  const model::PolicyRule* rule = nullptr;  // of the Policy, in the snapshot; nullptr: a right was missing
};

struct Ruling {
  // Set: the engine is not asked, this is the answer.
  std::optional<kafka::Response> answer;
  // Puts what was refused back into the engine's answer and takes out what may not be seen; empty: nothing to do.
  std::move_only_function<void(kafka::Response&)> amend;
  std::vector<Denial> denials;
  bool is_refused_whole = false;  // the API is not in the table: the connection is closed
  // What an administrative request changes, for its audit record: "topic a, topic b"; empty: it changes nothing.
  std::string changes;
  // Names in a Metadata request that the principal may create if they do not exist, and how those with a contract
  // begin.
  bool may_create_topics = false;
  std::vector<engine::FirstUse> first_uses;
  // Told the outcome of an administrative request, before its answer is amended.
  std::function<void(const engine::Outcome&)> concluded;
};

// One principal's view of the policy, for one request.
class Access {
 public:
  // Without `holdings` nothing is over a quota.
  Access(std::shared_ptr<const policy::Snapshot> snapshot, policy::Subject subject, Moment now,
         Holdings* holdings = nullptr)
      : snapshot_(std::move(snapshot)), subject_(std::move(subject)), now_(now), holdings_(holdings) {}

  // Decides, and remembers what was denied or would have been.
  [[nodiscard]] bool may(policy::Operation operation, policy::Resource resource);
  // Read, write or describe: whoever may read or write a topic may also ask about it.
  [[nodiscard]] bool may_describe_topic(std::string_view topic);
  // What rules of the Policy say of a change of a topic, remembered as well; set: why it is refused.
  [[nodiscard]] std::optional<std::string> against_rules(model::RuleAbout about, policy::Operation operation,
                                                         const AskedOfTopic& asked);
  // Decides without remembering: for what was not asked for outright.
  [[nodiscard]] bool may_create(std::string_view topic) const;
  [[nodiscard]] bool sees_topic(std::string_view topic) const;
  [[nodiscard]] bool sees_group(std::string_view group) const;
  [[nodiscard]] bool sees_transactional_id(std::string_view id) const;
  [[nodiscard]] const PrincipalName& principal() const { return subject_.principal; }
  [[nodiscard]] bool is_platform() const { return subject_.platform; }
  // What a contract says of the topic; nullptr: no contract declares it. Lives as long as this.
  [[nodiscard]] const model::Topic* declared(std::string_view topic) const;

  // Names of topics that the request gives by id: those that the engine has at hand, or else those that it is asked
  // for. An id whose name it can't tell just now is not one that no topic has: the client may ask again.
  void use_names(std::shared_ptr<const engine::TopicNames> names) { topic_names_ = std::move(names); }
  // nullptr: the request gives topics by name, or the engine is to be asked.
  [[nodiscard]] const engine::TopicNames* topic_names() const { return topic_names_.get(); }
  void learn_name(const Uuid& id, std::string name) { names_.insert_or_assign(id, std::move(name)); }
  void learn_no_name_now(const Uuid& id) { unnamed_for_now_.insert(id); }
  [[nodiscard]] const std::string* name_of(const Uuid& id) const;
  // Gives every topic that the request names by id alone its name. What has none afterwards is no topic's id.
  void complete_names(kafka::Request& request) const;
  [[nodiscard]] bool is_named(const std::string& name) const { return !topic_names_ || !name.empty(); }
  // What a part that was refused is answered. A topic that was asked for by id and may not be seen answers as if there
  // were none.
  [[nodiscard]] std::int16_t code_of_refused(const std::string& name) const;
  [[nodiscard]] std::int16_t code_of_refused_id(const Uuid& id) const;

  // What a quota of the topic's owner refuses, in words, and remembers it as denied: more partitions (all that the
  // topic is to have, which count from here on), or more bytes.
  [[nodiscard]] std::optional<std::string> over_partitions(std::string_view topic, std::uint64_t partitions);
  [[nodiscard]] std::optional<std::string> over_storage(std::string_view topic);

  // The same principal at a later time, under the policy that holds then, with nothing denied yet.
  [[nodiscard]] Access later(std::shared_ptr<const policy::Snapshot> snapshot, Moment now) const;
  [[nodiscard]] Moment time() const { return now_; }
  [[nodiscard]] const policy::Snapshot& snapshot() const { return *snapshot_; }

  [[nodiscard]] std::vector<Denial> take_denials() { return std::move(denials_); }

 private:
  std::shared_ptr<const policy::Snapshot> snapshot_;
  policy::Subject subject_;
  Moment now_;
  Holdings* holdings_;
  std::vector<Denial> denials_;
  std::shared_ptr<const engine::TopicNames> topic_names_;
  std::map<Uuid, std::string> names_;
  std::set<Uuid> unnamed_for_now_;
};

// Whether requests of this version may name topics by id alone.
[[nodiscard]] bool may_name_by_id(kafka::ApiKey key, std::int16_t version);

// Rules on a request, taking out of it what is refused. What is not in the table of access_table.h is refused whole.
[[nodiscard]] Ruling rule_on(const std::shared_ptr<Access>& access, kafka::Request& request);

// Rules once more on a fetch that waited: what may not be read any more leaves the answer. Returns those topics.
[[nodiscard]] std::vector<TopicName> rule_again(Access& access, kafka::FetchResponse& response);

// One per API, each beside its neighbours in access_records.cc, access_topics.cc, access_changes.cc,
// access_groups.cc, access_transactions.cc, access_cluster.cc and access_acls.cc. `access` outlives the call; what
// amends later keeps it.
using AccessPtr = std::shared_ptr<Access>;
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::ProduceRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::FetchRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::ListOffsetsRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::OffsetForLeaderEpochRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::InitProducerIdRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::AddPartitionsToTxnRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::AddOffsetsToTxnRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::EndTxnRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::TxnOffsetCommitRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::DescribeTransactionsRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::ListTransactionsRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::DescribeProducersRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::MetadataRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::CreateTopicsRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::DeleteTopicsRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::DeleteRecordsRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::CreatePartitionsRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::AlterConfigsRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::IncrementalAlterConfigsRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::DescribeConfigsRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::DescribeClusterRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::DescribeLogDirsRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::ElectLeadersRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::AlterPartitionReassignmentsRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::ListPartitionReassignmentsRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::DescribeUserScramCredentialsRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::AlterUserScramCredentialsRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::DescribeClientQuotasRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::AlterClientQuotasRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::FindCoordinatorRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::JoinGroupRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::SyncGroupRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::HeartbeatRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::LeaveGroupRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::ConsumerGroupHeartbeatRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::ConsumerGroupDescribeRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::OffsetCommitRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::OffsetFetchRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::DescribeGroupsRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::ListGroupsRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::DeleteGroupsRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::OffsetDeleteRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::DescribeAclsRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::CreateAclsRequest& request);
[[nodiscard]] Ruling rule_on_api(const AccessPtr& access, kafka::DeleteAclsRequest& request);

}  // namespace myelin::governance
