#pragma once
// Sums of numbers that strangers chose.
#include <cstdint>
#include <optional>

namespace myelin {

// nullopt when the sum does not fit.
[[nodiscard]] inline std::optional<std::int64_t> checked_sum(std::int64_t left, std::int64_t right) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(left, right, &sum)) return std::nullopt;
  return sum;
}

}  // namespace myelin
