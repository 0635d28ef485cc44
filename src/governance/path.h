#pragma once
// The one governance path. Every request of every connection takes the steps below, in this order, in path.cc, and
// nothing reaches an engine except through it:
//
//   identify > authorise > inspect > throttle > forward > meter > trace > audit
//
// Threads: a session's calls are made on its connection's loop, one at a time; answers come on any thread, at once or
// later.
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/engine.h"
#include "governance/access.h"
#include "governance/acl_changes.h"
#include "governance/client_quotas.h"
#include "governance/credentials.h"
#include "governance/fetch_sessions.h"
#include "governance/holdings.h"
#include "governance/measurement.h"
#include "governance/open_sessions.h"
#include "governance/policy_holder.h"
#include "governance/rule_counts.h"
#include "governance/session.h"
#include "governance/throttle.h"
#include "kafka/messages.h"
#include "state/audit_log.h"

namespace myelin::governance {

struct Incoming {
  kafka::ApiKey key{};
  std::int16_t version = 0;
  std::string client_id;
  kafka::Request request;
  // As engine::Call::run_after.
  std::function<void(std::chrono::milliseconds, std::move_only_function<void()>)> run_after = {};
};

struct Answer {
  std::optional<kafka::Response> response;  // nullopt: nothing is sent (acks=0)
  std::chrono::milliseconds mute{0};        // once it is sent, take nothing more from the connection for so long
  bool close_after = false;
  // To be called when the whole answer has been handed to the socket, and not when it never was: what it serves is
  // metered then. Empty when the answer serves nothing.
  std::move_only_function<void()> when_sent = {};
};
using AnswerTo = std::move_only_function<void(Answer)>;

// Counts since start, for metrics.
struct PathCounters {
  std::uint64_t requests = 0;
  std::uint64_t denied = 0;
  std::uint64_t would_deny = 0;
  std::uint64_t throttled = 0;
  std::uint64_t signed_in = 0;
  std::uint64_t sign_in_failures = 0;
  std::uint64_t outdated_nonces = 0;
  std::uint64_t sessions = 0;  // now
  FetchSessions::Counters fetch_sessions;
};

struct PathOptions {
  bool dev_mode = false;
  // Runs off the event loops what takes milliseconds of CPU (a PLAIN password) or waits for the disk (credentials,
  // quotas).
  std::function<void(std::move_only_function<void()>)> slow;
  FetchSessionLimits fetch_sessions = {};
  bool is_acl_api_writable = false;  // whether ACLs may be created
  bool counts_bytes = true;          // whether the engine tells how many bytes all logs have
};

// A fetch that waited for longer is authorised once more when there is something to answer.
inline constexpr std::chrono::milliseconds kRuledAgainAfter{250};

class Path {
 public:
  Path(engine::Engine& engine, PolicyHolder& policy, Credentials& credentials, ClientQuotas& quotas, MadeGrants& grants,
       RuleCounts& rule_counts, Measurement& measurement, state::AuditLog& audit, const Clock& clock,
       PathOptions options);

  // A new connection. Denied when it can't become anybody: plaintext outside dev mode, a certificate without a name;
  // Unavailable when its address or squad has as many as its quota allows.
  // `look_again` is called, on any thread, when credentials changed: the connection then asks is_revoked() on its loop.
  [[nodiscard]] Result<std::shared_ptr<Session>> open(Peer peer, OpenSessions::LookAgain look_again);
  void close(Session& session);
  // Whether the password that the session signed in with was revoked since this was last asked: its principal was
  // removed, though it be there again, or a rotation that replaced it was confirmed.
  [[nodiscard]] bool is_revoked(Session& session) const;
  // Tells the open sessions if credentials changed; called several times a second.
  void tell_of_changed_credentials() { open_sessions_.tell(credentials_.version()); }

  // Takes over what the engine serves by now: a cluster that is reached after the start may turn out to serve less than
  // was taken for granted. Any thread; called several times a second.
  void take_over_served();

  // Counts what squads hold, off the loops; called every few seconds, does nothing while an earlier count goes on.
  void count_holdings();

  // Whether the request can be decoded and answered; nothing else is advertised.
  [[nodiscard]] bool serves(std::int16_t key, std::int16_t version) const;
  // The answer, in version 0, to an ApiVersions request of a version that is not served.
  [[nodiscard]] Answer unsupported_api_versions() const;

  // Whether the connection's next request may be handed over before this one is answered.
  enum class Next : std::uint8_t { AtOnce, AfterTheAnswer };
  // `answer` is called exactly once, possibly before this returns. An answer that mutes its connection was announced
  // with AfterTheAnswer, so that no request overtakes the mute.
  [[nodiscard]] Next handle(std::shared_ptr<Session> session, Incoming incoming, AnswerTo answer);

  [[nodiscard]] PathCounters counters() const;

