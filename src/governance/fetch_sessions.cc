#include "governance/fetch_sessions.h"

#include <cstring>
#include <limits>

#include "base/uuid.h"

namespace myelin::governance {
namespace {

using kafka::ErrorCode;

// Of a request: none is wanted, one is to be opened. Anything else is the number of the fetch in its session.
constexpr std::int32_t kFinalEpoch = -1;
constexpr std::int32_t kFirstEpoch = 0;

std::int32_t after(std::int32_t epoch) { return epoch == std::numeric_limits<std::int32_t>::max() ? 1 : epoch + 1; }

// Positive, and not to be guessed.
std::int32_t random_id() {
  std::uint32_t bits = 0;
  const auto random = Uuid::random();
  std::memcpy(&bits, random.bytes.data(), sizeof bits);
  return static_cast<std::int32_t>(bits & std::numeric_limits<std::int32_t>::max());
}

std::size_t partitions_of(const kafka::FetchRequest& request) {
  std::size_t count = 0;
  for (const auto& topic : request.topics) count += topic.partitions.size();
  return count;
}

}  // namespace

FetchSessions::Turn FetchSessions::begin(const PrincipalName& principal, const engine::TopicNames* names,
                                         kafka::FetchRequest& request, MonotonicTime now) {
  const auto id = std::exchange(request.session_id, 0);
  const auto epoch = std::exchange(request.session_epoch, kFinalEpoch);
  const auto entry = id == 0 ? nullptr : find(principal, id);
  if (epoch == kFinalEpoch || epoch == kFirstEpoch) {
    if (entry) close(*entry);
    return epoch == kFirstEpoch ? open(principal, names != nullptr, request, now) : Turn();
  }
  if (entry) return go_on(entry, names, epoch, request, now);
  Turn refused;
  refused.refusal = ErrorCode::FetchSessionIdNotFound;
  return refused;
}

// A session of somebody else is not found. Its id is a number that can be met or guessed, and what goes on with a
// session is told which partitions its owner reads, and takes the news about them away from its owner.
std::shared_ptr<FetchSessions::Entry> FetchSessions::find(const PrincipalName& principal, std::int32_t id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = by_id_.find(id);
  return found == by_id_.end() || found->second->principal != principal ? nullptr : found->second;
}

FetchSessions::Turn FetchSessions::open(const PrincipalName& principal, bool by_id, kafka::FetchRequest& request,
                                        MonotonicTime now) {
  Turn turn;
  if (limits_.sessions == 0 || !FetchSession::can_keep(request)) return turn;
  auto entry = std::make_shared<Entry>(random_id(), principal, by_id, now);
  entry->session.update(request);
  const auto size = entry->session.size();
  if (size > limits_.partitions_of_one || !insert(entry, size, now)) return turn;
  if (size < partitions_of(request)) entry->session.make_whole(request);  // each once
  turn.session = std::move(entry);
  turn.epoch = 1;
  turn.is_first = true;
  return turn;
}

FetchSessions::Turn FetchSessions::go_on(const std::shared_ptr<Entry>& entry, const engine::TopicNames* names,
                                         std::int32_t epoch, kafka::FetchRequest& request, MonotonicTime now) {
  Turn turn;
  std::size_t size = 0;
  {
    const std::scoped_lock lock(entry->mutex);
    auto& session = entry->session;
    if (epoch != entry->epoch)
      turn.refusal = ErrorCode::InvalidFetchSessionEpoch;
    else if (session.by_id() != (names != nullptr))
      turn.refusal = ErrorCode::FetchSessionTopicIdError;
    if (turn.refusal != ErrorCode::None) return turn;
    const bool fits = FetchSession::can_keep(request);
    if (fits) session.update(request);
    size = session.size();
    if (fits && size > 0 && size <= limits_.partitions_of_one) {
      if (names != nullptr) session.learn_names(*names);
      session.make_whole(request);
      entry->epoch = turn.epoch = after(epoch);
    }
  }
  if (turn.epoch != 0 && use(*entry, size, now)) {
    turn.session = entry;
    return turn;
  }
  close(*entry);
  // What outgrew its room begins anew, without a session if need be. What forgot everything is a fetch without one.
  if (size > 0) turn.refusal = ErrorCode::FetchSessionIdNotFound;
  return turn;
}

void FetchSessions::end(const Turn& turn, kafka::FetchResponse& response) {
  if (!turn.session || response.error_code != 0) return;
  auto& entry = *turn.session;
  response.session_id = entry.id;
  const std::scoped_lock lock(entry.mutex);
  if (turn.epoch != entry.epoch) {
    entry.session.keep_news(response);
  } else {
    entry.session.tell(response, turn.is_first ? FetchSession::Extent::Whole : FetchSession::Extent::News);
  }
}

bool FetchSessions::insert(const std::shared_ptr<Entry>& entry, std::size_t size, MonotonicTime now) {
  const std::scoped_lock lock(mutex_);
  if (entry->id == 0 || by_id_.contains(entry->id)) return false;  // one in millions: a fetch without a session
  if (!make_room(1, size, size, now)) return false;
  by_id_.emplace(entry->id, entry);
  entry->place = oldest_.insert(oldest_.end(), entry);
  count(*entry, size, now);
  return true;
}

bool FetchSessions::use(Entry& entry, std::size_t size, MonotonicTime now) {
  const std::scoped_lock lock(mutex_);
  // Evicted since it was found: this fetch is still answered, and the next one is told.
  if (!by_id_.contains(entry.id)) return true;
  oldest_.splice(oldest_.end(), oldest_, entry.place);
  entry.last_used = now;  // so that it does not make room for itself
  if (size > entry.size && !make_room(0, size - entry.size, size, now)) return false;
  count(entry, size, now);
  return true;
}

void FetchSessions::close(Entry& entry) {
  const std::scoped_lock lock(mutex_);
  if (by_id_.contains(entry.id)) remove(entry);
}

bool FetchSessions::make_room(std::size_t sessions, std::size_t partitions, std::size_t size, MonotonicTime now) {
  while (by_id_.size() + sessions > limits_.sessions) {
    if (!evict_unused(now) && !evict_smaller(size)) return false;
  }
  while (partitions_ + partitions > limits_.partitions) {
    if (!evict_unused(now)) return false;
  }
  return true;
}

bool FetchSessions::evict_unused(MonotonicTime now) {
  if (oldest_.empty() || now - oldest_.front()->last_used <= kEvictedAfter) return false;
  remove(*oldest_.front());
  ++evictions_;
  return true;
}

bool FetchSessions::evict_smaller(std::size_t size) {
  if (evictable_.empty() || evictable_.begin()->first >= size) return false;
  remove(*by_id_.at(evictable_.begin()->second));
  ++evictions_;
  return true;
}

void FetchSessions::count(Entry& entry, std::size_t size, MonotonicTime now) {
  if (entry.is_evictable && size != entry.size) evictable_.erase({entry.size, entry.id});
  const bool was_evictable = entry.is_evictable && size == entry.size;
  partitions_ += size - entry.size;
  entry.size = size;
  entry.last_used = now;
  entry.is_evictable = now - entry.created > kEvictedAfter;
  if (entry.is_evictable && !was_evictable) evictable_.emplace(size, entry.id);
}

void FetchSessions::remove(Entry& entry) {
  if (entry.is_evictable) evictable_.erase({entry.size, entry.id});
  partitions_ -= entry.size;
  oldest_.erase(entry.place);
  by_id_.erase(by_id_.find(entry.id));  // which may be the end of the entry
}

FetchSessions::Counters FetchSessions::counters() const {
  const std::scoped_lock lock(mutex_);
  return {by_id_.size(), partitions_, evictions_};
}

}  // namespace myelin::governance
