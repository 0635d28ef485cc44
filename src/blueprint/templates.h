#pragma once
// The sample clients' files as they lie in templates/, with placeholders. Internal to the module.
#include <span>
#include <string_view>

namespace myelin::blueprint {

struct Template {
  std::string_view name;  // "producer/go/main.go"
  std::string_view text;
};
[[nodiscard]] std::span<const Template> templates();  // of the build

}  // namespace myelin::blueprint
