#include <utility>

#include "engine/broker/apis.h"
#include "kafka/error_code.h"

namespace myelin::engine::broker {

void answer(Core& core, Call call, kafka::DescribeClusterRequest request, Reply reply) {
  constexpr std::int8_t kBrokers = 1;
  constexpr std::int8_t kControllers = 2;
  kafka::DescribeClusterResponse response;
  response.endpoint_type = request.endpoint_type;
  if (request.endpoint_type != kBrokers) {
    const auto code = request.endpoint_type == kControllers ? kafka::ErrorCode::MismatchedEndpointType
                                                            : kafka::ErrorCode::UnsupportedEndpointType;
    response.error_code = std::to_underlying(code);
    response.error_message = "Only brokers are described here.";
    send(reply, std::move(response));
    return;
  }
  response.cluster_id = core.catalogue->cluster_id().text();
  response.controller_id = core.options.broker_id;
  auto& broker = response.brokers.emplace_back();
  broker.broker_id = core.options.broker_id;
  broker.host = call.advertised_host;
  broker.port = call.advertised_port;
  send(reply, std::move(response));
}

}  // namespace myelin::engine::broker
