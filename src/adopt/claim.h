#pragma once
// One topic that nobody declared, or that a squad was guessed to own, as a squad's own: the contract with the evidence,
// and what lets everybody go on who works there. Pure.
#include <string>
#include <vector>

#include "adopt/facts.h"
#include "adopt/folder.h"
#include "base/result.h"

namespace myelin::adopt {

struct Claim {
  TopicName topic;
  SquadName squad;  // of the model in force
};

// A squad that wrote a topic, or, under an empty name, those whom no document knows.
struct Writer {
  SquadName squad;
  std::string evidence;  // "wrote 81 % of its 11 records; last on 2026-11-22"
};
// Who wrote most comes first.
[[nodiscard]] std::vector<Writer> writers_of(const Facts& facts, const TopicName& topic);

// What folder_of would write for this topic and those who use it, but whose it is is no guess. Of a topic whose
// contract guesses that it is the squad's: that file, with the guess taken for what was said. NotFound when there is no
// such topic or squad; Exists when a document declares the topic otherwise; Invalid, with the reason, when somebody
// uses it whom no document can name.
[[nodiscard]] Result<Folder> claim_of(const Facts& facts, const Claim& claim);

}  // namespace myelin::adopt
