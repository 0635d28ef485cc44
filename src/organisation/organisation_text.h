#pragma once
// Words that the texts of this module share. Internal to the module.
#include <string>

#include "organisation/organisation.h"

namespace myelin::organisation {

// "stores > store.sale > billing"
[[nodiscard]] std::string path_of(const Edge& edge);
// "stores with billing: collaboration until 2026-06-30, to settle prices (myelin/teams.yaml:9:7)"
[[nodiscard]] std::string described(const DeclaredInteraction& declared);
// "3", or "3 (0.43 per member)"
[[nodiscard]] std::string figure_text(const Load& load, const Figure& figure);

}  // namespace myelin::organisation
