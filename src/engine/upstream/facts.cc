#include "engine/upstream/facts.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "base/checked_sum.h"
#include "kafka/record_batch.h"

namespace myelin::engine::upstream {
namespace {

// Stretches remembered per partition. Appends that pass here join up; gaps are what others appended, or what is still
// to be answered.
constexpr std::size_t kStretchesMax = 256;
// Beyond this many the groups' positions are forgotten, and the next commit of each advances nothing.
constexpr std::size_t kCommitsMax = 100'000;
// Producers with offsets in a transaction; beyond, what they hold back is forgotten, and their next commit counts it.
constexpr std::size_t kProducersMax = 10'000;
constexpr std::int64_t kLatest = -1;  // as a timestamp that ListOffsets is asked for

ByteSpan bytes_of(const std::optional<Payload>& records) {
  if (!records) return {};
  const auto* bytes = std::get_if<SharedBytes>(&*records);
  return bytes ? bytes->view() : ByteSpan{};
}

}  // namespace

bool Facts::Counted::insert(std::int64_t first, std::int64_t next) {
  if (first < floor || next <= first) return false;
  auto after = stretches.upper_bound(first);
  if (after != stretches.begin() && std::prev(after)->second > first) return false;
  if (after != stretches.end() && after->first < next) return false;
  const auto joined = after != stretches.begin() && std::prev(after)->second == first;
  auto grown = joined ? std::prev(after) : stretches.emplace_hint(after, first, next);
  grown->second = next;
  if (after != stretches.end() && after->first == next) {
    grown->second = after->second;
    stretches.erase(after);
  }
  if (stretches.size() > kStretchesMax) {
    floor = stretches.begin()->second;
    stretches.erase(stretches.begin());
  }
  return true;
}

void Facts::learn(const kafka::MetadataResponse& response) {
  const std::scoped_lock lock(mutex_);
  for (const auto& topic : response.topics) {
    if (!topic.name || topic.topic_id.is_zero()) continue;
    const auto [known, is_new] = ids_.try_emplace(*topic.name, topic.topic_id);
    if (is_new || known->second == topic.topic_id) continue;
    known->second = topic.topic_id;
    forget(*topic.name);
  }
}

void Facts::expect_ends(const kafka::MetadataResponse& response) {
  const std::scoped_lock lock(mutex_);
  for (const auto& topic : response.topics) {
    if (!topic.name) continue;
    for (const auto& partition : topic.partitions) missing_ends_.emplace(*topic.name, partition.partition_index);
  }
}

kafka::ListOffsetsRequest Facts::missing_ends() const {
  kafka::ListOffsetsRequest request;
  request.replica_id = -1;
  const std::scoped_lock lock(mutex_);
  for (const auto& [topic, partition] : missing_ends_) {
    if (request.topics.empty() || request.topics.back().name != topic) request.topics.emplace_back().name = topic;
    auto& asked = request.topics.back().partitions.emplace_back();
    asked.partition_index = partition;
    asked.timestamp = kLatest;
  }
  return request;
}

void Facts::learn_ends(const kafka::ListOffsetsResponse& response) {
  const std::scoped_lock lock(mutex_);
  for (const auto& topic : response.topics) {
    for (const auto& partition : topic.partitions) {
      if (partition.error_code != 0 || partition.offset < 0) continue;
      const Partition name{topic.name, partition.partition_index};
      if (missing_ends_.erase(name) > 0) counted_[name].floor = partition.offset;
    }
  }
}

void Facts::forget(const std::string& topic) {
  std::erase_if(counted_, [&](const auto& entry) { return entry.first.first == topic; });
  std::erase_if(missing_ends_, [&](const auto& partition) { return partition.first == topic; });
  std::erase_if(commits_, [&](const auto& entry) { return entry.first.second.first == topic; });
}

TopicId Facts::id_of(const std::string& topic) const {
  const auto found = ids_.find(topic);
  return found == ids_.end() ? TopicId{} : found->second;
}

std::vector<AppendFact> Facts::appended(const kafka::ProduceRequest& request, const kafka::ProduceResponse& response,
                                        WallTime now) {
  std::map<Partition, kafka::BatchHeader> sent;
  for (const auto& topic : request.topic_data) {
    for (const auto& partition : topic.partition_data) {
      const auto header = kafka::parse_batch_header(bytes_of(partition.records));
      if (header) sent.emplace(Partition{topic.name, partition.index}, *header);
    }
  }
  std::vector<AppendFact> facts;
  const std::scoped_lock lock(mutex_);
  for (const auto& topic : response.responses) {
    for (const auto& partition : topic.partition_responses) {
      const auto found = sent.find({topic.name, partition.index});
      if (partition.error_code != 0 || partition.base_offset < 0 || found == sent.end()) continue;
      if (missing_ends_.contains(found->first)) continue;
      const auto next = checked_sum(partition.base_offset, found->second.record_count);
      if (!next || !counted_[found->first].insert(partition.base_offset, *next)) continue;
      facts.push_back({TopicName(topic.name), id_of(topic.name), partition.index, partition.base_offset,
                       found->second.record_count, static_cast<std::int64_t>(found->second.size()), now});
    }
  }
  return facts;
}

std::vector<ServedFact> Facts::served(const kafka::FetchResponse& response) const {
  std::vector<ServedFact> facts;
  const std::scoped_lock lock(mutex_);
  for (const auto& topic : response.responses) {
    for (const auto& partition : topic.partitions) {
      ByteSpan rest = bytes_of(partition.records);
      ServedFact fact{TopicName(topic.topic), id_of(topic.topic), partition.partition_index, 0, 0, 0};
      // A cluster may cut the last batch short; what is not whole was not served.
      for (auto header = kafka::parse_batch_header(rest); header && header->size() <= rest.size();
           header = kafka::parse_batch_header(rest)) {
        if (header->base_offset < fact.next_offset) break;  // no log has its offsets out of order, or negative ones
        const auto next = checked_sum(header->base_offset, std::int64_t{header->last_offset_delta} + 1);
        if (!next || *next <= header->base_offset) break;
        if (fact.bytes == 0) fact.first_offset = header->base_offset;
        fact.next_offset = *next;
        fact.bytes += static_cast<std::int64_t>(header->size());
        rest = rest.subspan(header->size());
      }
      if (fact.bytes > 0) facts.push_back(std::move(fact));
    }
  }
  return facts;
}

template <typename Request, typename Response>
std::vector<Facts::Accepted> Facts::accepted(const Request& request, const Response& response) {
  std::set<Partition> taken;
  for (const auto& topic : response.topics) {
    for (const auto& partition : topic.partitions) {
      if (partition.error_code == 0) taken.emplace(topic.name, partition.partition_index);
    }
  }
  std::vector<Accepted> commits;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      Partition name{topic.name, partition.partition_index};
      if (!taken.contains(name)) continue;
      commits.push_back({request.group_id, std::move(name), partition.committed_offset});
    }
  }
  return commits;
}

