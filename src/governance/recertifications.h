#pragma once
// Who confirmed which grant last, in the state store. The audit log has all of them.
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "governance/recertification.h"
#include "state/state_store.h"

namespace myelin::governance {

// Threads: every function may be called from any thread that may block.
class Recertifications {
 public:
  // Corrupt when one can't be read.
  [[nodiscard]] static Result<std::unique_ptr<Recertifications>> open(state::StateStore& store);

  [[nodiscard]] std::map<std::string, Confirmation> all() const;  // by grant
  // In place of the last one; durable when it returns.
  [[nodiscard]] Result<void> put(const std::string& grant, Confirmation confirmation);

 private:
  explicit Recertifications(state::StateStore& store) : store_(store) {}

  state::StateStore& store_;
  mutable std::mutex mutex_;
  std::map<std::string, Confirmation> confirmed_;
};

}  // namespace myelin::governance
