#pragma once
// How many files this process may have open at a time, and which part of that segments get.
#include <cstddef>
#include <cstdint>

namespace myelin::app {

// To what the operator or the system allows at most; a shell's default is often far below. Once, at the start.
void raise_descriptor_limit();

// `wanted` as in the setting storage.open_files; 0: half of the limit, because connections need descriptors too.
[[nodiscard]] std::size_t segment_files_max(std::int64_t wanted);

}  // namespace myelin::app
