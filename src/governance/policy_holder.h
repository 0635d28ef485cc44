#pragma once
// The current policy snapshot, swapped whole. Threads: any.
#include <atomic>
#include <memory>

#include "policy/snapshot.h"

namespace myelin::governance {

class PolicyHolder {
 public:
  explicit PolicyHolder(std::shared_ptr<const policy::Snapshot> snapshot) : snapshot_(std::move(snapshot)) {}
  [[nodiscard]] std::shared_ptr<const policy::Snapshot> current() const { return snapshot_.load(); }
  void swap(std::shared_ptr<const policy::Snapshot> snapshot) { snapshot_.store(std::move(snapshot)); }

 private:
  std::atomic<std::shared_ptr<const policy::Snapshot>> snapshot_;
};

}  // namespace myelin::governance
