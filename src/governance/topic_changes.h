#pragma once
// Carries out what a plan says about topics. Internal to the module; waits for the engine.
#include <string>
#include <vector>

#include "engine/engine.h"
#include "model/model.h"
#include "plan/plan.h"

namespace myelin::governance {

// Returns what could not be done, in words, one for each topic. What was done stays done.
[[nodiscard]] std::vector<std::string> change_topics(engine::Engine& engine, const model::Model& model,
                                                     const std::vector<plan::TopicChange>& changes);

}  // namespace myelin::governance
