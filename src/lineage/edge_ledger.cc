#include "lineage/edge_ledger.h"

#include <algorithm>

namespace myelin::lineage {
namespace {

template <typename Edge>
void widen(Edge& edge, WallTime time) {
  edge.first_seen = std::min(edge.first_seen, time);
  edge.last_seen = std::max(edge.last_seen, time);
}

template <typename Edge>
void note_library(Edge& edge, const Attribution& by, WallTime time) {
  if (time < edge.last_seen) return;
  edge.library = by.library;
  edge.library_version = by.library_version;
}

}  // namespace

EdgeLedger::Topic& EdgeLedger::topic_of(const TopicName& name) {
  const auto [found, added] = topics_.try_emplace(name);
  if (added) found->second.name = name;
  return found->second;
}

EdgeLedger::NameNumber EdgeLedger::number_of(const PrincipalName& principal) {
  const auto [found, added] = numbers_.try_emplace(principal, static_cast<NameNumber>(names_.size()));
  if (added) names_.push_back(principal);
  return found->second;
}

EdgeLedger::Partition& EdgeLedger::partition_of(Topic& topic, std::int32_t partition) {
  return topic.partitions.try_emplace(partition, Partition{WriterRuns(runs_per_partition_), {}}).first->second;
}

void EdgeLedger::appended(const Attribution& by, const Appended& fact) {
  ++version_;
  Topic& topic = topic_of(fact.topic);
  const NameNumber producer = number_of(by.principal);
  const auto [found, added] = topic.writes.try_emplace(producer);
  WriteEdge& edge = found->second.edge;
  if (added) {
    edge = {.principal = by.principal,
            .topic = fact.topic,
            .first_seen = fact.time,
            .last_seen = fact.time,
            .library = by.library,
            .library_version = by.library_version};
  }
  edge.records += fact.records;
  edge.bytes += fact.bytes;
  note_library(edge, by, fact.time + fact.span);
  widen(edge, fact.time);
  widen(edge, fact.time + fact.span);
  found->second.recent.add(fact.time, fact.bytes);

  Partition& partition = partition_of(topic, fact.partition);
  const std::int64_t next = fact.base_offset + fact.records;
  partition.runs.add(fact.base_offset, next, producer);
  std::erase_if(partition.waiting, [&](WaitingRead& read) {
    if (read.first >= next || read.next <= fact.base_offset) return false;
    see(topic, producer, read.consumer, true, read.time);
    read.first = partition.runs.covered_until(read.first, read.next);
    return read.first == read.next;
  });
}

void EdgeLedger::served(const Attribution& to, const Served& fact) {
  ++version_;
  Topic& topic = topic_of(fact.topic);
  const NameNumber consumer = number_of(to.principal);
  auto& live = read_of(topic, consumer, to, fact.time);
  ReadEdge& edge = live.edge;
  edge.offsets += fact.next_offset - fact.first_offset;
  edge.bytes += fact.bytes;
  note_library(edge, to, fact.time);
  widen(edge, fact.time);
  live.recent.add(fact.time, fact.bytes);

  Partition& partition = partition_of(topic, fact.partition);
  for (const auto& hit : partition.runs.writers_of(fact.first_offset, fact.next_offset)) {
    see(topic, hit.writer, consumer, hit.certain, fact.time);
  }
  const std::int64_t unknown = partition.runs.covered_until(fact.first_offset, fact.next_offset);
  if (unknown == fact.next_offset) return;
  if (partition.waiting.size() == kWaitingPerPartition) {
    partition.waiting.erase(partition.waiting.begin());
    ++reads_given_up_;
  }
  partition.waiting.push_back({unknown, fact.next_offset, consumer, fact.time});
}

void EdgeLedger::committed(const Attribution& by, const Committed& fact) {
  ++version_;
  const auto [found, added] = commits_.try_emplace({fact.group, fact.topic, by.principal});
  CommitEdge& edge = found->second;
  if (added) edge = {fact.group, fact.topic, by.principal, fact.time, fact.time};
  widen(edge, fact.time);
}

EdgeLedger::Live<ReadEdge>& EdgeLedger::read_of(Topic& topic, NameNumber consumer, const Attribution& to,
                                                WallTime time) {
  auto& by_client_id = topic.reads[consumer];
  const auto known = by_client_id.find(to.client_id);
  if (known != by_client_id.end()) return known->second;
  const bool at_limit = by_client_id.size() >= kClientIdsPerReader;
  const std::string client_id = at_limit ? std::string(kOtherClientIds) : to.client_id;
  const auto [found, added] = by_client_id.try_emplace(client_id);
  if (added) {
    found->second.edge = {.topic = topic.name,
                          .principal = to.principal,
                          .client_id = client_id,
                          .first_seen = time,
                          .last_seen = time,
                          .library = to.library,
                          .library_version = to.library_version,
                          .groups = {}};
  }
  return found->second;
}

void EdgeLedger::see(Topic& topic, NameNumber producer, NameNumber consumer, bool certain, WallTime time) {
  const auto [found, added] = topic.triples.try_emplace({producer, consumer});
  Triple& triple = found->second;
  if (added) triple = {names_[producer], topic.name, names_[consumer], time, time, certain};
  triple.certain = triple.certain || certain;
  widen(triple, time);
}

void EdgeLedger::restore(const WriteEdge& edge) {
  ++version_;
  topic_of(edge.topic).writes.insert_or_assign(number_of(edge.principal), Live<WriteEdge>{edge, {}});
}

void EdgeLedger::restore(const ReadEdge& edge) {
  ++version_;
  Topic& topic = topic_of(edge.topic);
  topic.reads[number_of(edge.principal)].insert_or_assign(edge.client_id, Live<ReadEdge>{edge, {}});
}

void EdgeLedger::restore(const CommitEdge& edge) {
  ++version_;
  commits_.insert_or_assign({edge.group, edge.topic, edge.principal}, edge);
}

void EdgeLedger::restore(const Triple& triple) {
  ++version_;
  const NameNumber producer = number_of(triple.producer);
  const NameNumber consumer = number_of(triple.consumer);
  topic_of(triple.topic).triples.insert_or_assign({producer, consumer}, triple);
}

std::vector<WriteEdge> EdgeLedger::writes(WallTime now) const {
  std::vector<WriteEdge> edges;
  for (const auto& [name, topic] : topics_) {
    for (const auto& [producer, live] : topic.writes) {
      edges.push_back(live.edge);
      edges.back().bytes_per_second = live.recent.per_second(now);
    }
  }
  std::sort(edges.begin(), edges.end(), [](const WriteEdge& left, const WriteEdge& right) {
    return std::tie(left.principal, left.topic) < std::tie(right.principal, right.topic);
  });
  return edges;
}

std::vector<ReadEdge> EdgeLedger::reads(WallTime now) const {
  std::vector<ReadEdge> edges;
  for (const auto& [name, topic] : topics_) {
    for (const auto& [consumer, by_client_id] : topic.reads) {
      std::vector<GroupName> groups;
      for (const auto& [key, commit] : commits_) {
        if (commit.topic == name && commit.principal == names_[consumer]) groups.push_back(commit.group);
      }
      for (const auto& [client_id, live] : by_client_id) {
        auto& edge = edges.emplace_back(live.edge);
        edge.groups = groups;
        edge.bytes_per_second = live.recent.per_second(now);
      }
    }
  }
  std::sort(edges.begin(), edges.end(), [](const ReadEdge& left, const ReadEdge& right) {
    return std::tie(left.topic, left.principal, left.client_id) <
           std::tie(right.topic, right.principal, right.client_id);
  });
  return edges;
}

std::vector<CommitEdge> EdgeLedger::commits() const {
  std::vector<CommitEdge> edges;
  edges.reserve(commits_.size());
  for (const auto& [key, edge] : commits_) edges.push_back(edge);
  return edges;
}

std::vector<Triple> EdgeLedger::triples() const {
  std::vector<Triple> triples;
  for (const auto& [name, topic] : topics_) {
    for (const auto& [key, triple] : topic.triples) triples.push_back(triple);
  }
  std::sort(triples.begin(), triples.end(), [](const Triple& left, const Triple& right) {
    return std::tie(left.producer, left.topic, left.consumer) < std::tie(right.producer, right.topic, right.consumer);
  });
  return triples;
}

}  // namespace myelin::lineage
