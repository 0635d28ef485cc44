#include "governance/fetch_session.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace myelin::governance {

bool FetchSession::can_keep(const kafka::FetchRequest& request) {
  return std::ranges::all_of(request.topics, [](const auto& entry) { return entry.topic.size() <= kNameBytesMax; });
}

std::size_t FetchSession::end_of(std::size_t topic) const {
  return topic + 1 < topics_.size() ? topics_[topic + 1].first : partitions_.size();
}

std::size_t FetchSession::find_topic(std::string_view name, const Uuid& id, std::size_t hint) const {
  const auto is_it = [&](const Topic& known) { return by_id_ ? known.id == id : known.name == name; };
  if (hint < topics_.size() && is_it(topics_[hint])) return hint;
  const auto found = by_id_ ? std::ranges::lower_bound(topics_, id, {}, &Topic::id)
                            : std::ranges::lower_bound(topics_, name, {},
                                                       [](const Topic& known) { return std::string_view(known.name); });
  if (found == topics_.end() || !is_it(*found)) return kNone;
  return static_cast<std::size_t>(found - topics_.begin());
}

std::size_t FetchSession::find_partition(std::size_t topic, std::int32_t number, std::size_t hint) const {
  const auto first = topics_[topic].first;
  const auto end = end_of(topic);
  if (hint >= first && hint < end && partitions_[hint].number == number) return hint;
  const auto begin = partitions_.begin();
  const auto found = std::ranges::lower_bound(begin + static_cast<std::ptrdiff_t>(first),
                                              begin + static_cast<std::ptrdiff_t>(end), number, {}, &Partition::number);
  const auto index = static_cast<std::size_t>(found - begin);
  return index < end && found->number == number ? index : kNone;
}

void FetchSession::take(const Asked& asked, Partition& partition) {
  partition.number = asked.partition;
  partition.current_leader_epoch = asked.current_leader_epoch;
  partition.fetch_offset = asked.fetch_offset;
  partition.log_start_offset = asked.log_start_offset;
  partition.last_fetched_epoch = asked.last_fetched_epoch;
  partition.bytes_max = asked.partition_max_bytes;
}

void FetchSession::update(const kafka::FetchRequest& request) {
  std::vector<Added> added;
  std::size_t topic = 0;
  for (const auto& entry : request.topics) {
    topic = find_topic(entry.topic, entry.topic_id, topic + 1);
    std::size_t place = topic == kNone ? kNone : topics_[topic].first - 1;
    for (const auto& asked : entry.partitions) {
      if (topic != kNone) place = find_partition(topic, asked.partition, place + 1);
      if (place == kNone) {
        added.push_back({&entry, &asked});
      } else {
        take(asked, partitions_[place]);
      }
    }
  }
  if (!added.empty()) add(added);
  if (!request.forgotten_topics_data.empty()) forget(request);
}

// Rare, so everything is laid out anew.
void FetchSession::add(const std::vector<Added>& added) {
  struct Line {
    std::string_view name;
    const Uuid* id;
    Partition partition;
    std::size_t turn;
  };
  std::vector<Line> lines;
  lines.reserve(partitions_.size() + added.size());
  for (std::size_t topic = 0; topic < topics_.size(); ++topic) {
    for (auto place = topics_[topic].first; place < end_of(topic); ++place) {
      lines.push_back({topics_[topic].name, &topics_[topic].id, partitions_[place], lines.size()});
    }
  }
  for (const auto& [topic, asked] : added) {
    lines.push_back({topic->topic, &topic->topic_id, {}, lines.size()});
    take(*asked, lines.back().partition);
  }
  const auto is_same_topic = [this](const Line& left, const Line& right) {
    return by_id_ ? *left.id == *right.id : left.name == right.name;
  };
  std::ranges::sort(lines, [&](const Line& left, const Line& right) {
    if (!is_same_topic(left, right)) return by_id_ ? *left.id < *right.id : left.name < right.name;
    return std::tie(left.partition.number, left.turn) < std::tie(right.partition.number, right.turn);
  });
  std::vector<Topic> topics;
  partitions_.clear();
  partitions_.reserve(lines.size());
  const Line* before = nullptr;
  for (const auto& line : lines) {
    const bool is_of_next_topic = before == nullptr || !is_same_topic(*before, line);
    if (is_of_next_topic) topics.push_back({std::string(), *line.id, partitions_.size()});
    if (topics.back().name.empty()) topics.back().name = line.name;  // it is known of some, when ids are given
    if (!is_of_next_topic && before->partition.number == line.partition.number) {
      partitions_.back() = line.partition;  // the last of equals counts
    } else {
      partitions_.push_back(line.partition);
    }
    before = &line;
  }
  topics.shrink_to_fit();
  topics_ = std::move(topics);
}

