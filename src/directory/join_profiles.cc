// TeamProfiles of squads that are one now: one of them stays, and nobody works with themselves.
#include <fmt/core.h>

#include <set>
#include <tuple>

#include "directory/entity.h"
#include "directory/rewriting.h"

namespace myelin::directory {
namespace {

using document::Document;

class Profiles {
 public:
  explicit Profiles(Rewriting& rewriting) : rewriting_(rewriting) {}

  void all() {
    // Those of squads that go on come before those of squads that become part of them.
    for (const bool of_merged : {false, true}) {
      for (const auto& document : rewriting_.model.documents) {
        if (text_at(*document.root, {"kind"}) != "TeamProfile") continue;
        const auto squad = bare_name(text_at(*document.root, {"spec", "squad"}));
        if (is_merged(squad) == of_merged) keep_one(document, squad);
      }
    }
    for (const auto* document : kept_) interactions(*document);
  }

 private:
  [[nodiscard]] bool is_merged(const std::string& squad) const {
    for (const auto& one : rewriting_.matching.successions) {
      if (one.group == squad && one.fate == Fate::Merged) return true;
    }
    return false;
  }

  void note(std::string text, const Document& document, const document::Node& node) {
    const document::Place place{document.source->file, node.position};
    rewriting_.report.told.push_back({.what = "note", .text = fmt::format("{} ({})", text, place.text())});
  }

  void keep_one(const Document& document, const std::string& squad) {
    const auto today = rewriting_.name_of(squad);
    if (squads_.insert(today).second) return kept_.push_back(&document);
    rewriting_.remove(document);
    const auto* on_call = node_at(*document.root, {"spec", "on_call"});
    note(fmt::format("the team profile of {} goes, since {} has its own{}", squad, today,
                     on_call == nullptr ? "" : ": on call was " + on_call->text),
         document, *document.root);
    const auto* list = node_at(*document.root, {"spec", "interactions"});
    if (list == nullptr) return;
    for (const auto& item : list->items) {
      const auto with = rewriting_.name_of(bare_name(text_at(item, {"with"})));
      if (with == today) continue;
      note(fmt::format("{} worked with {}: {}; declare it for {} if it goes on", squad, with, text_at(item, {"mode"}),
                       today),
           document, item);
    }
  }

  void interactions(const Document& document) {
    const auto* spec = node_at(*document.root, {"spec"});
    const auto* list = spec == nullptr ? nullptr : member_at(*spec, "interactions");
    if (list == nullptr) return;
    const auto squad = bare_name(text_at(*document.root, {"spec", "squad"}));
    const auto today = rewriting_.name_of(squad);
    for (std::size_t i = 0; i < list->value.items.size(); ++i) {
      const auto& item = list->value.items[i];
      const auto with = bare_name(text_at(item, {"with"}));
      const auto with_today = rewriting_.name_of(with);
      const auto mode = text_at(item, {"mode"});
      const bool is_mutual = mode == "collaboration" && with_today < today;
      const bool is_new =
          is_mutual ? seen_.emplace(with_today, today, mode).second : seen_.emplace(today, with_today, mode).second;
      if (with_today != today && is_new) continue;
      rewriting_.list(document, *list).removed.insert(i);
      note(with_today == today
               ? fmt::format("{} of {} with {} goes: they are one now", mode, squad, with)
               : fmt::format("{} of {} with {} goes: it was declared for another part of it too", mode, squad, with),
           document, item);
    }
  }

  Rewriting& rewriting_;
  std::set<std::string> squads_;
  std::vector<const Document*> kept_;
  std::set<std::tuple<std::string, std::string, std::string>> seen_;
};

}  // namespace

void join_profiles(Rewriting& rewriting) { Profiles(rewriting).all(); }

}  // namespace myelin::directory
