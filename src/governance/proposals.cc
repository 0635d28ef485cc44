#include "governance/proposals.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "governance/document_texts.h"
#include "plan/digest.h"
#include "state/fields.h"

namespace myelin::governance {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kIdDigits = 12;
constexpr std::array kStates{ProposalState::Open, ProposalState::Applied, ProposalState::Rejected,
                             ProposalState::Withdrawn};

// What a proposal is about, beyond its documents.
constexpr std::int64_t kOfDocuments = 0;
constexpr std::int64_t kOfAccess = 1;
constexpr std::int64_t kOfClaim = 2;

constexpr std::array kAccessKinds{AccessKind::Request, AccessKind::Renewal, AccessKind::BreakGlass};

void write_say(state::FieldWriter& writer, const Say& say) {
  writer.text(say.squad.text());
  writer.text(say.principal.text());
  writer.number(unix_milliseconds(say.time));
}

Say read_say(state::FieldReader& reader) {
  Say say;
  say.squad = SquadName(reader.text());
  say.principal = PrincipalName(reader.text());
  say.time = from_unix_milliseconds(reader.number());
  return say;
}

void write_claim(state::FieldWriter& writer, const ClaimSubject& claim) {
  writer.text(claim.topic.text());
  writer.text(claim.squad.text());
  writer.text(claim.settler.text());
  writer.number(static_cast<std::int64_t>(claim.told.size()));
  for (const auto& told : claim.told) {
    writer.text(told.squad.text());
    writer.text(told.why);
  }
}

ClaimSubject read_claim(state::FieldReader& reader) {
  ClaimSubject claim;
  claim.topic = TopicName(reader.text());
  claim.squad = SquadName(reader.text());
  claim.settler = SquadName(reader.text());
  const auto told = reader.number();
  for (std::int64_t i = 0; i < told; ++i) {
    SquadName squad(reader.text());
    if (squad.empty()) break;  // nothing is left to read
    claim.told.push_back({std::move(squad), reader.text()});
  }
  return claim;
}

std::string encode(const KeptProposal& proposal) {
  state::FieldWriter writer(kVersion);
  writer.number(unix_milliseconds(proposal.time));
  writer.text(proposal.author.text());
  writer.text(proposal.message);
  writer.text(proposal.commit);
  writer.number(proposal.allow_delete ? 1 : 0);
  writer.number(static_cast<std::int64_t>(proposal.state));
  writer.text(proposal.reason);
  writer.number(static_cast<std::int64_t>(proposal.revision));
  writer.number(static_cast<std::int64_t>(proposal.needed.size()));
  for (const auto& consent : proposal.needed) {
    writer.text(consent.squad.text());
    writer.text(consent.why);
  }
  writer.number(static_cast<std::int64_t>(proposal.agreed.size()));
  for (const auto& say : proposal.agreed) write_say(writer, say);
  writer.number(proposal.ended ? 1 : 0);
  if (proposal.ended) write_say(writer, *proposal.ended);
  writer.number(proposal.access ? kOfAccess : proposal.claim ? kOfClaim : kOfDocuments);
  if (proposal.claim) write_claim(writer, *proposal.claim);
  if (proposal.access) {
    writer.number(static_cast<std::int64_t>(proposal.access->kind));
    writer.text(proposal.access->product.text());
    writer.text(proposal.access->application.text());
    writer.text(proposal.access->grant);
  }
  write_files(writer, proposal.files);
  return writer.finish();
}

// nullopt for a kind that is unknown.
std::optional<AccessSubject> read_access(state::FieldReader& reader) {
  const auto kind =
      std::ranges::find(kAccessKinds, reader.number(), [](auto one) { return static_cast<std::int64_t>(one); });
  AccessSubject access;
  access.product = ProductName(reader.text());
  access.application = ApplicationName(reader.text());
  access.grant = reader.text();
  if (kind == kAccessKinds.end()) return std::nullopt;
  access.kind = *kind;
  return access;
}

Result<KeptProposal> read(const std::string& key, const std::string& stored) {
  state::FieldReader reader(stored, kVersion);
  KeptProposal proposal;
  proposal.id = key;
  proposal.time = from_unix_milliseconds(reader.number());
  proposal.author = PrincipalName(reader.text());
  proposal.message = reader.text();
  proposal.commit = reader.text();
  proposal.allow_delete = reader.number() != 0;
  const auto state =
      std::ranges::find(kStates, reader.number(), [](auto one) { return static_cast<std::int64_t>(one); });
  proposal.reason = reader.text();
  proposal.revision = static_cast<std::uint64_t>(reader.number());
  const auto needed = reader.number();
  for (std::int64_t i = 0; i < needed; ++i) {
    SquadName squad(reader.text());
    proposal.needed.push_back({std::move(squad), reader.text()});
    if (proposal.needed.back().why.empty()) break;  // nothing is left to read
  }
  const auto agreed = reader.number();
  for (std::int64_t i = 0; i < agreed; ++i) {
    proposal.agreed.push_back(read_say(reader));
    if (proposal.agreed.back().principal.empty()) break;  // nothing is left to read
  }
  if (reader.number() != 0) proposal.ended = read_say(reader);
  const auto about = reader.number();
  const bool asks_for_access = about == kOfAccess;
  if (asks_for_access) proposal.access = read_access(reader);
  if (about == kOfClaim) proposal.claim = read_claim(reader);
  proposal.files = read_files(reader);
  if (!reader.complete()) return fail(Code::Corrupt, "proposal {} can't be read: {}", key, reader.problem());
  if (about < kOfDocuments || about > kOfClaim) {
    return fail(Code::Corrupt, "proposal {} is about something unknown", key);
  }
  if (asks_for_access && !proposal.access) return fail(Code::Corrupt, "proposal {} asks for an unknown access", key);
  if (state == kStates.end()) return fail(Code::Corrupt, "proposal {} is in no state that is known", key);
  proposal.state = *state;
  return proposal;
}

}  // namespace

