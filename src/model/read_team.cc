// The spec of kind TeamProfile.
#include <fmt/core.h>

#include <array>

#include "model/drafts.h"
#include "model/named.h"
#include "model/rules.h"

namespace myelin::model {
namespace {

constexpr Range kHeadcount{1, 1000};

Text squad_named(const Fields& fields, std::string_view key) {
  auto text = fields.required_text(key);
  return text.empty() ? text : entity_reference(fields, std::move(text), "Group");
}

// Working together and helping are for a while; a service may have no end.
void read_until(const Fields& fields, InteractionDraft& draft) {
  draft.until = read_time(fields, "until", DateMeans::EndOfDay);
  const auto* written = fields.find("until");
  const bool is_missing = written == nullptr || written->is(document::NodeKind::Null);
  if (!draft.mode || *draft.mode == InteractionMode::XAsAService || !is_missing) return;
  fields.note(fields.place(), fmt::format("{} is missing; {} has an end: expected a form like 2026-07-01T00:00:00Z or "
                                          "2026-07-01",
                                          fields.name_of("until"), name_of(*draft.mode)));
}

InteractionDraft read_interaction(const Fields& fields) {
  static const std::array<std::string, 4> kFields{"with", "mode", "purpose", "until"};
  static const auto kModes = names_of(kInteractionModes);
  fields.allow_only(kFields);
  InteractionDraft draft;
  draft.place = fields.place();
  draft.with = squad_named(fields, "with");
  const auto mode = fields.required_text("mode").empty() ? std::nullopt : fields.choice("mode", kModes);
  if (mode) draft.mode = named(kInteractionModes, mode->value);
  draft.purpose = fields.required_text("purpose").value;
  read_until(fields, draft);
  return draft;
}

}  // namespace

void read_team(const Fields& spec, TeamProfileDraft& profile) {
  static const std::array<std::string, 5> kSpecFields{"squad", "type", "headcount", "on_call", "interactions"};
  static const auto kTypes = names_of(kSquadTypes);
  spec.allow_only(kSpecFields);
  profile.squad = squad_named(spec, "squad");
  const auto type = spec.required_text("type").empty() ? std::nullopt : spec.choice("type", kTypes);
  if (type) profile.type = *named(kSquadTypes, type->value);
  profile.headcount = spec.integer("headcount", kHeadcount);
  profile.on_call = spec.text_or_empty("on_call");
  for (const Fields& fields : spec.maps("interactions")) profile.interactions.push_back(read_interaction(fields));
}

}  // namespace myelin::model
