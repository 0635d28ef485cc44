#pragma once
// Asks the engine as the control plane itself and waits for the answer. Internal to the module; never on an event loop.
#include <chrono>
#include <future>
#include <memory>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "engine/engine.h"
#include "kafka/error_code.h"

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

// For an answer that holds an error: an engine that fails half way must not look like one where there is nothing.
inline std::unexpected<Error> failed_to_tell(std::string_view what, std::int16_t code) {
  return fail(Code::Unavailable, "{} can't be told now ({}); see /readyz", what,
              kafka::error_name(static_cast<kafka::ErrorCode>(code)));
}

}  // namespace myelin::governance
