#pragma once
// Words of a closed set and the enumerators that they name. Internal to the module.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace myelin::model {

template <typename Named, std::size_t kCount>
[[nodiscard]] std::vector<std::string> names_of(const std::array<Named, kCount>& all) {
  std::vector<std::string> names;
  for (const Named one : all) names.emplace_back(name_of(one));
  return names;
}

template <typename Named, std::size_t kCount>
[[nodiscard]] std::optional<Named> named(const std::array<Named, kCount>& all, std::string_view name) {
  const auto found = std::ranges::find(all, name, [](Named one) { return name_of(one); });
  return found == all.end() ? std::nullopt : std::optional(*found);
}

}  // namespace myelin::model
