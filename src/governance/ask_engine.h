#pragma once
// Asks the engine as the control plane itself and waits for the answer. Internal to the module; never on an event loop.
#include <chrono>
#include <future>
#include <memory>
#include <variant>

#include "base/result.h"
#include "engine/engine.h"

namespace myelin::governance {

inline constexpr std::chrono::seconds kEngineDeadline{10};

template <typename Response>
Result<Response> ask(engine::Engine& engine, std::int16_t version, kafka::Request request) {
  auto done = std::make_shared<std::promise<engine::Outcome>>();
  auto answer = done->get_future();
  engine::Call call;
  static const auto kItself =
      std::make_shared<const Attribution>(Attribution{PrincipalName("(myelin)"), "myelin", {}, {}});
  call.attribution = kItself;
  call.version = version;
  engine.handle(std::move(call), std::move(request),
                [done](engine::Outcome outcome) { done->set_value(std::move(outcome)); });
  if (answer.wait_for(kEngineDeadline) != std::future_status::ready) {
    return fail(Code::Timeout, "the engine did not answer within {} s", kEngineDeadline.count());
  }
  auto outcome = answer.get();
  if (outcome.close) return fail(Code::Unavailable, "the cluster can't be reached; see /readyz");
  return std::get<Response>(std::move(outcome.response));
}

}  // namespace myelin::governance
