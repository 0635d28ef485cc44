#pragma once
// How a squad describes itself: its type, how many it is, how to reach who is on call, and whom it works with until
// when. What is measured beside it is in organisation.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "document/problem.h"

namespace myelin::model {

enum class SquadType : std::uint8_t { StreamAligned, Platform, Enabling, ComplicatedSubsystem };
inline constexpr std::array kSquadTypes{SquadType::StreamAligned, SquadType::Platform, SquadType::Enabling,
                                        SquadType::ComplicatedSubsystem};
[[nodiscard]] std::string_view name_of(SquadType type);

enum class InteractionMode : std::uint8_t { Collaboration, XAsAService, Facilitating };
inline constexpr std::array kInteractionModes{InteractionMode::Collaboration, InteractionMode::XAsAService,
                                              InteractionMode::Facilitating};
[[nodiscard]] std::string_view name_of(InteractionMode mode);

struct Interaction {
  SquadName with;
  InteractionMode mode = InteractionMode::Collaboration;
  std::string purpose;
  std::optional<WallTime> until;  // before this instant; never missing but for x-as-a-service
  document::Place place;

  [[nodiscard]] bool has_ended(WallTime now) const { return until && *until <= now; }
};

struct TeamProfile {
  std::string name;
  SquadName squad;
  SquadType type = SquadType::StreamAligned;
  std::optional<std::int64_t> headcount;  // 1 to 1000
  std::string on_call;                    // a channel, never a person; empty when not declared
  std::vector<Interaction> interactions;  // in the order declared
  document::Place place;
};

}  // namespace myelin::model
