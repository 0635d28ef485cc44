// Which of the topics that a contract declares exist otherwise.
#include "governance/live_topics.h"
#include "governance/questions.h"
#include "governance/topic_contract.h"

namespace myelin::governance {

Result<std::vector<TopicDifferences>> Questions::contract_differences() const {
  const auto snapshot = policy_.current();
  const auto& declared = snapshot->model().topics;
  const auto topics = live_topics(engine_, [&](const TopicName& name) { return declared.contains(name); });
  if (!topics) return std::unexpected(topics.error());
  std::vector<TopicDifferences> found;
  for (const auto& [name, live] : *topics) {
    const auto topic = declared.find(name);
    if (topic == declared.end()) continue;
    auto settings = differences(topic->second, live.partitions, live.settings);
    if (!settings.empty()) found.push_back({name, topic->second.place, std::move(settings)});
  }
  return found;
}

}  // namespace myelin::governance
