#pragma once
// What people ask: who, usage, lineage, topics, groups, quotas, the map, the audit. Answers are plain values, already
// reduced to what the asker may see: `platform` sees everything; anybody else sees what their own squads move, and
// topics they may read or write. Served to HTTP by api; the command line asks over HTTP.
//
// Threads: every function may be called from any thread that may block; topics() and groups() wait for the engine.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adopt/folder.h"
#include "adopt/made_grants.h"
#include "base/clock.h"
#include "base/result.h"
#include "engine/engine.h"
#include "governance/acls.h"
#include "governance/client_quotas.h"
#include "governance/measurement.h"
#include "governance/policy_holder.h"
#include "governance/topic_contract.h"
#include "lineage/map.h"
#include "lineage/map_layout.h"
#include "model/who.h"
#include "organisation/mode_drift.h"
#include "organisation/organisation.h"
#include "state/audit_log.h"
#include "usage/report.h"

namespace myelin::governance {

// What the asker is to the company.
enum class Role : std::uint8_t { Platform, Squad, Application, Unknown };
[[nodiscard]] std::string_view to_text(Role role);

struct Me {
  PrincipalName principal;
  Role role = Role::Unknown;
  std::vector<SquadName> squads;
  DomainName domain;
  bool dev_mode = false;
};

struct WhoAnswer {
  model::Who declared;  // `name` and `kind` are set even when nothing is declared
  bool is_declared = false;
  bool is_observed = false;
  std::vector<lineage::WriteEdge> writes;  // measured edges that touch the thing
  std::vector<lineage::ReadEdge> reads;
  struct Call {
    model::Accountable accountable;
    std::vector<model::Channel> channels;  // of the squad that is called
    std::string on_call;                   // of its TeamProfile; empty when not declared
  };
  std::vector<Call> calls;  // one for each class of failure
};

struct UnusedGrant {
  std::string grant;
  ApplicationName consumer;
  TopicName topic;
  model::Place place;
};

struct UnknownPrincipal {
  PrincipalName principal;
  std::vector<TopicName> writes;
  std::vector<TopicName> reads;
  WallTime last_seen;
};

struct LineageAnswer {
  struct Write {
    lineage::WriteEdge edge;
    SquadName squad;
    bool declared = false;  // the policy allows it
  };
  struct Read {
    lineage::ReadEdge edge;
    SquadName squad;
    bool declared = false;
  };
  std::vector<Write> writes;
  std::vector<Read> reads;
  std::vector<lineage::Triple> triples;
  std::vector<UnusedGrant> unused_grants;
  std::vector<UnknownPrincipal> unknown_principals;
};

struct TopicAnswer {
  TopicName name;
  TopicId id;             // zero when it does not exist
  bool exists = false;    // in the engine
  bool declared = false;  // by a contract
  std::int32_t partitions = 0;
  SquadName squad;
  DomainName domain;
  ProductName product;
  std::string owned_through;  // product, contract, prefix, or empty
  std::string durability;     // level; empty when the topic does not exist
  std::int64_t written_records = 0;
  std::int64_t written_bytes = 0;
  std::int64_t read_bytes = 0;
  std::int64_t writers = 0;  // principals
  std::int64_t readers = 0;
  std::optional<WallTime> last_written;
  std::optional<WallTime> last_read;
};

struct GroupPartition {
  TopicName topic;
  std::int32_t partition = 0;
  std::int64_t committed = 0;  // exact: from the offsets topic
  std::int64_t end = 0;        // the partition's high watermark; -1 when the topic is gone
};

struct GroupAnswer {
  GroupName name;
  std::string state;
  std::int64_t members = 0;
  std::vector<PrincipalName> principals;  // that committed for it
  SquadName squad;
  bool declared = false;  // a prefix owns it
  std::vector<GroupPartition> partitions;
  std::int64_t lag = 0;
  std::optional<WallTime> last_seen;
};

struct AclAnswer {
  Acl acl;
  AclSource source;
  std::string key;  // by which the answers are sorted; each has its own
};

// The exact lines, from the journals alone, and where the roll-up says otherwise.
struct RecomputedUsage {
  struct Difference {
    usage::Line line;  // what it is about; the amount is the recomputed one, 0 when the journals know nothing of it
    std::int64_t reported = 0;
  };
  std::vector<usage::Line> lines;
  std::vector<Difference> differences;  // by every column, whatever was asked for
};

// An existing topic that is not as its contract says.
struct TopicDifferences {
  TopicName topic;
  model::Place place;  // of the declaration
  std::vector<ContractDifference> settings;
};

// One limit: of a squad, by the Policy document, or of clients, set over Kafka's API.
struct QuotaAnswer {
  struct Part {
    std::string type;                 // "squad", or "user", "client-id", "ip"
    std::optional<std::string> name;  // nothing: the default, for those without a quota of their own
  };
  std::vector<Part> entity;
  std::string limits;      // the same as text: "squad web-shop", "client-id till, user default"
  std::string_view quota;  // "produce_bytes_per_second", "producer_byte_rate", ...
  double value = 0;
  std::string_view unit;              // "bytes/s", "connections", "connections/s", "percent"
  std::optional<model::Place> place;  // of the declaration; nothing: set over the API
};

class Questions {
 public:
  Questions(engine::Engine& engine, PolicyHolder& policy, ClientQuotas& quotas, Measurement& measurement,
            state::AuditLog& audit, const Clock& clock)
      : engine_(engine), policy_(policy), quotas_(quotas), measurement_(measurement), audit_(audit), clock_(clock) {}

