#pragma once
// Why a text is no expression, and where in it.
#include <cstddef>
#include <string>
#include <vector>

namespace myelin::cel {

struct Fault {
  std::size_t offset = 0;  // of the byte in the text
  std::string message;
  std::string unknown{};             // the name that is not known; empty for other faults
  std::vector<std::string> known{};  // what could have been meant by it
};

}  // namespace myelin::cel
