#pragma once
// 128-bit ids. Kafka's text form is 22 characters of unpadded URL-safe base64; all-zero means "none".
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace myelin {

struct Uuid {
  std::array<std::byte, 16> bytes{};

  // Random, version 4, from the operating system's generator; never zero and never starts with '-' in text form
  // (command lines would take that for an option).
  [[nodiscard]] static Uuid random();
  [[nodiscard]] static Result<Uuid> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool is_zero() const { return *this == Uuid{}; }
  auto operator<=>(const Uuid&) const = default;
};

using TopicId = Uuid;

}  // namespace myelin

template <>
struct std::hash<myelin::Uuid> {
  std::size_t operator()(const myelin::Uuid& id) const noexcept {
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
  }
};
