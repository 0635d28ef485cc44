#include "model/team.h"

namespace myelin::model {

std::string_view name_of(SquadType type) {
  switch (type) {
    case SquadType::StreamAligned:
      return "stream-aligned";
    case SquadType::Platform:
      return "platform";
    case SquadType::Enabling:
      return "enabling";
    case SquadType::ComplicatedSubsystem:
      return "complicated-subsystem";
  }
  return "";
}

std::string_view name_of(InteractionMode mode) {
  switch (mode) {
    case InteractionMode::Collaboration:
      return "collaboration";
    case InteractionMode::XAsAService:
      return "x-as-a-service";
    case InteractionMode::Facilitating:
      return "facilitating";
  }
  return "";
}

}  // namespace myelin::model
