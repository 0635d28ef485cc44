// Requests that only look: DescribeTransactions and ListTransactions.
#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "engine/broker/transactions/coordinator.h"

namespace myelin::engine::transactions {
namespace {

using kafka::ErrorCode;

// Kafka's other two names of states are legal in a filter and match nothing that is stored.
constexpr std::array<std::string_view, 8> kStateNames{
    "Empty",          "Ongoing",       "PrepareCommit",     "PrepareAbort",
    "CompleteCommit", "CompleteAbort", "PrepareEpochFence", "Dead"};
constexpr std::int64_t kAnyDuration = -1;

bool contains(const auto& all, const auto& one) { return std::ranges::find(all, one) != all.end(); }

}  // namespace

void TransactionCoordinator::describe(const Asker& asker, const kafka::DescribeTransactionsRequest& request) {
  kafka::DescribeTransactionsResponse response;
  for (const auto& transactional_id : request.transactional_ids) {
    auto& answer = response.transaction_states.emplace_back();
    answer.transactional_id = transactional_id;
    const auto found = entries_.find(transactional_id);
    if (found == entries_.end() || found->second.transaction.producer_id < 0) {
      answer.error_code =
          kafka::code_of(transactional_id.empty() ? ErrorCode::InvalidRequest : ErrorCode::TransactionalIdNotFound);
      continue;
    }
    const auto& transaction = found->second.transaction;
    answer.transaction_state = state_name(transaction.state);
    answer.transaction_timeout_ms = static_cast<std::int32_t>(transaction.timeout.count());
    answer.transaction_start_time_ms = transaction.started_at ? unix_milliseconds(*transaction.started_at) : -1;
    answer.producer_id = transaction.producer_id;
    answer.producer_epoch = transaction.producer_epoch;
    for (const auto& partition : transaction.partitions) {
      if (answer.topics.empty() || answer.topics.back().topic != partition.topic.text()) {
        answer.topics.emplace_back().topic = partition.topic.text();
      }
      answer.topics.back().partitions.push_back(partition.partition);
    }
  }
  reply(asker.ticket, std::move(response));
}

void TransactionCoordinator::list(const Asker& asker, const kafka::ListTransactionsRequest& request) {
  kafka::ListTransactionsResponse response;
  for (const auto& state : request.state_filters) {
    if (!contains(kStateNames, state)) response.unknown_state_filters.push_back(state);
  }
  for (const auto& [transactional_id, entry] : entries_) {
    const auto& transaction = entry.transaction;
    if (transaction.producer_id < 0) continue;
    const auto state = state_name(transaction.state);
    if (!request.state_filters.empty() && !contains(request.state_filters, state)) continue;
    if (!request.producer_id_filters.empty() && !contains(request.producer_id_filters, transaction.producer_id)) {
      continue;
    }
    if (request.duration_filter != kAnyDuration) {
      if (!transaction.started_at) continue;
      if ((asker.now.wall - *transaction.started_at).count() <= request.duration_filter) continue;
    }
    auto& listed = response.transaction_states.emplace_back();
    listed.transactional_id = transactional_id;
    listed.producer_id = transaction.producer_id;
    listed.transaction_state = state;
  }
  reply(asker.ticket, std::move(response));
}

}  // namespace myelin::engine::transactions
