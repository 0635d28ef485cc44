#include "engine/broker/groups/topic_patterns.h"

#include <re2/re2.h>

#include <ranges>

#include "engine/broker/topics.h"

namespace myelin::engine::groups {
namespace {

constexpr std::size_t kPatternsMax = 256;
constexpr std::int64_t kBytesPerPatternMax = 1 << 20;  // compiled

re2::RE2::Options options() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kBytesPerPatternMax);
  return options;
}

}  // namespace

TopicPatterns::TopicPatterns() = default;
TopicPatterns::~TopicPatterns() = default;

TopicPatterns::Known& TopicPatterns::known(const std::string& pattern) {
  if (const auto found = known_.find(pattern); found != known_.end()) return found->second;
  if (known_.size() >= kPatternsMax) known_.clear();
  Known& made = known_[pattern];
  made.compiled = std::make_unique<re2::RE2>(pattern, options());
  return made;
}

std::optional<std::string> TopicPatterns::problem(const std::string& pattern) {
  const auto& compiled = *known(pattern).compiled;
  return compiled.ok() ? std::nullopt : std::optional(compiled.error());
}

const std::vector<std::string>& TopicPatterns::matching(const std::string& pattern,
                                                        const std::shared_ptr<const broker::TopicIndex>& topics) {
  Known& found = known(pattern);
  if (found.topics == topics) return found.names;
  found.topics = topics;
  found.names.clear();
  for (const TopicName& name : topics->by_name | std::views::keys) {
    if (!broker::is_internal_name(name.text()) && re2::RE2::FullMatch(name.text(), *found.compiled))
      found.names.push_back(name.text());
  }
  return found.names;
}

}  // namespace myelin::engine::groups
