#include "governance/outcome_text.h"

#include <algorithm>
#include <cstdint>

#include "kafka/error_code.h"

namespace myelin::governance {
namespace {

// Per API, the first error code that is not 0; 0 when there is none.
std::int16_t first_error_of(const auto& results) {
  const auto found = std::ranges::find_if(results, [](const auto& result) { return result.error_code != 0; });
  return found == results.end() ? std::int16_t{0} : found->error_code;
}
// Results in groups; `parts` names those of one group.
std::int16_t first_error_of(const auto& groups, auto parts) {
  for (const auto& group : groups) {
    if (const auto code = first_error_of(group.*parts); code != 0) return code;
  }
  return 0;
}

std::int16_t error_in(const kafka::CreateTopicsResponse& response) { return first_error_of(response.topics); }
std::int16_t error_in(const kafka::DeleteTopicsResponse& response) { return first_error_of(response.responses); }
std::int16_t error_in(const kafka::CreatePartitionsResponse& response) { return first_error_of(response.results); }
std::int16_t error_in(const kafka::AlterConfigsResponse& response) { return first_error_of(response.responses); }
std::int16_t error_in(const kafka::IncrementalAlterConfigsResponse& response) {
  return first_error_of(response.responses);
}
std::int16_t error_in(const kafka::DeleteRecordsResponse& response) {
  return first_error_of(response.topics, &kafka::DeleteRecordsResponse::DeleteRecordsTopicResult::partitions);
}
std::int16_t error_in(const kafka::DeleteGroupsResponse& response) { return first_error_of(response.results); }
std::int16_t error_in(const kafka::OffsetDeleteResponse& response) {
  if (response.error_code != 0) return response.error_code;
  return first_error_of(response.topics, &kafka::OffsetDeleteResponse::OffsetDeleteResponseTopic::partitions);
}
std::int16_t error_in(const kafka::CreateAclsResponse& response) { return first_error_of(response.results); }
std::int16_t error_in(const kafka::DeleteAclsResponse& response) {
  if (const auto code = first_error_of(response.filter_results); code != 0) return code;
  return first_error_of(response.filter_results, &kafka::DeleteAclsResponse::DeleteAclsFilterResult::matching_acls);
}
std::int16_t error_in(const kafka::AlterClientQuotasResponse& response) { return first_error_of(response.entries); }
std::int16_t error_in(const kafka::ElectLeadersResponse& response) {
  if (response.error_code != 0) return response.error_code;
  return first_error_of(response.replica_election_results,
                        &kafka::ElectLeadersResponse::ReplicaElectionResult::partition_result);
}
std::int16_t error_in(const kafka::AlterPartitionReassignmentsResponse& response) {
  if (response.error_code != 0) return response.error_code;
  return first_error_of(response.responses,
                        &kafka::AlterPartitionReassignmentsResponse::ReassignableTopicResponse::partitions);
}
std::int16_t error_in(const kafka::AlterUserScramCredentialsResponse& response) {
  return first_error_of(response.results);
}

// Whether requests of this API change something, so that their outcome is asked for.
template <typename Response>
concept Changes = requires(const Response& response) { error_in(response); };

}  // namespace

std::string outcome_text(const engine::Outcome& outcome) {
  if (outcome.close) return "unknown: no answer";
  return std::visit(
      []<typename Response>(const Response& response) -> std::string {
        if constexpr (Changes<Response>) {
          const auto code = error_in(response);
          if (code != 0) return std::string(kafka::error_name(static_cast<kafka::ErrorCode>(code)));
        }
        return "done";
      },
      outcome.response);
}

}  // namespace myelin::governance
