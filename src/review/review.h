#pragma once
// What is granted, owned or promised and not used, what ends soon, and who is known to nobody: each with its evidence,
// who settles it, and the edit that does. Pure: measured facts and times are passed in.
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "document/problem.h"
#include "lineage/edges.h"
#include "model/model.h"
#include "review/edit.h"

namespace myelin::review {

enum class FindingKind : std::uint8_t {
  UnusedGrant,       // allows something that nobody did for a season
  WideGrant,         // a direct grant that allows more than was done
  EndingGrant,       // ends within a season, and is used
  EndedGrant,        // is over, and allows nothing any more
  OrphanTopic,       // nobody wrote or read it for a season
  UnknownPrincipal,  // does something, and no document knows it
};
inline constexpr std::array kFindingKinds{FindingKind::UnusedGrant, FindingKind::WideGrant,
                                          FindingKind::EndingGrant, FindingKind::EndedGrant,
                                          FindingKind::OrphanTopic, FindingKind::UnknownPrincipal};
// "unused-grant"
[[nodiscard]] std::string_view name_of(FindingKind kind);

struct Finding {
  FindingKind kind = FindingKind::UnusedGrant;
  SquadName squad;        // who settles it; empty: the platform group
  std::string what;       // "grant orders-for-billing"
  std::string why;        // the evidence
  std::string advice;     // what to do where no edit does it; else empty
  document::Place place;  // of the declaration; no file: nothing declares it
  std::optional<Edit> edit;
};

struct Facts {
  std::vector<lineage::WriteEdge> writes;
  std::vector<lineage::ReadEdge> reads;
  std::set<TopicName> topics;                  // that exist
  std::map<std::string, WallTime> file_since;  // when a file of the model came into force, as far as it is known
  WallTime measured_since;  // of files whose time is not known, and of topics: nothing was seen before
  WallTime now;
  std::chrono::days season{35};  // who reads once a month is a reader; 1 to 400 days
};

// By kind, squad and name. What is younger than a season, or was not watched for one, is not called unused. An edit
// that is there can be made, and leaves a model without problems as one.
[[nodiscard]] std::vector<Finding> reviewed(const model::Model& model, const Facts& facts);

}  // namespace myelin::review
