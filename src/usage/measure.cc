#include "usage/measure.h"

#include <algorithm>
#include <array>

namespace myelin::usage {
namespace {

using enum Measure;
using enum Exactness;

constexpr auto kWrite = std::optional(Direction::Write);
constexpr auto kRead = std::optional(Direction::Read);

constexpr std::array kMeasures{
    MeasureTraits{AppendedRecords, "appended_records", "records", Exact, kWrite},
    MeasureTraits{AppendedBytes, "appended_bytes", "bytes", Exact, kWrite},
    MeasureTraits{ServedOffsets, "served_offsets", "offsets", Journalled, kRead},
    MeasureTraits{ServedBytes, "served_bytes", "bytes", Journalled, kRead},
    MeasureTraits{ConsumedOffsets, "consumed_offsets", "offsets", Exact, kRead},
    MeasureTraits{RefusedBytes, "refused_bytes", "bytes", Journalled, kWrite},
    MeasureTraits{Requests, "requests", "requests", Journalled, std::nullopt},
    MeasureTraits{RequestTime, "request_time", "microseconds", Journalled, std::nullopt},
    MeasureTraits{Connections, "connections", "connections", Journalled, std::nullopt},
};

}  // namespace

std::string_view to_text(Direction direction) { return direction == Direction::Write ? "write" : "read"; }

std::string_view to_text(Exactness exactness) { return exactness == Exactness::Exact ? "exact" : "journalled"; }

std::span<const MeasureTraits> all_measures() { return kMeasures; }

const MeasureTraits& traits_of(Measure measure) { return kMeasures[static_cast<std::size_t>(measure)]; }

std::optional<Measure> measure_named(std::string_view name) {
  const auto found = std::ranges::find(kMeasures, name, &MeasureTraits::name);
  return found == kMeasures.end() ? std::nullopt : std::optional(found->measure);
}

}  // namespace myelin::usage
