#pragma once
// What groups consumed: how far each principal's commits advanced a group at a partition, by UTC hour. Every commit
// that advances the group writes its hour's sum into the batch of the commit itself, so the sum is as durable as the
// offset and survives compaction, the offset's expiry and the group.
//
// A commit advances from the group's furthest commit, also one that was removed since: each offset counts once, however
// often members hand a partition over and read again. A first commit advances from where its client began to read; when
// that is not known, it advances nothing.
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "engine/broker/groups/offsets_records.h"

namespace myelin::engine::groups {

class Consumption {
 public:
  static constexpr std::chrono::days kRemembered{400};

  struct Commit {
    OffsetKey place;
    TopicId topic_id;
    PrincipalName principal;
    std::int64_t committed = 0;
    WallTime time;
  };
  struct Row {
    ConsumedKey key;
    ConsumedHour hour;
  };
  using BeganReading = std::function<std::optional<std::int64_t>(const TopicName&, std::int32_t)>;

  // The sum to write together with the commit; nothing when the group was as far before. Paired with end().
  [[nodiscard]] std::optional<Row> begin(const Commit& commit, const BeganReading& began_reading);
  // The write became durable or failed, in the order of begin(). What became durable with it.
  std::int64_t end(const Row& row, bool durable);

  // In the order of the log.
  void replay(const ConsumedKey& key, const ConsumedHour& hour);
  void forget(const ConsumedKey& key);  // a tombstone was replayed
  // Hours that ended more than kRemembered ago, out of what was replayed; theirs are the tombstones to write.
  [[nodiscard]] std::vector<ConsumedKey> take_expired(WallTime now);

 private:
  struct Sums {
    TopicId topic_id;
    std::int64_t committed = -1;          // furthest, of this topic id; -1: none
    std::map<PrincipalName, Row> latest;  // each principal's latest hour
    void take(const Row& row);
  };
  struct Place {
    Sums durable;
    Sums written;  // ahead of `durable` by what is under way
    int under_way = 0;
  };
  std::map<OffsetKey, Place> places_;
  std::map<std::int64_t, std::vector<ConsumedKey>> replayed_;  // by hour; empty after take_expired()
};

}  // namespace myelin::engine::groups
