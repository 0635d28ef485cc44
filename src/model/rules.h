#pragma once
// What the readers share besides the rules about names. Internal to the module.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/fields.h"
#include "model/model.h"
#include "model/name_rules.h"
#include "model/timestamp.h"

namespace myelin::model {

// Splits at commas and white space.
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);

// "group:default/web-shop", "default/web-shop" or "web-shop" > "web-shop"; other kinds and namespaces are noted.
[[nodiscard]] Text entity_reference(const Fields& fields, Text reference, std::string_view kind);
// A reference to a Group in a field that may be left out, but not empty.
[[nodiscard]] std::optional<Text> optional_group(const Fields& fields, std::string_view key);

// A time or a date; nullopt when it is not there or, noted, when it is neither.
[[nodiscard]] std::optional<WallTime> read_time(const Fields& fields, std::string_view key, DateMeans date_means);

// ODCS and ODPS `support`.
[[nodiscard]] std::vector<Channel> read_support(const Fields& document);

// The map {property, value, vendor} of a property with vendor myelin; nullopt when it is not there.
[[nodiscard]] std::optional<Fields> own_property(const Fields& owner, std::string_view property);
// Notes properties with vendor myelin that are not among `known`.
void allow_only_own_properties(const Fields& owner, std::span<const std::string> known);

}  // namespace myelin::model
