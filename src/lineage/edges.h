#pragma once
// What was seen on the wire, as plain values: two half-edges with counts, the groups that commit, and the triples that
// join a producer with a consumer. Writes are exact and recomputable from the provenance journal, where
// the engine keeps one; reads are journalled.
#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace myelin::lineage {

// principal → topic. Appended records and log bytes, never duplicates or refused batches.
struct WriteEdge {
  PrincipalName principal;
  TopicName topic;
  std::int64_t records = 0;
  std::int64_t bytes = 0;  // log bytes
  WallTime first_seen;
  WallTime last_seen;
  std::string library;  // of the latest append; empty when the client did not say
  std::string library_version;
  double bytes_per_second = 0;  // lately
  bool operator==(const WriteEdge&) const = default;
};

// topic → principal by client id. A fetch carries no group id: `groups` are those that the same principal committed for
// the topic, in order of name; empty means the read has group "none".
struct ReadEdge {
  TopicName topic;
  PrincipalName principal;
  std::string client_id;
  std::int64_t offsets = 0;  // served, last - first + 1; never "records"
  std::int64_t bytes = 0;    // served
  WallTime first_seen;
  WallTime last_seen;
  std::string library;
  std::string library_version;
  std::vector<GroupName> groups;
  double bytes_per_second = 0;  // lately
  bool operator==(const ReadEdge&) const = default;
};

// group → topic as told by OffsetCommit, attributed to the principal that committed.
struct CommitEdge {
  GroupName group;
  TopicName topic;
  PrincipalName principal;
  WallTime first_seen;
  WallTime last_seen;
  bool operator==(const CommitEdge&) const = default;
};

// The consumer was served an offset that the producer wrote. `certain` is false when only a merged stretch of old
// offsets says so (see writer_runs.h): then it may name a producer too many, never one too few.
struct Triple {
  PrincipalName producer;
  TopicName topic;
  PrincipalName consumer;
  WallTime first_seen;
  WallTime last_seen;
  bool certain = true;
  bool operator==(const Triple&) const = default;
};

}  // namespace myelin::lineage
