#pragma once
// The JSON Schemas (2020-12) of our own kinds of documents, from schemas/, as they lie in the binary. The loader does
// not read them: a test holds the two against each other.
#include <span>
#include <string_view>

namespace myelin::model {

struct OwnSchema {
  std::string_view kind;  // "Policy"
  std::string_view text;  // of schemas/Policy.schema.json
};

// By kind, in alphabetical order.
[[nodiscard]] std::span<const OwnSchema> own_schemas();

}  // namespace myelin::model
