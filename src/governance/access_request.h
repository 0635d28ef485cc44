#pragma once
// The document that grants what somebody asks for. Pure; internal to the module.
#include "base/result.h"
#include "document/parse.h"
#include "governance/proposal_desk.h"
#include "model/model.h"

namespace myelin::governance {

// NotFound, with the nearest name, for a product, port or application that is not declared; Exists when there is a
// grant by that name already; Invalid for texts that a document can't hold.
[[nodiscard]] Result<document::Source> grant_for(const AccessRequest& request, const model::Model& model);

}  // namespace myelin::governance
