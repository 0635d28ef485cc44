#pragma once
// A guess in force that somebody says is right. Internal to the module.
#include <string>
#include <string_view>

#include "adopt/claim.h"
#include "model/model.h"

namespace myelin::adopt {

// "claimed for squad stores: EVIDENCE"
[[nodiscard]] std::string claimed(const SquadName& squad, std::string_view evidence);
// The file of the contract that declares the topic, with the mark above its team rewritten; every other byte stays.
// Exists when there is no mark.
[[nodiscard]] Result<Folder> confirmed(const model::Model& model, const Claim& claim);

}  // namespace myelin::adopt
