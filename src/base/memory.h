#pragma once
// What the allocator keeps of memory that was freed.

namespace myelin {

// Gives it back to the system: for whoever has just dropped something large that seldom comes. Takes some milliseconds
// for each 100 MB, in which other threads that share the caller's part of the heap wait. Does nothing where the C
// library has no such call.
void give_back_free_memory();

}  // namespace myelin
