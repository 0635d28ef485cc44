#pragma once
// RFC 3339 instants and plain dates, as grants write them.
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace myelin::model {

enum class DateMeans { StartOfDay, EndOfDay };

// "2026-07-01T08:30:00Z", with fraction or numeric offset if you like, or a date, which means the first instant of that
// day in UTC or of the next one. nullopt when it is neither or no such day exists.
[[nodiscard]] std::optional<WallTime> parse_timestamp(std::string_view text, DateMeans date_means);
// "2026-07-01", with " 08:30 UTC" when it is not midnight.
[[nodiscard]] std::string short_timestamp(WallTime time);

}  // namespace myelin::model
