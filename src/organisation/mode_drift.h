#pragma once
// Who acts for a product, beside whose duty that is by its mode. Pure: what was done comes with whose duty it was when
// it was done, so a mode that changes later changes no figure of before.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "model/model.h"

namespace myelin::organisation {

// Administrative actions and answers for a product that are alike.
struct Action {
  ProductName product;
  std::string mode;  // that was in force; empty: none was declared
  std::string duty;  // "build", "run", "approve"
  SquadName squad;   // that acted; empty: somebody of no squad
  SquadName due;     // whose duty it was; empty: nobody's
  std::string operation;
  std::int64_t times = 0;
  WallTime last_seen;

  [[nodiscard]] bool is_by_another() const { return squad != due; }
};

struct ModeDrift {
  ProductName product;
  SquadName owner;             // in force; empty, as is the mode, of a product that is gone
  std::string mode;            // empty: none is declared
  std::int64_t actions = 0;    // in all
  std::int64_t by_others = 0;  // by a squad whose duty it was not
  std::vector<Action> others;  // these, in the order given
};

// Of every product for which somebody acted, by name.
[[nodiscard]] std::vector<ModeDrift> mode_drift(const model::Model& model, std::span<const Action> actions);

// "1 of 4 actions by others". Never a percentage.
[[nodiscard]] std::string drift_text(const ModeDrift& drift);
// "approve (approve) by platform-team, due web-shop by mode growth, 2 times"
[[nodiscard]] std::string described(const Action& action);
// For golden files.
[[nodiscard]] std::string rendered(std::span<const ModeDrift> drifts);

}  // namespace myelin::organisation
