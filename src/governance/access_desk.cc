#include "governance/access_desk.h"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "governance/model_changes.h"
#include "governance/request_rules.h"
#include "policy/break_glass.h"

namespace myelin::governance {
namespace {

// "grants/orders-for-invoicer.yaml" is of grant orders-for-invoicer.
AccessSubject subject_of(AccessKind kind, const AccessRequest& request, const document::Source& grant) {
  const auto begin = grant.file.find('/') + 1;
  return {kind, request.product, request.application, grant.file.substr(begin, grant.file.rfind('.') - begin)};
}

}  // namespace

Result<ProposalAnswer> AccessDesk::request(const Asker& asker, const AccessRequest& request) {
  auto grant = grant_for(request, parts_.policy.current()->model());
  if (!grant) return pass(grant);
  auto warnings = rule_on(asker, request);
  if (!warnings) return pass(warnings);
  auto subject = subject_of(AccessKind::Request, request, *grant);
  auto answer = parts_.desk.ask(asker, std::move(subject), *std::move(grant), request.purpose);
  if (answer) answer->warnings = *std::move(warnings);
  return answer;
}

Result<std::vector<std::string>> AccessDesk::rule_on(const Asker& asker, const AccessRequest& request) const {
  const auto snapshot = parts_.policy.current();
  const auto subject = snapshot->subject(asker.principal);
  const auto hits = rule_hits(*snapshot, subject, model::RuleAbout::AccessRequest, members_of(request));
  std::vector<std::string> warnings;
  for (const auto& hit : hits) {
    parts_.rule_counts.note(*hit.rule, subject.squad);
    if (hit.rule->rung == model::Rung::Report) continue;
    if (hit.rule->rung == model::Rung::Warn) warnings.push_back(hit.why);
    auto record = record_of({asker, "request access", "product " + request.product.text()});
    record.kind = hit.rule->rung == model::Rung::Block ? state::AuditKind::Denial : state::AuditKind::WouldDeny;
    record.result = hit.why;
    parts_.audit.note(std::move(record));
  }
  if (auto why = refusal_of(hits)) return fail(Code::Denied, "{}", *why);
  return warnings;
}

Result<ProposalAnswer> AccessDesk::renew(const Asker& asker, const std::string& grant, const std::string& until,
                                         std::string why) {
  const auto snapshot = parts_.policy.current();
  auto document = prolonged(snapshot->model(), grant, until);
  if (!document) return pass(document);
  const auto& known = *snapshot->model().grant(grant);
  AccessSubject subject{AccessKind::Renewal, known.product, known.application.value_or(ApplicationName()), grant};
  return parts_.desk.ask(asker, std::move(subject), *std::move(document), std::move(why));
}

Result<ProposalAnswer> AccessDesk::break_glass(const Asker& asker, AccessRequest request, int hours) {
  const Change change{asker, "break-glass",
                      fmt::format("product {} for {}", request.product.text(), request.application.text())};
  const auto snapshot = parts_.policy.current();
  auto allowed = policy::may_break_glass(snapshot->model(), asker.principal, request.application, hours);
  if (!allowed && allowed.error().code != Code::Denied) return pass(allowed);
  if (!allowed) {
    auto denial = record_of(change);
    denial.kind = state::AuditKind::Denial;
    denial.result = allowed.error().message;
    parts_.audit.note(denial);
    return pass(allowed);
  }
  const auto now = parts_.clock.moment().reached;
  const auto end = std::chrono::floor<std::chrono::seconds>(now + std::chrono::hours(hours));
  request.until = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(end)));
  auto grant = emergency_grant_for(request, snapshot->model(), now);
  if (!grant) return pass(grant);
  auto subject = subject_of(AccessKind::BreakGlass, request, *grant);
  auto answer = parts_.desk.ask(asker, std::move(subject), *std::move(grant), request.purpose);
  if (answer && answer->applied) {
    log::warn("access taken by breaking the glass", {{"principal", asker.principal.text()},
                                                     {"product", request.product.text()},
                                                     {"application", request.application.text()},
                                                     {"until", request.until},
                                                     {"proposal", answer->proposal.id}});
  }
  return answer;
}

AccessTimes AccessDesk::times(const Asker& asker) const {
  const auto snapshot = parts_.policy.current();
  const auto& model = snapshot->model();
  auto proposals = parts_.proposals.newest_first();
  const bool is_platform = snapshot->settings().dev_mode || snapshot->subject(asker.principal).platform;
  const auto squads = squads_of_person(model, asker.principal);
  const auto is_own = [&](const SquadName& squad) { return std::ranges::find(squads, squad) != squads.end(); };
  std::erase_if(proposals, [&](const KeptProposal& proposal) {
    if (!proposal.access || is_platform) return !proposal.access;
    const auto product = model.products.find(proposal.access->product);
    const auto application = model.applications.find(proposal.access->application);
    return (product == model.products.end() || !is_own(product->second.owner)) &&
           (application == model.applications.end() || !is_own(application->second.squad));
  });
  return access_times(proposals, model, parts_.measurement.edges().reads);
}

AccessDesk::BrokenGlass AccessDesk::broken_glass() const {
  BrokenGlass found;
  for (const auto& proposal : parts_.proposals.newest_first()) {
    if (!proposal.access || proposal.access->kind != AccessKind::BreakGlass || !proposal.revision) continue;
    ++found.times;
    if (proposal.is_unacknowledged()) ++found.unacknowledged;
  }
  return found;
}

}  // namespace myelin::governance
