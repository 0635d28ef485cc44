#pragma once
// Texts of documents in the state store, each once, by their SHA-256. Internal to the module.
#include <vector>

#include "base/result.h"
#include "document/parse.h"
#include "governance/revisions.h"
#include "state/fields.h"
#include "state/state_store.h"

namespace myelin::governance {

// Durable when it returns. The files by name.
[[nodiscard]] Result<std::vector<Revision::File>> keep_texts(state::StateStore& store,
                                                             const std::vector<document::Source>& files);
// Corrupt when one is missing or not what its digest says; `owner` begins the message.
[[nodiscard]] Result<std::vector<document::Source>> read_texts(const state::StateStore& store,
                                                               const std::vector<Revision::File>& files,
                                                               std::string_view owner);

void write_files(state::FieldWriter& writer, const std::vector<Revision::File>& files);
// What can't be read is left out; the reader knows.
[[nodiscard]] std::vector<Revision::File> read_files(state::FieldReader& reader);

}  // namespace myelin::governance