void FetchSession::forget(const kafka::FetchRequest& request) {
  std::vector<bool> forgotten(partitions_.size());
  for (const auto& entry : request.forgotten_topics_data) {
    const auto topic = find_topic(entry.topic, entry.topic_id, 0);
    if (topic == kNone) continue;
    for (const auto number : entry.partitions) {
      if (const auto place = find_partition(topic, number, 0); place != kNone) forgotten[place] = true;
    }
  }
  std::vector<Topic> topics;
  std::size_t kept = 0;
  for (std::size_t topic = 0; topic < topics_.size(); ++topic) {
    const auto first = kept;
    for (auto place = topics_[topic].first; place < end_of(topic); ++place) {
      if (!forgotten[place]) partitions_[kept++] = partitions_[place];
    }
    if (kept > first) topics.push_back({std::move(topics_[topic].name), topics_[topic].id, first});
  }
  partitions_.resize(kept);
  partitions_.shrink_to_fit();
  topics_ = std::move(topics);
}

void FetchSession::learn_names(const engine::TopicNames& names) {
  for (auto& topic : topics_) {
    if (!topic.name.empty()) continue;
    if (const auto* name = names.name_of(topic.id)) topic.name = name->text();
  }
}

void FetchSession::append_to(kafka::FetchRequest& request, std::size_t topic, std::size_t first,
                             std::size_t end) const {
  if (first == end) return;
  auto& entry = request.topics.emplace_back();
  entry.topic = topics_[topic].name;
  entry.topic_id = topics_[topic].id;
  entry.partitions.reserve(end - first);
  for (auto place = first; place < end; ++place) {
    const auto& known = partitions_[place];
    auto& asked = entry.partitions.emplace_back();
    asked.partition = known.number;
    asked.current_leader_epoch = known.current_leader_epoch;
    asked.fetch_offset = known.fetch_offset;
    asked.log_start_offset = known.log_start_offset;
    asked.last_fetched_epoch = known.last_fetched_epoch;
    asked.partition_max_bytes = known.bytes_max;
  }
}

void FetchSession::make_whole(kafka::FetchRequest& request) const {
  request.topics.clear();
  request.forgotten_topics_data.clear();
  if (partitions_.empty()) return;
  request.topics.reserve(topics_.size() + 1);
  const auto start = next_ < partitions_.size() ? next_ : 0;
  const auto after = std::ranges::upper_bound(topics_, start, {}, &Topic::first);
  const auto begin = static_cast<std::size_t>(after - topics_.begin()) - 1;
  append_to(request, begin, start, end_of(begin));
  for (auto topic = begin + 1; topic < topics_.size(); ++topic) {
    append_to(request, topic, topics_[topic].first, end_of(topic));
  }
  for (std::size_t topic = 0; topic < begin; ++topic) append_to(request, topic, topics_[topic].first, end_of(topic));
  append_to(request, begin, topics_[begin].first, start);
}

bool FetchSession::is_news(const Partition& known, const Answer& answer) {
  return answer.error_code != 0 || (answer.records && payload_size(*answer.records) > 0) ||
         answer.high_watermark != known.told_high_watermark || answer.log_start_offset != known.told_log_start ||
         answer.preferred_read_replica >= 0 || answer.diverging_epoch.epoch >= 0;
}

// Keeps of the answer what `keep` says of its place here; what has no place here was forgotten meanwhile.
template <typename Keep>
void FetchSession::keep_parts(kafka::FetchResponse& response, Keep keep) const {
  std::size_t topic = kNone;
  std::erase_if(response.responses, [&](auto& entry) {
    topic = find_topic(entry.topic, entry.topic_id, topic + 1);
    if (topic == kNone) return true;
    auto place = topics_[topic].first - 1;
    std::erase_if(entry.partitions, [&](const Answer& answer) {
      place = find_partition(topic, answer.partition_index, place + 1);
      return place == kNone || !keep(place, answer);
    });
    return entry.partitions.empty();
  });
}

void FetchSession::tell(kafka::FetchResponse& response, Extent extent) {
  std::optional<std::size_t> served;
  keep_parts(response, [&](std::size_t place, const Answer& answer) {
    auto& known = partitions_[place];
    const bool is_kept = extent == Extent::Whole || is_news(known, answer);
    // A partition with an error is told again when the error is over.
    known.told_high_watermark = answer.error_code == 0 ? answer.high_watermark : -1;
    known.told_log_start = answer.log_start_offset;
    if (answer.records && payload_size(*answer.records) > 0) served = place;
    return is_kept;
  });
  if (served) next_ = *served + 1;
}

void FetchSession::keep_news(kafka::FetchResponse& response) const {
  keep_parts(response, [&](std::size_t place, const Answer& answer) { return is_news(partitions_[place], answer); });
}

}  // namespace myelin::governance
