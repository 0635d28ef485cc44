#pragma once
// What this process may hold at a time: open files, and memory that nobody uses any more.
#include <cstddef>
#include <cstdint>

namespace myelin::app {

// To what the operator or the system allows at most; a shell's default is often far below. Once, at the start.
void raise_descriptor_limit();

// `wanted` as in the setting storage.open_files; 0: half of the limit, because connections need descriptors too.
[[nodiscard]] std::size_t segment_files_max(std::int64_t wanted);

// A journal file that was read, or the keys of a compaction: without this the allocator keeps what it once had of those
// for each thread. Once, at the start.
void give_back_large_blocks();

}  // namespace myelin::app
