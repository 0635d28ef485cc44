#pragma once
// Which topics a member's pattern names. Patterns are RE2's: matched in linear time and bounded memory, whatever a
// client sends. Remembers what it looked up, for members of a group share their pattern.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/broker/coordination.h"

namespace re2 {
class RE2;
}

namespace myelin::engine::groups {

class TopicPatterns {
 public:
  TopicPatterns();
  ~TopicPatterns();

  // What is wrong with the pattern, for people; nullopt: nothing.
  [[nodiscard]] std::optional<std::string> problem(const std::string& pattern);
  // Names that the whole pattern matches; never internal topics. The pattern has no problem.
  [[nodiscard]] const std::vector<std::string>& matching(const std::string& pattern,
                                                         const std::shared_ptr<const broker::TopicIndex>& topics);

 private:
  struct Known {
    std::unique_ptr<re2::RE2> compiled;
    std::shared_ptr<const broker::TopicIndex> topics;  // of which `names` is true
    std::vector<std::string> names;
  };
  Known& known(const std::string& pattern);

  std::map<std::string, Known> known_;
};

}  // namespace myelin::engine::groups
