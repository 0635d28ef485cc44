// The spec of kind AccountabilityModel.
#include <array>

#include "model/drafts.h"
#include "model/named.h"
#include "model/rules.h"

namespace myelin::model {
namespace {

void read_failures(const Fields& fields, AccountabilityDraft& draft) {
  static const auto kNames = names_of(kFailures);
  for (const Text& text : fields.texts("failures")) {
    const auto failure = named(kFailures, text.value);
    if (failure) {
      draft.failures.emplace_back(*failure, text.place);
    } else {
      fields.note(text.place, "failure \"" + text.value + "\" is unknown; use " + alternatives(kNames));
    }
  }
}

AccountabilityDraft read_one(const Fields& fields) {
  static const std::array<std::string, 4> kFields{"name", "stream", "holder", "failures"};
  static const auto kStreamNames = names_of(kStreams);
  static const auto kHolderNames = names_of(kHolders);
  fields.allow_only(kFields);
  AccountabilityDraft draft;
  draft.name = fields.required_text("name");
  const auto stream = fields.required_text("stream").empty() ? std::nullopt : fields.choice("stream", kStreamNames);
  if (stream) draft.stream = *named(kStreams, stream->value);
  const auto holder = fields.required_text("holder").empty() ? std::nullopt : fields.choice("holder", kHolderNames);
  if (holder) draft.holder = *named(kHolders, holder->value);
  read_failures(fields, draft);
  return draft;
}

}  // namespace

void read_accountability(const Fields& spec, AccountabilityModelDraft& model) {
  static const std::array<std::string, 5> kSpecFields{"central", "governance", "facilitation", "steering",
                                                      "accountabilities"};
  spec.allow_only(kSpecFields);
  model.central = optional_group(spec, "central");
  model.governance = optional_group(spec, "governance");
  model.facilitation = optional_group(spec, "facilitation");
  model.steering = optional_group(spec, "steering");
  for (const Fields& fields : spec.maps("accountabilities")) {
    auto one = read_one(fields);
    if (!one.name.empty()) model.accountabilities.push_back(std::move(one));
  }
}

}  // namespace myelin::model
