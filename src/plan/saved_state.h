#pragma once
// What a plan is made against, as a file: the documents in force, the topics, who uses them, what rules counted.
// `myelin plan --against FILE` reads it where no server can be asked. JSON; format: docs/formats/saved-state.md.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "document/node.h"
#include "document/parse.h"
#include "plan/plan.h"

namespace myelin::plan {

struct SavedState {
  std::uint64_t revision = 0;
  std::vector<document::Source> documents;
  policy::Settings settings;
  Live live;  // `now` is when it was saved
};

[[nodiscard]] document::Node to_node(const SavedState& state);
// Invalid, with the member, for what is no saved state or one of a newer version.
[[nodiscard]] Result<SavedState> read_saved_state(std::string_view json);

}  // namespace myelin::plan