  [[nodiscard]] Me me(const PrincipalName& asker) const;
  // `kind` narrows a name that several things share. NotFound, with the nearest name, when nothing has it.
  [[nodiscard]] Result<std::vector<WhoAnswer>> who(const PrincipalName& asker, std::string_view name,
                                                   std::optional<model::ThingKind> kind) const;
  [[nodiscard]] std::vector<usage::Line> usage(const PrincipalName& asker, const usage::Filter& filter,
                                               const usage::GroupBy& group_by) const;
  // Reads all journals, so it is Denied for anybody but platform. While traffic goes on, a line may be ahead of
  // usage().
  [[nodiscard]] Result<RecomputedUsage> recompute_usage(const PrincipalName& asker, usage::Filter filter,
                                                        const usage::GroupBy& group_by) const;
  [[nodiscard]] LineageAnswer lineage(const PrincipalName& asker, const std::optional<TopicName>& topic) const;
  // Those of one principal, with what holds for everybody, or those that take in one topic. Asked by anybody but
  // platform: their own, their squads' and those of topics that they may see. Unsupported in dev mode.
  [[nodiscard]] Result<std::vector<AclAnswer>> acls(const PrincipalName& asker,
                                                    const std::optional<PrincipalName>& principal,
                                                    const std::optional<TopicName>& topic) const;
  // What documents would say of the grants that were made over Kafka's API. Denied for anybody but platform.
  [[nodiscard]] Result<adopt::MadeGrants> adoption(const PrincipalName& asker) const;
  // A folder of documents for all that was seen and no document declares. The same; waits for the engine.
  [[nodiscard]] Result<adopt::Folder> adoption_folder(const PrincipalName& asker) const;
  [[nodiscard]] Result<std::vector<TopicAnswer>> topics(const PrincipalName& asker) const;
  [[nodiscard]] Result<std::vector<GroupAnswer>> groups(const PrincipalName& asker) const;
  // Of all topics that a contract declares; nothing about those that do not exist.
  [[nodiscard]] Result<std::vector<TopicDifferences>> contract_differences() const;
  // Sorted by what they limit. Beside what limits everybody, an asker sees what limits its own squads and their
  // principals.
  // Of the squads that the asker may see, newest first.
  [[nodiscard]] std::vector<HeldBack> held_back(const PrincipalName& asker) const;
  [[nodiscard]] std::vector<QuotaAnswer> quotas(const PrincipalName& asker) const;
  // Of one squad, or of all; by the traffic that the asker may see. NotFound, with the nearest name, for no squad.
  [[nodiscard]] Result<organisation::Organisation> organisation(const PrincipalName& asker,
                                                                const std::optional<SquadName>& squad) const;
  // Of products of the asker's squads, and of all for platform; counted from the outcomes in the audit.
  struct ModeDrifts {
    std::vector<organisation::ModeDrift> products;
    std::int64_t left_out = 0;  // actions that there was no room to tell apart
  };
  [[nodiscard]] ModeDrifts mode_drift(const PrincipalName& asker, const std::optional<SquadName>& squad) const;
  [[nodiscard]] lineage::Map map(const PrincipalName& asker) const;
  // Denied for anybody but platform. Newest first.
  [[nodiscard]] Result<std::vector<state::AuditRecord>> audit(const PrincipalName& asker, std::size_t most) const;
  [[nodiscard]] Result<std::vector<state::AuditLog::Denied>> denied(const PrincipalName& asker) const;
  [[nodiscard]] Result<std::vector<ClientSeen>> clients(const PrincipalName& asker) const;

 private:
  engine::Engine& engine_;
  PolicyHolder& policy_;
  ClientQuotas& quotas_;
  Measurement& measurement_;
  state::AuditLog& audit_;
  const Clock& clock_;
};

}  // namespace myelin::governance
