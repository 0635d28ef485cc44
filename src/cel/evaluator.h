#pragma once
// From nodes to a value. Internal to the module.
#include "base/result.h"
#include "cel/expression.h"
#include "cel/node.h"

namespace myelin::cel {

[[nodiscard]] Result<Value> evaluated(const Node& root, const Attributes& attributes);

}  // namespace myelin::cel
