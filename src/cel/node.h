#pragma once
// A compiled expression: a tree of nodes whose names and functions are known. Internal to the module.
#include <re2/re2.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cel/functions.h"
#include "cel/value.h"

namespace myelin::cel {

enum class NodeKind {
  Constant,
  Attribute,  // `name`
  Local,      // `slot`: the variable of a macro
  Select,     // children: what; `name`
  Has,        // as Select
  List,       // children: items
  Map,        // children: key, value, key, value, ...
  Call,       // `function` of the children
  And,
  Or,
  Conditional,  // children: condition, yes, no
  All,          // the macros; children: range, what is told of each; `slot`
  Exists,
  ExistsOne,
  Filter,
  Transform,      // macro map: children: range, result
  TransformSome,  // macro map: children: range, condition, result
};

struct Node {
  NodeKind kind = NodeKind::Constant;
  std::size_t depth = 1;  // of the tree below, itself included
  Value constant{};
  std::string name{};
  std::size_t slot = 0;
  Function function = Function::Equal;
  std::shared_ptr<const re2::RE2> pattern{};  // of Function::Matches
  std::vector<Node> children{};
};

}  // namespace myelin::cel
