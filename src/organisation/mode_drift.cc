#include "organisation/mode_drift.h"

#include <fmt/core.h>

#include <map>
#include <utility>

#include "base/one_line.h"
#include "model/timestamp.h"

namespace myelin::organisation {
namespace {

std::string squad_text(const SquadName& squad, std::string_view none) {
  return squad.empty() ? std::string(none) : squad.text();
}

std::string mode_text(const std::string& mode) {
  return mode.empty() ? "as growth, since none is declared" : "by mode " + mode;
}

}  // namespace

std::vector<ModeDrift> mode_drift(const model::Model& model, std::span<const Action> actions) {
  std::map<ProductName, ModeDrift> found;
  for (const Action& action : actions) {
    auto& drift = found[action.product];
    drift.actions += action.times;
    if (!action.is_by_another()) continue;
    drift.by_others += action.times;
    drift.others.push_back(action);
  }
  std::vector<ModeDrift> drifts;
  for (auto& [name, drift] : found) {
    drift.product = name;
    if (const auto product = model.products.find(name); product != model.products.end()) {
      drift.owner = product->second.owner;
      drift.mode = product->second.mode.value_or("");
    }
    drifts.push_back(std::move(drift));
  }
  return drifts;
}

std::string drift_text(const ModeDrift& drift) {
  return fmt::format("{} of {} {} by others", drift.by_others, drift.actions,
                     drift.actions == 1 ? "action" : "actions");
}

std::string described(const Action& action) {
  return fmt::format("{} ({}) by {}, due {} {}, {}", action.duty, action.operation,
                     squad_text(action.squad, "somebody of no squad"), squad_text(action.due, "nobody"),
                     mode_text(action.mode), action.times == 1 ? "once" : fmt::format("{} times", action.times));
}

std::string rendered(std::span<const ModeDrift> drifts) {
  std::string text = "mode drift\n";
  for (const ModeDrift& drift : drifts) {
    const auto state =
        drift.owner.empty() ? std::string("gone") : fmt::format("of {}, {}", drift.owner.text(), mode_text(drift.mode));
    text += in_one_line(fmt::format("  {} {}: {}", drift.product.text(), state, drift_text(drift))) + "\n";
    for (const Action& action : drift.others) {
      text += in_one_line(
                  fmt::format("    {}, last seen {}", described(action), model::short_timestamp(action.last_seen))) +
              "\n";
    }
  }
  return drifts.empty() ? text + "  nobody acted for a product\n" : text;
}

}  // namespace myelin::organisation
