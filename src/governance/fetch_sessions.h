#pragma once
// The fetch sessions there are (KIP-227), within bounds: so many sessions, and so many partitions in all of them. When
// there is no room, a client fetches without a session, as if it had never asked for one.
//
// Thread-safe. A session's own lock and that of the list are never held together.
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "base/ids.h"
#include "engine/engine.h"
#include "governance/fetch_session.h"
#include "kafka/error_code.h"
#include "kafka/message/fetch.h"

namespace myelin::governance {

struct FetchSessionLimits {
  std::size_t sessions = 1'000;  // max.incremental.fetch.session.cache.slots
  std::size_t partitions = 200'000;
  std::size_t partitions_of_one = 50'000;
};

class FetchSessions {
 private:
  struct Entry;

 public:
  // A session gives way to another one when it was not used for so long, or, when it is so old, to a larger one.
  static constexpr std::chrono::minutes kEvictedAfter{2};

  explicit FetchSessions(FetchSessionLimits limits = {}) : limits_(limits) {}

  // One fetch on its way.
  struct Turn {
    kafka::ErrorCode refusal = kafka::ErrorCode::None;  // what it is answered as a whole; None: it is made
    std::shared_ptr<Entry> session;                     // nullptr: without one
    std::int32_t epoch = 0;                             // that the session expects once the fetch has begun
    bool is_first = false;
  };

  // Finds, opens or closes the session that the request names, makes the request whole and takes the session out of it.
  // `names`: nullptr when the request gives topics by name.
  [[nodiscard]] Turn begin(const PrincipalName& principal, const engine::TopicNames* names,
                           kafka::FetchRequest& request, MonotonicTime now);
  // Cuts the answer down to what the session has not told yet.
  static void end(const Turn& turn, kafka::FetchResponse& response);

  struct Counters {
    std::size_t sessions = 0;    // now
    std::size_t partitions = 0;  // in these
    std::uint64_t evictions = 0;
  };
  [[nodiscard]] Counters counters() const;

 private:
  using Oldest = std::list<std::shared_ptr<Entry>>;  // by last use
  struct Entry {
    Entry(std::int32_t number, PrincipalName owner, bool by_id, MonotonicTime now)
        : id(number), principal(std::move(owner)), created(now), session(by_id) {}
    const std::int32_t id;
    const PrincipalName principal;
    const MonotonicTime created;
    // Under the lock of the list.
    MonotonicTime last_used{};
    std::size_t size = 0;  // as counted in the list
    bool is_evictable = false;
    Oldest::iterator place;
    // Under its own.
    std::mutex mutex;
    std::int32_t epoch = 1;  // that its next fetch has
    FetchSession session;
  };

  [[nodiscard]] Turn open(const PrincipalName& principal, bool by_id, kafka::FetchRequest& request, MonotonicTime now);
  [[nodiscard]] Turn go_on(const std::shared_ptr<Entry>& entry, const engine::TopicNames* names, std::int32_t epoch,
                           kafka::FetchRequest& request, MonotonicTime now);
  [[nodiscard]] std::shared_ptr<Entry> find(const PrincipalName& principal, std::int32_t id) const;
  [[nodiscard]] bool insert(const std::shared_ptr<Entry>& entry, std::size_t size, MonotonicTime now);
  [[nodiscard]] bool use(Entry& entry, std::size_t size, MonotonicTime now);
  void close(Entry& entry);

  // The list's lock is held.
  [[nodiscard]] bool make_room(std::size_t sessions, std::size_t partitions, std::size_t size, MonotonicTime now);
  [[nodiscard]] bool evict_unused(MonotonicTime now);
  [[nodiscard]] bool evict_smaller(std::size_t size);
  void count(Entry& entry, std::size_t size, MonotonicTime now);
  void remove(Entry& entry);

  const FetchSessionLimits limits_;
  mutable std::mutex mutex_;
  std::unordered_map<std::int32_t, std::shared_ptr<Entry>> by_id_;
  Oldest oldest_;
  std::set<std::pair<std::size_t, std::int32_t>> evictable_;  // (size, id)
  std::size_t partitions_ = 0;
  std::uint64_t evictions_ = 0;
};

}  // namespace myelin::governance
