#include <utility>

#include "base/log.h"
#include "engine/broker/apis.h"
#include "engine/broker/transaction_desk.h"
#include "kafka/error_code.h"

namespace myelin::engine::broker {
namespace {

kafka::InitProducerIdResponse refuse(kafka::ErrorCode code) {
  kafka::InitProducerIdResponse response;
  response.error_code = std::to_underlying(code);
  response.producer_id = -1;
  response.producer_epoch = -1;
  return response;
}

}  // namespace

// Of a producer without a transactional id, an id that the request already has is replaced: the old one is never used
// again, so nothing needs to be fenced.
void answer(Core& core, Call call, kafka::InitProducerIdRequest request, Reply reply) {
  if (request.transactional_id) {
    core.transactions->handle(std::move(call), std::move(request), std::move(reply));
    return;
  }
  if ((request.producer_id != -1) != (request.producer_epoch != -1)) {
    return send(reply, refuse(kafka::ErrorCode::InvalidRequest));
  }
  core.producer_ids->allocate([reply = std::move(reply)](Result<std::int64_t> id) mutable {
    if (!id) {
      log::error("no producer id could be reserved", {{"reason", id.error().message}});
      send(reply, refuse(kafka::ErrorCode::CoordinatorNotAvailable));
      return;
    }
    kafka::InitProducerIdResponse response;
    response.producer_id = *id;
    response.producer_epoch = 0;
    send(reply, std::move(response));
  });
}

}  // namespace myelin::engine::broker
