#pragma once
// CHECK(condition) stops the process when an invariant of the program is broken. Never for input.

namespace myelin {
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}  // namespace myelin

#define CHECK(condition) \
  (static_cast<bool>(condition) ? void() : ::myelin::check_failed(#condition, __FILE__, __LINE__))
