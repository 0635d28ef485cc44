#pragma once
// What a server has seen, as adopt takes it. Internal to the module.
#include <memory>

#include "adopt/facts.h"
#include "base/clock.h"
#include "base/result.h"
#include "engine/engine.h"
#include "governance/measurement.h"
#include "policy/snapshot.h"

namespace myelin::governance {

// Asks the engine, so it may block.
[[nodiscard]] Result<adopt::Facts> adoption_facts(engine::Engine& engine, Measurement& measurement,
                                                  std::shared_ptr<const policy::Snapshot> snapshot, WallTime now);

}  // namespace myelin::governance
