#pragma once
// What a squad carries: what it owns, who depends on it, what it is called for. Counts of a squad and, where its
// profile says how many it is, per member; never about a person.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "model/model.h"
#include "organisation/flow.h"

namespace myelin::organisation {

struct Load {
  SquadName squad;
  std::optional<model::SquadType> type;   // declared, like all but `consumers`
  std::optional<std::int64_t> headcount;  // 1 to 1000
  std::size_t products = 0;
  std::size_t contracts = 0;
  std::size_t topics = 0;     // that contracts declare
  std::size_t consumers = 0;  // other squads' applications that were seen to read its topics
  std::size_t calls = 0;      // classes of failure that it is called for, summed over products and other topics
  std::vector<model::Failure> failures;  // the same classes, each once
  bool operator==(const Load&) const = default;
};

// The figures in the order in which they are shown.
struct Figure {
  std::string_view name;
  std::size_t Load::* value;
  bool is_measured;
};
[[nodiscard]] std::span<const Figure> figures();

// In hundredths, rounded; nullopt where no headcount is declared.
[[nodiscard]] std::optional<std::int64_t> hundredths_per_member(const Load& load, std::size_t value);

// Of every squad, by name.
[[nodiscard]] std::vector<Load> loads_of(const model::Model& model, std::span<const Flow> flows);

}  // namespace myelin::organisation
