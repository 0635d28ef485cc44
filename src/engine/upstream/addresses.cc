#include "engine/upstream/addresses.h"

namespace myelin::engine::upstream {
namespace {

template <typename Node>
void put(Node& node, const Call& call) {
  node.host = call.advertised_host;
  node.port = call.advertised_port;
}

}  // namespace

void put_our_address(kafka::Response& response, const Call& call) {
  if (auto* metadata = std::get_if<kafka::MetadataResponse>(&response)) {
    for (auto& broker : metadata->brokers) put(broker, call);
  } else if (auto* cluster = std::get_if<kafka::DescribeClusterResponse>(&response)) {
    for (auto& broker : cluster->brokers) put(broker, call);
  } else if (auto* found = std::get_if<kafka::FindCoordinatorResponse>(&response)) {
    if (found->error_code == 0) put(*found, call);
    for (auto& coordinator : found->coordinators) {
      if (coordinator.error_code == 0) put(coordinator, call);
    }
  }
}

}  // namespace myelin::engine::upstream
