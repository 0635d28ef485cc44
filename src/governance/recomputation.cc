// The question whether the roll-up of the exact class is what the journals say.
#include <algorithm>
#include <chrono>
#include <thread>

#include "governance/questions.h"
#include "model/ownership.h"
#include "usage/comparison.h"

namespace myelin::governance {
namespace {

// How long the roll-up may take to hear of an append that its journal already holds: its batch is being synced.
constexpr auto kCatchUpEvery = std::chrono::milliseconds(50);
constexpr int kCatchUpLooks = 100;

constexpr usage::GroupBy kEveryColumn{.hour = true, .group = true, .partition = true, .client = true};

bool is_same_place(const usage::Line& left, const usage::Line& right) {
  return left.principal == right.principal && left.topic == right.topic && left.hour == right.hour &&
         left.group == right.group && left.partition == right.partition && left.client == right.client &&
         left.measure == right.measure;
}

}  // namespace

Result<RecomputedUsage> Questions::recompute_usage(const PrincipalName& asker, usage::Filter filter,
                                                   const usage::GroupBy& group_by) const {
  const auto snapshot = policy_.current();
  if (!snapshot->subject(asker).platform && !snapshot->settings().dev_mode) {
    return fail(Code::Denied, "recomputing reads every journal; it is for the role platform");
  }
  const auto before = measurement_.usage_rows();
  const auto recomputed = measurement_.recomputed_rows();
  if (!recomputed) return std::unexpected<Error>(recomputed.error());
  auto after = measurement_.usage_rows();
  for (int look = 0; look < kCatchUpLooks && !usage::has_caught_up(after, *recomputed); ++look) {
    std::this_thread::sleep_for(kCatchUpEvery);
    after = measurement_.usage_rows();
  }
  const auto found = usage::compare({before, *recomputed, after});

  filter.exactness = usage::Exactness::Exact;
  if (filter.squad) filter.squad = model::present_squad(snapshot->model(), *filter.squad);
  const auto squad_of = [&](const PrincipalName& principal) { return snapshot->subject(principal).squad; };
  RecomputedUsage answer;
  answer.lines = usage::report(*recomputed, filter, group_by, squad_of);
  for (auto& line : usage::report(found.recomputed, filter, kEveryColumn, squad_of)) {
    answer.differences.push_back({std::move(line), 0});
  }
  for (auto& line : usage::report(found.reported, filter, kEveryColumn, squad_of)) {
    const auto known = std::ranges::find_if(
        answer.differences, [&](const auto& difference) { return is_same_place(difference.line, line); });
    if (known != answer.differences.end()) {
      known->reported = line.amount;
    } else {
      const auto reported = line.amount;
      line.amount = 0;
      answer.differences.push_back({std::move(line), reported});
    }
  }
  return answer;
}

}  // namespace myelin::governance