 private:
  // The records for one partition in a produce request, as they came.
  struct ProducedPart {
    TopicName topic;
    std::int32_t partition = 0;
    std::int64_t bytes = 0;
  };
  // One request on its way.
  struct Exchange {
    std::shared_ptr<Session> session;
    std::shared_ptr<const policy::Snapshot> snapshot;
    std::shared_ptr<const Attribution> attribution;
    SquadName squad;                                     // that is metered and limited
    std::shared_ptr<const policy::ClientLimits> limits;  // of this client beside its squad's; nullptr: none
    std::shared_ptr<Access> access;
    FetchSessions::Turn turn;
    Incoming incoming;
    Ruling ruling;
    std::chrono::milliseconds mute{0};
    std::vector<ProducedPart> produced;
    MonotonicTime arrived;
    bool is_first_of_connection = false;
    bool is_silent = false;  // acks=0
    AnswerTo answer;
  };
  using ExchangePtr = std::shared_ptr<Exchange>;

  [[nodiscard]] bool identify(Exchange& exchange);
  Next pass_on(ExchangePtr exchange);
  void look_up_names(ExchangePtr exchange, const std::vector<Uuid>& ids);
  Next authorise_and_forward(ExchangePtr exchange);
  [[nodiscard]] bool authorise(Exchange& exchange);
  void forward(ExchangePtr exchange);
  void forward_audited(ExchangePtr exchange, std::string resource);
  void finish(Exchange& exchange, engine::Outcome outcome);
  void authorise_again(Exchange& exchange, engine::Outcome& outcome);
  [[nodiscard]] Next throttle(Exchange& exchange);
  void throttle_served(Exchange& exchange, const std::vector<engine::ServedFact>& served);
  void meter_and_trace(const Exchange& exchange, engine::Outcome& outcome, Answer& answer);
  [[nodiscard]] static std::vector<ProducedPart> parts_of(const kafka::ProduceRequest& request);
  [[nodiscard]] static std::vector<Answered::Refused> refused_of(const Exchange& exchange,
                                                                 const kafka::Response& response);
  void audit_denials(const Exchange& exchange);

  // path_fetch.cc
  // False: the request is answered.
  [[nodiscard]] bool join_session(Exchange& exchange);
  static void tell_session(const Exchange& exchange, kafka::Response& response);

  // path_own_apis.cc
  [[nodiscard]] static std::span<const engine::ApiRange> own_apis();
  [[nodiscard]] static bool is_own(kafka::ApiKey key);
  void answer_own(ExchangePtr exchange);
  void run_slow(std::move_only_function<void()> work);

  // path_quotas.cc
  [[nodiscard]] Result<void> check_connection_rate(const std::string& host);
  Next pass_on_counted(ExchangePtr exchange);
  [[nodiscard]] bool limits_time(const Exchange& exchange) const;
  [[nodiscard]] bool limits_fetches(const Exchange& exchange) const;
  std::chrono::milliseconds noted(const Exchange& exchange, std::string_view quota, std::chrono::milliseconds told);
  [[nodiscard]] std::chrono::milliseconds produced(const Exchange& exchange, std::uint64_t bytes);
  [[nodiscard]] std::chrono::milliseconds served_or_owed(const Exchange& exchange, std::uint64_t bytes);

  // path_sign_in.cc
  void answer_api_versions(Exchange& exchange);
  void answer_handshake(Exchange& exchange);
  void answer_authenticate(Exchange& exchange);
  [[nodiscard]] Result<SignIn::Step> signed_in(Session& session, SignIn::Step step);
  void sign_in_failed(const Session& session, std::string_view why);
  [[nodiscard]] Result<void> count_connection(Session& session);
  [[nodiscard]] Result<void> rule_on_connection(Session& session);

  engine::Engine& engine_;
  PolicyHolder& policy_;
  Credentials& credentials_;
  ClientQuotas& quotas_;
  RuleCounts& rule_counts_;
  Measurement& measurement_;
  state::AuditLog& audit_;
  const Clock& clock_;
  PathOptions options_;
  AclChanges acl_changes_;
  Throttle throttle_;
  Holdings holdings_;
  std::atomic<bool> counting_holdings_ = false;
  FetchSessions fetch_sessions_;
  OpenSessions open_sessions_;
  struct Served {
    std::vector<engine::ApiRange> ranges;  // by key
    std::vector<engine::Feature> features;
    bool operator==(const Served&) const = default;
  };
  std::atomic<std::shared_ptr<const Served>> served_;

  struct Counters {
    std::atomic<std::uint64_t> requests{0}, denied{0}, would_deny{0}, throttled{0}, signed_in{0}, sign_in_failures{0},
        outdated_nonces{0}, sessions{0};
  };
  mutable Counters counters_;
};

}  // namespace myelin::governance
