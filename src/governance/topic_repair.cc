#include "governance/topic_repair.h"

#include <algorithm>

namespace myelin::governance {
namespace {

constexpr std::size_t kRangesNamed = 10;

std::string text_of(const PartitionChoice& choice) {
  return choice.partition ? fmt::format("topic {} partition {}", choice.topic.text(), *choice.partition)
                          : "topic " + choice.topic.text();
}

// "topic orders partition 0 offsets 4 to 5, partition 1 offsets 17 to 17"
std::string text_of(const TopicName& topic, const std::vector<DamagedOffsets>& damage) {
  auto text = "topic " + topic.text();
  for (std::size_t i = 0; i < std::min(damage.size(), kRangesNamed); ++i) {
    text += fmt::format("{} partition {} offsets {} to {}", i == 0 ? "" : ",", damage[i].partition,
                        damage[i].first_offset, damage[i].next_offset - 1);
  }
  if (damage.size() > kRangesNamed) text += fmt::format(" and {} more ranges", damage.size() - kRangesNamed);
  return text;
}

}  // namespace

Result<std::vector<DamagedOffsets>> TopicRepair::damaged(const Asker& asker, const PartitionChoice& choice) const {
  auto allowed = require_platform(policy_, audit_, {asker, "list damage", text_of(choice)});
  if (!allowed) return pass(allowed);
  return maintenance_.damaged(choice);
}

Result<std::vector<DamagedOffsets>> TopicRepair::skip(const Asker& asker, const PartitionChoice& choice) {
  auto allowed = require_platform(policy_, audit_, {asker, "skip damage", text_of(choice)});
  if (!allowed) return pass(allowed);
  if (choice.topic.text().starts_with("__")) {
    return fail(Code::Denied, "{} is internal: skipping would lose state silently; restore the data directory's copy",
                choice.topic.text());
  }
  auto damage = maintenance_.damaged(choice);
  if (!damage) return damage;
  std::erase_if(*damage, [](const DamagedOffsets& range) { return range.skipped; });
  if (damage->empty()) {
    return fail(Code::NotFound, "nothing in {} is quarantined and not skipped yet", text_of(choice));
  }
  auto skipped = audited(audit_, {asker, "skip damage", text_of(choice.topic, *damage)}, [&]() -> Result<void> {
    for (const auto& range : *damage) {
      if (auto done = maintenance_.skip(range); !done) return done;
    }
    return {};
  });
  if (!skipped) return pass(skipped);
  for (auto& range : *damage) range.skipped = true;
  return damage;
}

Result<VerifyProgress> TopicRepair::verify(const Asker& asker, const std::optional<TopicName>& topic,
                                           const Watch& watch) {
  const Change change{asker, "verify", topic ? "topic " + topic->text() : "all topics"};
  auto allowed = require_platform(policy_, audit_, change);
  if (!allowed) return pass(allowed);
  {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) return fail(Code::Unavailable, "the server is stopping");
    ++running_;
  }
  auto outcome = audited(audit_, change, [&] {
    return maintenance_.verify(
        topic, {.progress = [&](const VerifyProgress& progress) { return !is_stopping_ && watch.progress(progress); },
                .found = watch.found});
  });
  const std::lock_guard lock(mutex_);
  --running_;
  ended_.notify_all();
  return outcome;
}

void TopicRepair::stop() {
  std::unique_lock lock(mutex_);
  is_stopping_ = true;
  ended_.wait(lock, [this] { return running_ == 0; });
}

}  // namespace myelin::governance
