// Quotas of squads that are one now: limits that both had are added up, since it carries what both carried.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "directory/entity.h"
#include "directory/rewriting.h"

namespace myelin::directory {
namespace {

using document::Node;

class Quotas {
 public:
  Quotas(Rewriting& rewriting, const document::Document& policy) : rewriting_(rewriting), policy_(policy) {}

  void all() {
    const auto* quotas = node_at(*policy_.root, {"spec", "quotas"});
    const auto* list = quotas == nullptr ? nullptr : member_at(*quotas, "squads");
    if (list == nullptr) return;
    std::map<std::string, const Node*> bases;  // by the name of today
    for (const auto& item : list->value.items) {
      const auto squad = bare_name(text_at(item, {"squad"}));
      if (!is_merged(squad)) bases.emplace(rewriting_.name_of(squad), &item);
    }
    for (std::size_t i = 0; i < list->value.items.size(); ++i) {
      const auto& item = list->value.items[i];
      const auto squad = bare_name(text_at(item, {"squad"}));
      if (!is_merged(squad)) continue;
      rewriting_.list(policy_, *list).removed.insert(i);
      const auto base = bases.find(rewriting_.name_of(squad));
      join(squad, item, base == bases.end() ? nullptr : base->second);
    }
  }

 private:
  [[nodiscard]] bool is_merged(const std::string& squad) const {
    return std::ranges::any_of(rewriting_.matching.successions,
                               [&](const Succession& one) { return one.group == squad && one.fate == Fate::Merged; });
  }

  void join(const std::string& squad, const Node& item, const Node* base) {
    const auto today = rewriting_.name_of(squad);
    const document::Place place{policy_.source->file, item.position};
    std::string sums;
    for (const auto& limit : model::kQuotaLimits) {
      const auto* more = item.find(limit.name);
      const auto* least = base == nullptr ? nullptr : base->find(limit.name);
      const auto added = more == nullptr ? std::nullopt : document::as_integer(*more);
      const auto had = least == nullptr ? std::nullopt : document::as_integer(*least);
      if (!added || !had) continue;
      auto& sum = sums_.try_emplace(least, *had).first->second;
      sum = std::min<std::int64_t>(sum + *added, static_cast<std::int64_t>(limit.most));
      rewriting_.set(policy_, *least, std::to_string(sum));
      sums += fmt::format("{}{} {}", sums.empty() ? "" : ", ", limit.name, sum);
    }
    auto text = base == nullptr ? fmt::format("the limits of {} go; for {} the default holds", squad, today)
                : sums.empty()  ? fmt::format("the limits of {} go; those of {} stay", squad, today)
                                : fmt::format("the limits of {} are added to those of {}: {}", squad, today, sums);
    rewriting_.report.told.push_back({.what = "note", .text = fmt::format("{} ({})", text, place.text())});
  }

  Rewriting& rewriting_;
  const document::Document& policy_;
  std::map<const Node*, std::int64_t> sums_;
};

}  // namespace

void join_quotas(Rewriting& rewriting) {
  for (const auto& document : rewriting.model.documents) {
    if (text_at(*document.root, {"kind"}) == "Policy") Quotas(rewriting, document).all();
  }
}

}  // namespace myelin::directory
