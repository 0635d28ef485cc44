#include "governance/claim_desk.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "adopt/claim.h"
#include "governance/adoption_facts.h"
#include "governance/model_changes.h"

namespace myelin::governance {
namespace {

// What a squad claims it was seen to write: that a topic exists, and who uses it, is told to nobody else.
Result<void> check_claimant(const policy::Snapshot& snapshot, const Asker& asker, const ClaimRequest& request,
                            const std::vector<adopt::Writer>& writers) {
  if (snapshot.settings().dev_mode || snapshot.subject(asker.principal).platform) return {};
  const auto squads = squads_of_person(snapshot.model(), asker.principal);
  if (std::ranges::find(squads, request.squad) == squads.end()) {
    return fail(Code::Denied, "{} does not stand in squad {}: its members and the platform group claim for it",
                asker.principal.text(), request.squad.text());
  }
  if (std::ranges::find(writers, request.squad, &adopt::Writer::squad) != writers.end()) return {};
  const auto declared = snapshot.model().topics.find(request.topic);
  if (declared != snapshot.model().topics.end() && declared->second.owner == request.squad) return {};
  return fail(Code::NotFound, "squad {} was not seen to write a topic {}: only the platform group can claim it",
              request.squad.text(), request.topic.text());
}

}  // namespace

Result<ProposalAnswer> ClaimDesk::claim(const Asker& asker, const ClaimRequest& request) {
  const auto facts =
      adoption_facts(parts_.engine, parts_.measurement, parts_.policy.current(), parts_.clock.moment().reached);
  if (!facts) return std::unexpected(facts.error());
  const auto writers = adopt::writers_of(*facts, request.topic);
  if (auto may = check_claimant(*facts->policy, asker, request, writers); !may) return pass(may);
  auto folder = adopt::claim_of(*facts, {request.topic, request.squad});
  if (!folder) return pass(folder);
  ClaimSubject subject{request.topic, request.squad, writers.empty() ? SquadName() : writers.front().squad, {}};
  for (const auto& writer : writers) {
    const bool is_asked = writer.squad == request.squad || writer.squad == subject.settler;
    if (!writer.squad.empty() && !is_asked) subject.told.push_back({writer.squad, writer.evidence});
  }
  auto why = request.why.empty() ? fmt::format("squad {} claims topic {}", request.squad.text(), request.topic.text())
                                 : request.why;
  return parts_.desk.claim(asker, std::move(subject), std::move(folder->files), std::move(why));
}

}  // namespace myelin::governance
