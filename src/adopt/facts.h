#pragma once
// What a server has seen: topics as they are, who writes, reads and commits, and the policy that holds. Plain values.
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "policy/snapshot.h"

namespace myelin::adopt {

struct Topic {
  std::int32_t partitions = 0;
  std::map<std::string, std::string> settings;  // topic configs by name
};

// Of one principal and topic; several entries of a pair are added up.
struct Traffic {
  PrincipalName principal;
  TopicName topic;
  std::int64_t count = 0;  // records appended, or offsets served
  WallTime last_seen;
};

struct Commit {
  PrincipalName principal;
  GroupName group;
  WallTime last_seen;
};

struct Facts {
  std::map<TopicName, Topic> topics;  // all but internal ones
  std::vector<Traffic> writes;
  std::vector<Traffic> reads;
  std::vector<Commit> commits;
  std::shared_ptr<const policy::Snapshot> policy;  // with the model in force, which may be empty
  WallTime now;
};

}  // namespace myelin::adopt
