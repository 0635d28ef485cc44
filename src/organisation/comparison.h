#pragma once
// What if another model were in force: two organisations made of the same flows, side by side.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "organisation/organisation.h"

namespace myelin::organisation {

enum class EdgeFate : std::uint8_t { Comes, Goes, BecomesDeclared, BecomesUndeclared };
[[nodiscard]] std::string_view name_of(EdgeFate fate);

struct EdgeChange {
  EdgeFate fate = EdgeFate::Comes;
  Edge edge;  // as it would be; of one that goes, as it is
};

// Of a squad that comes or goes, one is a load of nothing.
struct LoadChange {
  Load before;
  Load after;
};

struct Comparison {
  Organisation before;
  Organisation after;
  std::vector<EdgeChange> edges;  // by producer, topic and consumer
  std::vector<LoadChange> loads;  // of squads whose load changes, by name
};

[[nodiscard]] Comparison compared(Organisation before, Organisation after);

// For a terminal: only what changes.
[[nodiscard]] std::string rendered(const Comparison& comparison);

}  // namespace myelin::organisation
