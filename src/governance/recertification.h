#pragma once
// Which grants somebody of their owner has to look at again: each that was neither given nor confirmed within the
// Policy's recertify_days, with what was read by it. Pure.
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "lineage/edges.h"
#include "model/model.h"

namespace myelin::governance {

// The owner of a grant looked at it, and it stays.
struct Confirmation {
  WallTime time;
  SquadName squad;  // for whom; empty: the platform group
  PrincipalName principal;
  std::string reason;    // may be empty
  std::string evidence;  // what was shown
};

struct RecertificationFacts {
  std::map<std::string, WallTime> approved_since{};  // by grant, without a gap; nothing where it isn't known
  std::map<std::string, Confirmation> confirmed{};   // the last of each grant
  std::vector<lineage::ReadEdge> reads{};
  std::map<std::pair<PrincipalName, TopicName>, std::int64_t> offsets{};  // read within kEvidence
  WallTime now;
};
inline constexpr std::chrono::days kEvidence{35};

// A grant that is live, and since when nobody has looked at it.
struct GrantStanding {
  std::string grant;
  ProductName product;
  SquadName owner;              // whose product it is
  SquadName reader;             // of who reads; empty of a person
  ApplicationName application;  // empty: all of the squad, or a person
  PrincipalName user;           // the person; else empty
  std::string purpose;
  document::Place place;
  std::optional<WallTime> since;  // begun, approved or confirmed, whichever came last; nullopt: nobody knows
  std::optional<WallTime> due;    // nullopt: `since` is, or no grant is ever due
  bool is_due = false;            // also where nobody knows since when it is there
  std::optional<Confirmation> confirmed{};
  // Of a person it is told only whether they read, not when and how much.
  bool is_used = false;
  std::optional<WallTime> last_read{};
  std::int64_t offsets = 0;  // within kEvidence; last - first + 1 of what was served

  // "last read on 2026-11-20; 1200 offsets in 35 days"
  [[nodiscard]] std::string evidence() const;
};

// Those that are due longest first, then the others by when they will be.
[[nodiscard]] std::vector<GrantStanding> grant_standings(const model::Model& model, const RecertificationFacts& facts);

}  // namespace myelin::governance
