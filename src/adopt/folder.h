#pragma once
// A folder of documents for what a server has seen and no document declares: squads and applications guessed from
// names, a contract for each topic as it is, and what lets everybody go on who works now. Pure: the same facts give the
// same folder. Applied over the model in force it creates documents only: no topic changes, and nobody who may use a
// topic or group now, and was seen to, is refused afterwards.
#include <cstddef>
#include <string>
#include <vector>

#include "adopt/facts.h"
#include "adopt/guess.h"
#include "base/result.h"
#include "document/parse.h"

namespace myelin::adopt {

struct Folder {
  std::vector<document::Source> files;  // by name, relative to the folder; none: everything that was seen is declared
  std::vector<Guess> guesses;           // by file and line
  std::vector<std::string> left_out;    // what documents can't declare, and why, in words
  std::size_t topics = 0;
  std::size_t squads = 0;  // that own the topics
  std::size_t applications = 0;
  std::size_t grants = 0;         // AccessAgreements
  std::size_t direct_grants = 0;  // documents, those of ACLs included
};

// TooLarge when the model would hold more files than a model may.
[[nodiscard]] Result<Folder> folder_of(const Facts& facts);

}  // namespace myelin::adopt
