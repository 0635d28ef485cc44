#pragma once
// The states that begin a journal file: what was true of every partition when the file was started.
#include <map>
#include <optional>

#include "base/bytes.h"
#include "storage/journal_cover.h"
#include "storage/provenance_format.h"

namespace myelin::storage {

struct BeginStates {
  std::map<JournalKey, provenance::StateFrame> of;
  bool file_is_damaged = false;  // then states may be missing
};

// nullopt when the header, or the end of the states, can't be read.
[[nodiscard]] std::optional<BeginStates> states_that_begin(ByteSpan file);

}  // namespace myelin::storage
