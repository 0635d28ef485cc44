#pragma once
// What a client is told when the cluster did not answer: errors that it retries, in the shape of the API. Whether the
// request took effect is unknown, as when a Kafka broker goes away. Where the API has no such error, Outcome::close.
#include "engine/engine.h"

namespace myelin::engine::upstream {

[[nodiscard]] Outcome unavailable(const kafka::Request& request, const Call& call);

}  // namespace myelin::engine::upstream
