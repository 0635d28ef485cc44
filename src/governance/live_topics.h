#pragma once
// Topics as the engine has them now. Internal to the module; waits for the engine.
#include <functional>
#include <map>

#include "base/ids.h"
#include "base/result.h"
#include "engine/engine.h"
#include "plan/plan.h"

namespace myelin::governance {

// All but internal ones; with their settings where `wants_settings`.
using WantsSettings = std::function<bool(const TopicName&)>;
[[nodiscard]] Result<std::map<TopicName, plan::LiveTopic>> live_topics(engine::Engine& engine,
                                                                       const WantsSettings& wants_settings);

}  // namespace myelin::governance
