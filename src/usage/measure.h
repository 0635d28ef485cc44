#pragma once
// What is measured: each measure has a name, a unit, a class that says how far it can be trusted after a crash, and,
// when it belongs to one half-edge of the lineage, a direction. docs/reference/usage.md lists them for people.
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace myelin::usage {

enum class Direction : std::uint8_t { Write, Read };
[[nodiscard]] std::string_view to_text(Direction direction);  // "write", "read"

enum class Exactness : std::uint8_t {
  Exact,      // recomputable from the log and its journals
  Journalled  // at most the last second before a crash is missing, never over
};
[[nodiscard]] std::string_view to_text(Exactness exactness);  // "exact", "journalled"

enum class Measure : std::uint8_t {
  AppendedRecords,
  AppendedBytes,
  ServedOffsets,
  ServedBytes,
  ConsumedOffsets,
  RefusedBytes,
  Requests,
  RequestTime,
  Connections,
};

struct MeasureTraits {
  Measure measure;
  std::string_view name;
  std::string_view unit;
  Exactness exactness;  // over an engine that keeps journals
  std::optional<Direction> direction;
};
// In the order of the enumerators, which is the order of lines.
[[nodiscard]] std::span<const MeasureTraits> all_measures();
[[nodiscard]] const MeasureTraits& traits_of(Measure measure);
[[nodiscard]] std::optional<Measure> measure_named(std::string_view name);

}  // namespace myelin::usage
