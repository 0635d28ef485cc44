#pragma once
// Topics beside their contracts. Internal to the module.
#include <vector>

#include "plan/plan.h"

namespace myelin::plan {

// Those that an apply by this applier would create or change: its squads' own, all for the platform group. A contract
// that is not in use yet or any more (proposed, draft, retired) makes no topic.
[[nodiscard]] std::vector<TopicChange> topic_changes(const Question& question);

// What of them can't be done, in words.
[[nodiscard]] std::vector<std::string> impossible(const std::vector<TopicChange>& changes);

[[nodiscard]] std::vector<TopicName> undeclared_topics(const Question& question);

}  // namespace myelin::plan
