#pragma once
// Which column each domain box stands in, and the order of everything from top to bottom. Records should flow from left
// to right, columns should be about equally high, and edges should be short.
#include <cstddef>
#include <vector>

#include "lineage/map.h"

namespace myelin::lineage {

// Sizes of the drawing, in pixels.
inline constexpr int kNodeHeight = 42;
inline constexpr int kNodePitch = 54;
inline constexpr int kBoxHeader = 46;
inline constexpr int kBoxPadding = 16;
inline constexpr int kBoxHeightMin = kBoxHeader + kBoxPadding;

struct NodeLink {  // indices into Map::nodes
  std::size_t from;
  std::size_t to;
};

struct Placement {
  std::vector<std::vector<std::size_t>> columns;       // domain indices, top to bottom, by column from the left
  std::vector<std::vector<std::size_t>> applications;  // node indices, top to bottom, by domain
  std::vector<std::vector<std::size_t>> topics;        // likewise
  std::vector<std::size_t> column_of;                  // by domain
  std::vector<std::size_t> domain_of;                  // by node
  std::vector<NodeLink> links;                         // by edge
};

[[nodiscard]] Placement place(const Map& map);

// Without lanes that pass through it.
[[nodiscard]] int box_height(const Placement& placement, std::size_t domain);

}  // namespace myelin::lineage
