// The ends of a session and what comes before its principal is known: ApiVersions, the SASL exchange, revocation.
#include <algorithm>
#include <utility>

#include "governance/path.h"
#include "kafka/error_code.h"

namespace myelin::governance {
namespace {

using kafka::ApiKey;
using kafka::ErrorCode;

bool over_tls(Security security) { return security == Security::Ssl || security == Security::SaslSsl; }

constexpr std::int16_t kFeaturesFromZero = 4;  // of ApiVersions
constexpr std::int16_t kLibraryVersion = 3;    // of ApiVersions: the first that names the client's library

// Kafka's rule for names and versions of client libraries: letters, digits, '-' and '.', with a letter or digit at both
// ends. What passes it is shown in reports as it came.
bool is_library_text(std::string_view text) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && is_plain(text.front()) && is_plain(text.back()) &&
         std::ranges::all_of(text, [&](char c) { return is_plain(c) || c == '-' || c == '.'; });
}

}  // namespace

Result<std::shared_ptr<Session>> Path::open(Peer peer, OpenSessions::LookAgain look_again) {
  auto within_rate = check_connection_rate(peer.host);
  if (!within_rate) return pass(within_rate);
  auto session = std::make_shared<Session>(std::move(peer));
  const auto& from = session->peer();
  if (from.security == Security::Plaintext) {
    if (!options_.dev_mode) return fail(Code::Denied, "anonymous connections are refused outside --dev");
    session->become(kAnonymous);
  } else if (from.security == Security::Ssl) {
    if (from.certificate_name.empty()) return fail(Code::Denied, "the client certificate names nobody");
    // A name that no password could have either: those in parentheses are Myelin's own.
    auto named = check_principal_name(from.certificate_name);
    if (!named) return pass(named);
    session->become(PrincipalName(from.certificate_name));
    auto counted = count_connection(*session);
    if (!counted) return pass(counted);
    counters_.signed_in.fetch_add(1, std::memory_order_relaxed);
    audit_.note({.kind = state::AuditKind::SignIn,
                 .principal = from.certificate_name,
                 .operation = "sign in",
                 .resource = "client certificate",
                 .result = "signed in",
                 .peer = from.host});
  }
  session->credentials_version_ = credentials_.version();
  open_sessions_.add(*session, std::move(look_again));
  counters_.sessions.fetch_add(1, std::memory_order_relaxed);
  return session;
}

void Path::close(Session& session) {
  open_sessions_.remove(session);
  if (session.counted_) throttle_.disconnected(session.counted_for_);
  session.counted_ = false;
  counters_.sessions.fetch_sub(1, std::memory_order_relaxed);
}

bool Path::is_revoked(Session& session) const {
  const auto version = credentials_.version();
  if (session.credentials_version_ == version) return false;
  session.credentials_version_ = version;
  return session.password_ != 0 && !credentials_.holds(session.principal(), session.password_);
}

Result<void> Path::count_connection(Session& session) {
  const auto snapshot = policy_.current();
  auto squad = session.subject(snapshot).squad;
  auto counted = throttle_.connected(*snapshot, squad);
  if (!counted) return counted;
  session.counted_ = true;
  session.counted_for_ = std::move(squad);
  return {};
}

// With the client library that ApiVersions told of; clients ask for it before they sign in.
Result<void> Path::rule_on_connection(Session& session) {
  session.is_ruled_ = true;
  const auto snapshot = policy_.current();
  const auto& subject = session.subject(snapshot);
  const auto hits = rule_hits(*snapshot, subject, model::RuleAbout::Connection,
                              client_members(session.library_, session.library_version_));
  for (const auto& hit : hits) {
    rule_counts_.note(*hit.rule, subject.squad);
    if (hit.rule->rung == model::Rung::Report) continue;
    const bool is_refused = hit.rule->rung == model::Rung::Block;
    (is_refused ? counters_.denied : counters_.would_deny).fetch_add(1, std::memory_order_relaxed);
    audit_.note({.kind = is_refused ? state::AuditKind::Denial : state::AuditKind::WouldDeny,
                 .principal = session.principal().text(),
                 .operation = "connect",
                 .resource = session.library_.empty() ? "a client that does not name itself"
                                                      : "client " + session.library_ + " " + session.library_version_,
                 .result = hit.why,
                 .peer = session.peer().host});
  }
  if (auto why = refusal_of(hits)) return fail(Code::Denied, "{}", *why);
  return {};
}