std::vector<CommitFact> Facts::count_locked(const std::vector<Accepted>& commits, WallTime now) {
  std::vector<CommitFact> facts;
  if (commits_.size() > kCommitsMax) commits_.clear();
  for (const auto& [group, partition, offset] : commits) {
    const auto [known, is_new] = commits_.try_emplace({group, partition}, Commit{offset, offset});
    auto& [last, furthest] = known->second;
    const auto from = std::max<std::int64_t>(0, furthest);  // a cluster takes negative offsets too
    facts.push_back({GroupName(group), TopicName(partition.first), id_of(partition.first), partition.second, last,
                     offset, offset > from ? offset - from : 0, now});
    last = offset;
    furthest = std::max(furthest, offset);
  }
  return facts;
}

std::vector<CommitFact> Facts::committed(const kafka::OffsetCommitRequest& request,
                                         const kafka::OffsetCommitResponse& response, WallTime now) {
  const auto commits = accepted(request, response);
  const std::scoped_lock lock(mutex_);
  return count_locked(commits, now);
}

void Facts::held_back(const kafka::TxnOffsetCommitRequest& request, const kafka::TxnOffsetCommitResponse& response) {
  auto commits = accepted(request, response);
  const std::scoped_lock lock(mutex_);
  if (held_back_.size() > kProducersMax) held_back_.clear();
  auto& held = held_back_[request.producer_id];
  if (held.size() > kCommitsMax) held.clear();
  std::ranges::move(commits, std::back_inserter(held));
}

std::vector<CommitFact> Facts::ended(const kafka::EndTxnRequest& request, const kafka::EndTxnResponse& response,
                                     WallTime now) {
  if (response.error_code != 0) return {};
  const std::scoped_lock lock(mutex_);
  const auto held = held_back_.extract(request.producer_id);
  if (held.empty() || !request.committed) return {};
  return count_locked(held.mapped(), now);
}

}  // namespace myelin::engine::upstream
