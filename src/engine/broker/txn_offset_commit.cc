// TxnOffsetCommit. From version 5 on a producer need not announce that groups' offsets are part of its transaction
// (KIP-890): they come in with the first.
#include <utility>

#include "engine/broker/apis.h"
#include "engine/broker/group_desk.h"
#include "engine/broker/groups/transactional_offsets.h"
#include "engine/broker/transaction_desk.h"
#include "kafka/error_code.h"

namespace myelin::engine::broker {
namespace {

using kafka::ErrorCode;

constexpr std::int16_t kFirstVersionThatEnters = 5;

}  // namespace

void answer(Core& core, Call call, kafka::TxnOffsetCommitRequest request, Reply reply) {
  const transactions::Partition offsets{TopicName(kOffsetsTopic), kOffsetsPartition};
  const bool is_in = core.open_transactions.check(request.transactional_id, offsets, request.producer_id,
                                                  request.producer_epoch) == ErrorCode::None;
  if (call.version < kFirstVersionThatEnters || is_in) {
    return core.groups->handle(std::move(call), std::move(request), std::move(reply));
  }
  transactions::Entering entering{.transactional_id = request.transactional_id,
                                  .producer = {request.producer_id, request.producer_epoch},
                                  .partitions = {offsets}};
  core.transactions->enter(
      std::move(entering), [&groups = *core.groups, call = std::move(call), request = std::move(request),
                            reply = std::move(reply)](ErrorCode code) mutable {
        if (code == ErrorCode::None) return groups.handle(std::move(call), std::move(request), std::move(reply));
        send(reply,
             groups::commit_error(request, code == ErrorCode::ProducerFenced ? ErrorCode::InvalidProducerEpoch : code));
      });
}

}  // namespace myelin::engine::broker