void Path::answer_api_versions(Exchange& exchange) {
  auto& session = *exchange.session;
  const auto& request = std::get<kafka::ApiVersionsRequest>(exchange.incoming.request);
  if (exchange.incoming.version >= kLibraryVersion &&
      !(is_library_text(request.client_software_name) && is_library_text(request.client_software_version))) {
    kafka::ApiVersionsResponse refused;
    refused.error_code = kafka::code_of(ErrorCode::InvalidRequest);
    exchange.answer({kafka::Response(std::move(refused)), {}, false});
    return;
  }
  if (!request.client_software_name.empty()) {
    session.library_ = request.client_software_name;
    session.library_version_ = request.client_software_version;
    session.attribution_.reset();
  }
  kafka::ApiVersionsResponse response;
  const auto served = served_.load();
  for (const auto& range : served->ranges) {
    auto& row = response.api_keys.emplace_back();
    row.api_key = static_cast<std::int16_t>(range.key);
    row.min_version = range.lowest;
    row.max_version = range.highest;
  }
  for (const auto& feature : served->features) {
    // A range from 0 breaks clients that know no version 4 (KIP-1022).
    if (exchange.incoming.version >= kFeaturesFromZero) {
      auto& supported = response.supported_features.emplace_back();
      supported.name = feature.name;
      supported.max_version = feature.level;
    }
    auto& finalized = response.finalized_features.emplace_back();
    finalized.name = feature.name;
    finalized.max_version_level = feature.level;
    finalized.min_version_level = feature.level;
    response.finalized_features_epoch = 0;  // they never change
  }
  exchange.answer({kafka::Response(std::move(response)), {}, false});
}

Answer Path::unsupported_api_versions() const {
  kafka::ApiVersionsResponse response;
  response.error_code = kafka::code_of(ErrorCode::UnsupportedVersion);
  auto& row = response.api_keys.emplace_back();
  row.api_key = static_cast<std::int16_t>(ApiKey::ApiVersions);
  row.max_version = 4;
  return {kafka::Response(std::move(response)), {}, false};
}

void Path::answer_handshake(Exchange& exchange) {
  auto& session = *exchange.session;
  const auto& request = std::get<kafka::SaslHandshakeRequest>(exchange.incoming.request);
  kafka::SaslHandshakeResponse response;
  session.sign_in_.reset();
  session.raw_tokens_ = exchange.incoming.version == 0;
  for (const auto mechanism : offered_mechanisms(over_tls(session.peer().security))) {
    response.mechanisms.emplace_back(to_text(mechanism));
    if (to_text(mechanism) == request.mechanism) {
      session.sign_in_ = std::make_unique<SignIn>(credentials_, mechanism, credentials_.pepper());
    }
  }
  if (!session.sign_in_) response.error_code = kafka::code_of(ErrorCode::UnsupportedSaslMechanism);
  exchange.answer({kafka::Response(std::move(response)), {}, false});
}

void Path::answer_authenticate(Exchange& exchange) {
  auto& session = *exchange.session;
  if (!session.sign_in_) {
    kafka::SaslAuthenticateResponse response;
    response.error_code = kafka::code_of(ErrorCode::IllegalSaslState);
    response.error_message = "SaslAuthenticate came before a SaslHandshake that named an offered mechanism";
    exchange.answer({kafka::Response(std::move(response)), {}, true});
    return;
  }
  const auto& request = std::get<kafka::SaslAuthenticateRequest>(exchange.incoming.request);
  auto attempt = [this, held = exchange.session, message = std::string(as_text(request.auth_bytes.view())),
                  answer = std::move(exchange.answer)]() mutable {
    auto step = held->sign_in_->next(message);
    kafka::SaslAuthenticateResponse response;
    if (step) {
      response.auth_bytes = SharedBytes::copy_of(as_bytes(step->answer));
      if (step->signed_in) step = signed_in(*held, std::move(*step));
    }
    if (!step) {
      sign_in_failed(*held, step.error().message);
      response.auth_bytes = {};
      response.error_code = kafka::code_of(ErrorCode::SaslAuthenticationFailed);
      response.error_message = "authentication failed: " + step.error().message;
    }
    const bool failed = !step;
    answer({kafka::Response(std::move(response)), {}, failed});
  };
  // The connection takes no further request until this one is answered, so the session may be touched elsewhere.
  if (session.sign_in_->is_slow()) {
    run_slow(std::move(attempt));
  } else {
    attempt();
  }
}

Result<SignIn::Step> Path::signed_in(Session& session, SignIn::Step step) {
  const auto mechanism = to_text(session.sign_in_->mechanism());
  session.become(*step.signed_in);
  session.password_ = step.password;
  session.credentials_version_ = 0;  // looked at again with the first request: a removal may have come in between
  auto admitted = rule_on_connection(session);
  if (admitted) admitted = count_connection(session);
  if (!admitted) {
    session.authenticated_ = false;
    return pass(admitted);
  }
  counters_.signed_in.fetch_add(1, std::memory_order_relaxed);
  if (step.outdated_nonce) counters_.outdated_nonces.fetch_add(1, std::memory_order_relaxed);
  audit_.note({.kind = state::AuditKind::SignIn,
               .principal = session.principal().text(),
               .operation = "sign in",
               .resource = std::string(mechanism),
               .result = step.outdated_nonce ? "signed in by an outdated client" : "signed in",
               .peer = session.peer().host});
  return step;
}

void Path::sign_in_failed(const Session& session, std::string_view why) {
  counters_.sign_in_failures.fetch_add(1, std::memory_order_relaxed);
  audit_.note({.kind = state::AuditKind::RefusedSignIn,
               .principal = session.sign_in_ ? session.sign_in_->claimed() : std::string(),
               .operation = "sign in",
               .resource = "SASL",
               .result = std::string(why),
               .peer = session.peer().host});
}

}  // namespace myelin::governance
