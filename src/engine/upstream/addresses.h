#pragma once
// Clients must come back to us, not to the cluster behind us: the addresses in answers become the one that this client
// reached us by.
#include "engine/engine.h"

namespace myelin::engine::upstream {

void put_our_address(kafka::Response& response, const Call& call);

}  // namespace myelin::engine::upstream
