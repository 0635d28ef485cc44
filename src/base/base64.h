#pragma once
// Base64 with padding (RFC 4648, section 4).
#include <optional>
#include <string>
#include <string_view>

namespace myelin {

[[nodiscard]] std::string base64_encode(std::string_view bytes);
// nullopt for anything but what base64_encode writes: one value has one spelling, without white space or spare bits.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

}  // namespace myelin
