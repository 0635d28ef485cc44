#include "governance/reviews.h"

#include <algorithm>
#include <utility>

#include "governance/live_topics.h"
#include "governance/model_changes.h"
#include "model/ownership.h"
#include "review/diff.h"

namespace myelin::governance {

std::map<std::string, WallTime> Reviews::files_since() const {
  std::map<std::string, WallTime> since;
  auto revisions = parts_.revisions.newest_first();
  std::ranges::reverse(revisions);
  for (const auto& revision : revisions) {
    std::map<std::string, WallTime> now;
    for (const auto& file : revision.files) {
      const auto known = since.find(file.name);
      now.emplace(file.name, known == since.end() ? revision.time : known->second);
    }
    since = std::move(now);
  }
  return since;
}

Result<ReviewAnswer> Reviews::review(const Asker& asker, const ReviewFilter& filter) const {
  const auto snapshot = parts_.policy.current();
  const auto& model = snapshot->model();
  const bool is_platform = snapshot->settings().dev_mode || snapshot->subject(asker.principal).platform;
  const auto squads = squads_of_person(model, asker.principal);
  if (!is_platform && squads.empty()) {
    return fail(Code::Denied, "{} stands in no squad: there is nothing for it to settle", asker.principal.text());
  }
  auto topics = live_topics(parts_.engine, [](const TopicName&) { return false; });
  if (!topics) return pass(topics);
  auto edges = parts_.measurement.edges();
  review::Facts facts{.writes = std::move(edges.writes),
                      .reads = std::move(edges.reads),
                      .topics = {},
                      .file_since = files_since(),
                      .measured_since = {},
                      .now = parts_.clock.moment().reached,
                      .season = filter.season};
  facts.measured_since = facts.now;
  for (const auto& edge : facts.writes) facts.measured_since = std::min(facts.measured_since, edge.first_seen);
  for (const auto& edge : facts.reads) facts.measured_since = std::min(facts.measured_since, edge.first_seen);
  for (const auto& [name, topic] : *topics) facts.topics.insert(name);
  ReviewAnswer answer;
  std::vector<review::Edit> edits;
  for (auto& finding : review::reviewed(model, facts)) {
    const bool is_own = is_platform || std::ranges::find(squads, finding.squad) != squads.end();
    if (!is_own || finding.kind != filter.kind.value_or(finding.kind)) continue;
    if (filter.squad && finding.squad != model::present_squad(model, *filter.squad)) continue;
    std::string patch;
    if (finding.edit) {
      auto changes = review::edited(model.documents, {*finding.edit});
      if (!changes) return pass(changes);
      patch = review::patch(*changes);
      edits.push_back(*finding.edit);
    }
    answer.items.push_back({std::move(finding), std::move(patch)});
  }
  auto changes = review::edited(model.documents, std::move(edits));
  if (!changes) return pass(changes);
  answer.patch = review::patch(*changes);
  return answer;
}

}  // namespace myelin::governance