std::string_view name_of(ProposalState state) {
  switch (state) {
    case ProposalState::Open:
      return "open";
    case ProposalState::Applied:
      return "applied";
    case ProposalState::Rejected:
      return "rejected";
    case ProposalState::Withdrawn:
      return "withdrawn";
  }
  return "";
}

std::string_view name_of(AccessKind kind) {
  switch (kind) {
    case AccessKind::Request:
      return "request";
    case AccessKind::Renewal:
      return "renewal";
    case AccessKind::BreakGlass:
      return "break-glass";
  }
  return "";
}

bool ClaimSubject::tells(const std::vector<SquadName>& squads) const {
  return std::ranges::any_of(told,
                             [&](const Told& one) { return std::ranges::find(squads, one.squad) != squads.end(); });
}

bool KeptProposal::is_agreed_by(const SquadName& squad) const {
  return std::ranges::any_of(agreed, [&](const Say& say) { return say.squad == squad || say.squad.empty(); });
}

bool KeptProposal::is_unacknowledged() const {
  if (!access || access->kind != AccessKind::BreakGlass || state != ProposalState::Applied) return false;
  return std::ranges::any_of(needed, [&](const plan::Consent& consent) { return !is_agreed_by(consent.squad); });
}

Result<std::unique_ptr<Proposals>> Proposals::open(state::StateStore& store) {
  std::unique_ptr<Proposals> proposals(new Proposals(store));
  Result<void> damage;
  store.each(state::Table::Proposals, [&](const std::string& key, const std::string& stored) {
    auto proposal = read(key, stored);
    if (proposal) {
      proposals->proposals_.push_back(*std::move(proposal));
    } else if (damage) {
      damage = pass(proposal);
    }
  });
  if (!damage) return pass(damage);
  std::ranges::sort(proposals->proposals_, {},
                    [](const KeptProposal& proposal) { return std::tie(proposal.time, proposal.id); });
  return proposals;
}

Result<std::string> Proposals::add(KeptProposal proposal, const std::vector<document::Source>& files) {
  {
    const std::lock_guard lock(mutex_);
    if (std::cmp_greater_equal(std::ranges::count(proposals_, ProposalState::Open, &KeptProposal::state), kOpenMax)) {
      return fail(Code::Unavailable, "{} proposals are open; reject or withdraw some first", kOpenMax);
    }
  }
  auto kept = keep_texts(store_, files);
  if (!kept) return pass(kept);
  proposal.files = *std::move(kept);
  proposal.id = plan::sha256(encode(proposal)).substr(0, kIdDigits);
  auto written = store_.put_and_wait({{state::Table::Proposals, proposal.id, encode(proposal)}});
  if (!written) return pass(written);
  const std::lock_guard lock(mutex_);
  proposals_.push_back(std::move(proposal));
  return proposals_.back().id;
}

Result<void> Proposals::replace(const KeptProposal& proposal) {
  auto written = store_.put_and_wait({{state::Table::Proposals, proposal.id, encode(proposal)}});
  if (!written) return written;
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(proposals_, proposal.id, &KeptProposal::id);
  if (found != proposals_.end()) *found = proposal;
  return {};
}

Result<KeptProposal> Proposals::at(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(proposals_, id, &KeptProposal::id);
  if (found != proposals_.end()) return *found;
  return fail(Code::NotFound, "there is no proposal {}", id);
}

std::vector<KeptProposal> Proposals::newest_first() const {
  const std::lock_guard lock(mutex_);
  return {proposals_.rbegin(), proposals_.rend()};
}

Result<std::vector<document::Source>> Proposals::documents_of(const KeptProposal& proposal) const {
  return read_texts(store_, proposal.files, "proposal " + proposal.id);
}

}  // namespace myelin::governance
