#pragma once
// A grant's standing as a JSON tree, member for member as docs/reference/openapi.json describes it.
#include "document/node.h"
#include "governance/recertify_desk.h"

namespace myelin::api {

[[nodiscard]] document::Node recertification_json(const governance::RecertifyDesk::Item& item);

}  // namespace myelin::api
