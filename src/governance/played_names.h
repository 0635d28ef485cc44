#pragma once
// Names of topics that a test makes up.
#include <map>

#include "engine/engine.h"

namespace myelin::governance {

class PlayedNames final : public engine::TopicNames {
 public:
  [[nodiscard]] const TopicName* name_of(const TopicId& id) const override {
    const auto found = names.find(id);
    return found == names.end() ? nullptr : &found->second;
  }

  std::map<TopicId, TopicName> names;
};

}  // namespace myelin::governance
