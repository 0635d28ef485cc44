#include "api/attach_mode.h"

namespace myelin::api {

std::string_view to_text(AttachMode mode) {
  switch (mode) {
    case AttachMode::Observe:
      return "observe";
    case AttachMode::Gateway:
      return "gateway";
    case AttachMode::Embedded:
      return "embedded";
  }
  return "embedded";
}

std::string_view class_of_writes(AttachMode mode) { return mode == AttachMode::Embedded ? "exact" : "journalled"; }

}  // namespace myelin::api
