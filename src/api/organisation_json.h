#pragma once
// The organisation as JSON trees, member for member as docs/reference/openapi.json describes them.
#include "api/attach_mode.h"
#include "base/clock.h"
#include "document/node.h"
#include "governance/questions.h"
#include "governance/what_if.h"
#include "organisation/organisation.h"

namespace myelin::api {

[[nodiscard]] document::Node organisation_json(const organisation::Organisation& organisation,
                                               const governance::Questions::ModeDrifts& drifts, AttachMode mode,
                                               WallTime now);
[[nodiscard]] document::Node what_if_json(const governance::WhatIf& what_if);

}  // namespace myelin::api
