#include "plan/quotas.h"

#include <fmt/core.h>

#include <charconv>

#include "model/ownership.h"

namespace myelin::plan {
namespace {

using Partitions = std::map<TopicName, std::int64_t>;
using Held = std::map<SquadName, std::int64_t>;

Held held_by_squad(const model::Model& model, const Partitions& partitions) {
  Held held;
  for (const auto& [topic, count] : partitions) {
    if (const auto owner = model::topic_owner(model, topic)) held[owner->squad] += count;
  }
  return held;
}

// A new topic whose contract says nothing has one, at the least.
std::int64_t partitions_of(const TopicChange& change) {
  for (const auto& setting : change.settings) {
    if (setting.path != "partitions" || !setting.after) continue;
    std::int64_t count = 0;
    std::from_chars(setting.after->data(), setting.after->data() + setting.after->size(), count);
    return count;
  }
  return 1;
}

const model::Quota& quota_of(const model::PolicyDocument& policy, const SquadName& squad) {
  const auto own = policy.squad_quotas.find(squad);
  return own == policy.squad_quotas.end() ? policy.default_quota : own->second;
}

}  // namespace

std::vector<std::string> over_quota(const Question& question, const std::vector<TopicChange>& changes) {
  Partitions partitions;
  for (const auto& [topic, live] : question.live.topics) partitions[topic] = live.partitions;
  const auto before = held_by_squad(*question.before, partitions);
  for (const auto& change : changes) {
    auto& count = partitions[change.topic];
    count = std::max(count, partitions_of(change));
  }
  std::vector<std::string> refusals;
  for (const auto& [squad, count] : held_by_squad(*question.after, partitions)) {
    const auto& quota = quota_of(question.after->policy, squad);
    const auto was = before.find(squad);
    if (!quota.partitions_max || std::cmp_less_equal(count, *quota.partitions_max)) continue;
    if (was != before.end() && was->second >= count) continue;
    refusals.push_back(
        fmt::format("squad {} would have {} partitions and its quota allows {} ({}): declare fewer, or ask the "
                    "platform group for more",
                    squad.text(), count, *quota.partitions_max, quota.place.text()));
  }
  return refusals;
}

}  // namespace myelin::plan
