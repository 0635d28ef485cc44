#include "storage/journal_states.h"

namespace myelin::storage {

std::optional<BeginStates> states_that_begin(ByteSpan file) {
  if (!provenance::decode_header(file)) return std::nullopt;
  BeginStates states;
  bool has_ended = false;
  const auto end = provenance::read_frames(file, [&](const provenance::Frame& frame) {
    has_ended = has_ended || std::holds_alternative<provenance::StatesEndFrame>(frame);
    const auto* state = std::get_if<provenance::StateFrame>(&frame);
    if (state != nullptr && !has_ended) states.of[{state->topic_id, state->partition}] = *state;
  });
  if (!has_ended) return std::nullopt;
  states.file_is_damaged = end.damaged_bytes > 0;
  return states;
}

}  // namespace myelin::storage
