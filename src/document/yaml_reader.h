#pragma once
// YAML through libfyaml's event parser; the tree and its limits are ours. Used by parse().
#include "document/parse.h"

namespace myelin::document {

[[nodiscard]] Parsed read_yaml(std::shared_ptr<const Source> source, const Limits& limits);

}  // namespace myelin::document
