#pragma once
// Internal topics in memory, for tests and benches of what stands on them. They outlive a "restart", which is a new
// store over the same log. Not safe across threads.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/internal_log.h"

namespace myelin::engine {

class MemoryInternalLog final : public InternalLog {
 public:
  Result<void> open(const TopicName& topic, InternalCleanup) override {
    topics_[topic.text()];
    return {};
  }
  void append(const TopicName& topic, std::vector<InternalRecord> records, Durable durable) override {
    if (fail_appends) {
      durable(fail(Code::Io, "disk refused"));
      return;
    }
    for (auto& record : records) topics_[topic.text()].push_back(std::move(record));
    durable({});
  }
  Result<void> replay(const TopicName& topic, const Sink& sink) const override {
    for (const auto& record : topics_.at(topic.text())) sink(record);
    return {};
  }
  [[nodiscard]] std::vector<InternalRecord>& records(const std::string& topic) { return topics_[topic]; }

  bool fail_appends = false;  // the disk refuses; what was appended stays

 private:
  std::map<std::string, std::vector<InternalRecord>> topics_;
};

}  // namespace myelin::engine
