// The route that reviews the model in force against what was measured.
#include <fmt/format.h>

#include <algorithm>

#include "api/json_object.h"
#include "api/plan_request.h"
#include "api/problem.h"
#include "api/request.h"
#include "api/server.h"

namespace myelin::api {
namespace {

using review::FindingKind;

Result<std::optional<FindingKind>> kind_in(const net::HttpRequest& request) {
  const auto wanted = query_text(request, "kind");
  if (wanted.empty()) return std::optional<FindingKind>();
  const auto found =
      std::ranges::find(review::kFindingKinds, wanted, [](FindingKind kind) { return review::name_of(kind); });
  if (found != review::kFindingKinds.end()) return std::optional(*found);
  std::vector<std::string_view> names;
  for (const auto kind : review::kFindingKinds) names.push_back(review::name_of(kind));
  return fail(Code::Invalid, "kind: '{}' is none; use {}", wanted, fmt::join(names, ", "));
}

document::Node item_json(const governance::ReviewAnswer::Item& item) {
  const auto& finding = item.finding;
  JsonObject object;
  object.text("kind", review::name_of(finding.kind))
      .text("squad", finding.squad.text())
      .text("what", finding.what)
      .text("why", finding.why)
      .text("advice", finding.advice)
      .text("place", finding.place.file.empty() ? "" : finding.place.text())
      .text("patch", item.patch);
  return object.node();
}

}  // namespace

net::HttpResponse Server::review(const Query& query) const {
  constexpr std::int64_t kDaysMax = 400;
  constexpr std::int64_t kSeason = 35;
  const auto kind = kind_in(query.request);
  if (!kind) return problem(kind.error(), query.request.path);
  const auto days = query_number(query.request, "days", {1, kDaysMax, kSeason});
  if (!days) return problem(days.error(), query.request.path);
  governance::ReviewFilter filter{.kind = *kind, .squad = {}, .season = std::chrono::days(*days)};
  const auto squad = query_text(query.request, "squad");
  if (!squad.empty()) filter.squad = SquadName(std::string(squad));
  const auto answer = services_.reviews.review(asker_of(query), filter);
  if (!answer) return problem(answer.error(), query.request.path);
  return json_answer(
      JsonObject().text("patch", answer->patch).add("items", json_list(answer->items, item_json)).node());
}

}  // namespace myelin::api
