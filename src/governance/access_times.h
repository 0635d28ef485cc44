#pragma once
// How long access takes, from the facts: when it was asked for, when it was decided, when the first record was read.
// Whether it went through as it was first asked for, and whether the platform group had to be there. Pure.
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "governance/proposals.h"
#include "lineage/edges.h"
#include "model/model.h"

namespace myelin::governance {

struct AccessTime {
  std::string proposal;
  AccessKind kind = AccessKind::Request;
  ProductName product;
  ApplicationName application;  // empty: all of a squad, or a person
  SquadName provider;           // empty when the product is gone
  SquadName consumer;           // empty when the application is gone
  ProposalState state = ProposalState::Open;
  WallTime asked;
  std::optional<WallTime> decided;
  std::optional<WallTime> first_record;  // after it was granted; of a renewal none
  bool is_right_first_time = false;      // granted, and nothing asked before for the same was refused or withdrawn
  bool is_touched_by_platform = false;   // the platform group spoke for somebody
};

struct AccessTimes {
  std::vector<AccessTime> requests;  // in the order given
  // Of requests, without renewals and broken glass:
  std::size_t decided = 0;
  std::size_t right_first_time = 0;
  std::size_t touched_by_platform = 0;
  std::optional<std::chrono::seconds> to_decision;      // median; of two in the middle the longer
  std::optional<std::chrono::seconds> to_first_record;  // of those that led to one
};

// Of what asks for access among the proposals, which come newest first.
[[nodiscard]] AccessTimes access_times(const std::vector<KeptProposal>& proposals, const model::Model& model,
                                       const std::vector<lineage::ReadEdge>& reads);

}  // namespace myelin::governance
