#pragma once
// SHA-256, by which documents and plans are known.
#include <string>
#include <string_view>

namespace myelin::plan {

// 64 hexadecimal digits.
[[nodiscard]] std::string sha256(std::string_view bytes);

}  // namespace myelin::plan
