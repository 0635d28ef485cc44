#include "bench/options.h"

#include <string_view>

#include "bench/measure.h"

namespace myelin::bench {

Options::Options(int count, char** arguments, int first) : rest_(count) {
  for (int at = first; at < count; at += 2) {
    const std::string_view name = arguments[at];
    if (name == "--") {
      rest_ = at + 1;
      return;
    }
    if (!name.starts_with("--") || at + 1 == count) die("\"{}\": expected --name value", name);
    values_[std::string(name.substr(2))] = arguments[at + 1];
  }
}

std::string Options::text(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) die("--{} is missing", name);
  return found->second;
}

std::string Options::text(const std::string& name, const std::string& otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() ? otherwise : found->second;
}

long Options::number(const std::string& name, long otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() ? otherwise : std::stol(found->second);
}

}  // namespace myelin::bench
