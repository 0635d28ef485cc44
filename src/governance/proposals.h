#pragma once
// Changes that wait for somebody's consent: the documents as they were proposed, by whom and why, and who agreed. The
// texts lie with those of revisions.
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "document/parse.h"
#include "governance/revisions.h"
#include "plan/consent.h"
#include "state/state_store.h"

namespace myelin::governance {

enum class ProposalState : std::uint8_t { Open, Applied, Rejected, Withdrawn };
[[nodiscard]] std::string_view name_of(ProposalState state);

enum class AccessKind : std::uint8_t { Request, Renewal, BreakGlass };
[[nodiscard]] std::string_view name_of(AccessKind kind);

// Of a proposal that asks for access: what for, and which grant it makes or prolongs.
struct AccessSubject {
  AccessKind kind = AccessKind::Request;
  ProductName product;
  ApplicationName application;  // empty: all of a squad, or a person
  std::string grant;            // id
};

// Of a proposal that claims a topic which nobody declared. Who is told finds it in the inbox, and may reject it.
struct ClaimSubject {
  struct Told {
    SquadName squad;  // never empty: that would be the platform group
    std::string why;
  };
  TopicName topic;
  SquadName squad;    // whose it is to be
  SquadName settler;  // wrote most, and agrees in the platform group's place; empty: that group itself
  std::vector<Told> told;

  [[nodiscard]] bool tells(const std::vector<SquadName>& squads) const;
};

// One squad's say; an empty squad is the platform group.
struct Say {
  SquadName squad;
  PrincipalName principal;  // who said it for the squad
  WallTime time = {};
};

struct KeptProposal {
  std::string id;  // of its documents, author and time
  WallTime time = {};
  PrincipalName author;
  std::string message;
  std::string commit;
  bool allow_delete = false;
  std::vector<Revision::File> files;
  ProposalState state = ProposalState::Open;
  std::vector<plan::Consent> needed;  // when it was proposed
  std::vector<Say> agreed;
  std::optional<Say> ended;    // who applied, rejected or withdrew it
  std::string reason;          // of a rejection
  std::uint64_t revision = 0;  // that came of it
  std::optional<AccessSubject> access{};
  std::optional<ClaimSubject> claim{};

  [[nodiscard]] bool is_agreed_by(const SquadName& squad) const;
  // Access that somebody took by breaking the glass, and that those whose consent it needed have not looked at yet.
  [[nodiscard]] bool is_unacknowledged() const;
};

// Threads: every function may be called from any thread that may block.
class Proposals {
 public:
  static constexpr std::size_t kOpenMax = 1000;

  // Corrupt when one can't be read.
  [[nodiscard]] static Result<std::unique_ptr<Proposals>> open(state::StateStore& store);

  // Keeps texts, then the proposal, and gives it its id. Unavailable when too many are open.
  [[nodiscard]] Result<std::string> add(KeptProposal proposal, const std::vector<document::Source>& files);
  // In place of the one with its id; durable when it returns.
  [[nodiscard]] Result<void> replace(const KeptProposal& proposal);
  // NotFound when there is none.
  [[nodiscard]] Result<KeptProposal> at(const std::string& id) const;
  [[nodiscard]] std::vector<KeptProposal> newest_first() const;
  [[nodiscard]] Result<std::vector<document::Source>> documents_of(const KeptProposal& proposal) const;

 private:
  explicit Proposals(state::StateStore& store) : store_(store) {}

  state::StateStore& store_;
  mutable std::mutex mutex_;
  std::vector<KeptProposal> proposals_;  // by time
};

}  // namespace myelin::governance
