#pragma once
// The topics there are, as request paths see them: an immutable snapshot that TopicCatalogue swaps whole.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/uuid.h"
#include "engine/broker/topic_config.h"
#include "engine/engine.h"
#include "kafka/error_code.h"
#include "storage/partition_log.h"

namespace myelin::engine::broker {

// Topics of the engine itself. Nobody writes, creates or deletes them through engine.h.
[[nodiscard]] inline bool is_internal_name(std::string_view name) { return name.starts_with("__"); }
inline constexpr std::string_view kOffsetsTopic = "__consumer_offsets";  // one partition
inline constexpr std::int32_t kOffsetsPartition = 0;
inline constexpr std::string_view kTransactionsTopic = "__transaction_state";  // one partition

struct Topic {
  TopicId id;
  TopicName name;
  WallTime created;
  ConfigOverrides configs;
  storage::LogConfig log_config;
  std::vector<std::shared_ptr<storage::PartitionLog>> partitions;  // by partition number, never null

  [[nodiscard]] storage::PartitionLog* partition(std::int32_t number) const {
    if (number < 0 || static_cast<std::size_t>(number) >= partitions.size()) return nullptr;
    return partitions[static_cast<std::size_t>(number)].get();
  }
};
using TopicPointer = std::shared_ptr<const Topic>;

class Topics final : public TopicNames {
 public:
  [[nodiscard]] const Topic* find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second.get();
  }
  [[nodiscard]] const Topic* find(const TopicId& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second.get();
  }
  [[nodiscard]] const TopicName* name_of(const TopicId& id) const override {
    const Topic* topic = find(id);
    return topic == nullptr ? nullptr : &topic->name;
  }
  [[nodiscard]] TopicPointer share(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }
  [[nodiscard]] std::vector<TopicPointer> sorted_by_name() const {
    std::vector<TopicPointer> all;
    all.reserve(by_name_.size());
    for (const auto& [name, topic] : by_name_) all.push_back(topic);
    std::ranges::sort(all, {}, [](const TopicPointer& topic) -> const TopicName& { return topic->name; });
    return all;
  }

  [[nodiscard]] const auto& by_name() const { return by_name_; }

  void put(TopicPointer topic) {
    by_id_[topic->id] = topic;
    by_name_[topic->name.text()] = std::move(topic);
  }
  void remove(const TopicId& id) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return;
    by_name_.erase(found->second->name.text());
    by_id_.erase(id);
  }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, TopicPointer, TextHash, std::equal_to<>> by_name_;
  std::unordered_map<TopicId, TopicPointer> by_id_;
};

// A topic as a request names it: by name, by id, or by an id and the name that it had when it was asked for. Never the
// topic that took over the name of one that was deleted.
struct NamedTopic {
  const Topic* topic = nullptr;
  kafka::ErrorCode code = kafka::ErrorCode::None;  // why there is none
};
[[nodiscard]] inline NamedTopic find_named(const Topics& topics, std::string_view name, const TopicId& id) {
  using enum kafka::ErrorCode;
  if (const Topic* topic = id.is_zero() ? topics.find(name) : topics.find(id)) return {topic, None};
  if (id.is_zero()) return {nullptr, UnknownTopicOrPartition};
  if (name.empty()) return {nullptr, UnknownTopicId};
  return {nullptr, topics.find(name) == nullptr ? UnknownTopicOrPartition : InconsistentTopicId};
}

}  // namespace myelin::engine::broker
