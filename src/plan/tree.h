#pragma once
// What somebody agrees to who signs a plan: a hash over the documents that are in force and those that would be. What
// is hashed, and what is signed: docs/formats/plan-signature.md.
#include <cstdint>
#include <string>
#include <string_view>

#include "model/model.h"

namespace myelin::plan {

// SHA-256, 64 hexadecimal digits. It changes with every byte of a document before or after, and with every revision: a
// signature over it is good for one change, once.
[[nodiscard]] std::string tree_hash(std::uint64_t base, const model::Model& before, const model::Model& after);

// One line: the bytes that are signed.
[[nodiscard]] std::string text_to_sign(std::string_view tree);

// What a signature says it was made for.
inline constexpr std::string_view kSignatureNamespace = "myelin-plan";

}  // namespace myelin::plan
