#include "governance/path.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/sabotage.h"
#include "governance/access_table.h"
#include "governance/outcome_text.h"
#include "governance/product_acts.h"
#include "governance/refuse.h"
#include "kafka/error_code.h"

namespace myelin::governance {
namespace {

using kafka::ApiKey;
using kafka::ErrorCode;

// On a listener that needs no sign-in. The connection lives on, as in Kafka.
kafka::Response no_sign_in_here(ApiKey key) {
  constexpr auto kCode = kafka::code_of(kafka::ErrorCode::IllegalSaslState);
  if (key == ApiKey::SaslHandshake) {
    kafka::SaslHandshakeResponse response;
    response.error_code = kCode;
    return response;
  }
  kafka::SaslAuthenticateResponse response;
  response.error_code = kCode;
  response.error_message = "there is no sign-in on this listener";
  return response;
}

bool has_sasl(Security security) { return security == Security::SaslPlaintext || security == Security::SaslSsl; }
bool is_signing_in(ApiKey key) { return key == ApiKey::SaslHandshake || key == ApiKey::SaslAuthenticate; }

std::uint64_t record_bytes(const kafka::ProduceRequest& request) {
  std::uint64_t bytes = 0;
  for (const auto& topic : request.topic_data) {
    for (const auto& partition : topic.partition_data) {
      if (partition.records) bytes += payload_size(*partition.records);
    }
  }
  return bytes;
}

constexpr std::int16_t kEnteringVersion = 12;  // of Produce: the first whose partitions come into a transaction unasked
constexpr std::int16_t kNamesOfIdsVersion = 12;  // of Metadata: the first that takes an id without a name

void set_throttle_time(kafka::Response& response, std::chrono::milliseconds time) {
  std::visit(
      [time](auto& message) {
        if constexpr (requires { message.throttle_time_ms; }) {
          message.throttle_time_ms = static_cast<std::int32_t>(time.count());
        }
      },
      response);
}

// acks=0 has no answer; Kafka tells of an error there by closing the connection.
bool has_error(const kafka::Response& response) {
  const auto& produce = std::get<kafka::ProduceResponse>(response);
  for (const auto& topic : produce.responses) {
    for (const auto& partition : topic.partition_responses) {
      if (partition.error_code != 0) return true;
    }
  }
  return false;
}

std::vector<Uuid> ids_without_name(const kafka::Request& request) {
  std::vector<Uuid> ids;
  if (const auto* deletion = std::get_if<kafka::DeleteTopicsRequest>(&request)) {
    for (const auto& topic : deletion->topics) {
      if (!topic.name) ids.push_back(topic.topic_id);
    }
  }
  return ids;
}

}  // namespace

Path::Path(engine::Engine& engine, PolicyHolder& policy, Credentials& credentials, ClientQuotas& quotas,
           MadeGrants& grants, RuleCounts& rule_counts, Measurement& measurement, state::AuditLog& audit,
           const Clock& clock, PathOptions options)
    : engine_(engine),
      policy_(policy),
      credentials_(credentials),
      quotas_(quotas),
      rule_counts_(rule_counts),
      measurement_(measurement),
      audit_(audit),
      clock_(clock),
      options_(std::move(options)),
      acl_changes_(grants, policy, options_.is_acl_api_writable),
      throttle_(clock),
      fetch_sessions_(options_.fetch_sessions),
      served_(std::make_shared<const Served>()) {
  take_over_served();
}

void Path::take_over_served() {
  const auto own = own_apis();
  Served served{.ranges = {own.begin(), own.end()}, .features = engine_.features()};
  for (const auto& range : engine_.served()) {
    if (in_access_table(range.key)) served.ranges.push_back(range);
  }
  std::ranges::sort(served.ranges, {}, &engine::ApiRange::key);
  if (served != *served_.load()) served_.store(std::make_shared<const Served>(std::move(served)));
}

bool Path::serves(std::int16_t key, std::int16_t version) const {
  const auto served = served_.load();
  const auto found = std::ranges::lower_bound(served->ranges, static_cast<ApiKey>(key), {}, &engine::ApiRange::key);
  return found != served->ranges.end() && found->key == static_cast<ApiKey>(key) && version >= found->lowest &&
         version <= found->highest;
}

// The steps, in their order.
Path::Next Path::handle(std::shared_ptr<Session> session, Incoming incoming, AnswerTo answer) {
  counters_.requests.fetch_add(1, std::memory_order_relaxed);
  auto exchange = std::make_shared<Exchange>();
  exchange->session = std::move(session);
  exchange->incoming = std::move(incoming);
  exchange->answer = std::move(answer);
  exchange->arrived = clock_.monotonic();
  if (!identify(*exchange)) return Next::AtOnce;
  if (limits_time(*exchange)) return pass_on_counted(std::move(exchange));
  return pass_on(std::move(exchange));
}

Path::Next Path::pass_on(ExchangePtr exchange) {
  const auto& incoming = exchange->incoming;
  if (may_name_by_id(incoming.key, incoming.version)) {
    auto names = engine_.topic_names();
    const bool must_ask = !names;
    exchange->access->use_names(std::move(names));
    if (const auto ids = ids_without_name(incoming.request); must_ask && !ids.empty()) {
      look_up_names(std::move(exchange), ids);
      return Next::AtOnce;
    }
  }
  if (!join_session(*exchange)) return Next::AtOnce;
  return authorise_and_forward(std::move(exchange));
}

Path::Next Path::authorise_and_forward(ExchangePtr exchange) {
  if (!authorise(*exchange)) return Next::AtOnce;
  // Inspect: contracts look at the records of a produce request here, before anything is counted or forwarded.
  const auto next = throttle(*exchange);
  forward(std::move(exchange));
  return next;
}

// Identify: who asks. ApiVersions and the sign-in itself are answered here; everything else needs a principal.
bool Path::identify(Exchange& exchange) {
  auto& session = *exchange.session;
  const auto key = exchange.incoming.key;
  if (key == ApiKey::ApiVersions) {
    answer_api_versions(exchange);
    return false;
  }
  if (is_signing_in(key)) {
    if (session.authenticated() && !has_sasl(session.peer().security)) {
      exchange.answer({no_sign_in_here(key), {}, false});
    } else if (session.authenticated() || session.peer().security == Security::Ssl) {
      exchange.answer({std::nullopt, {}, true});
    } else if (key == ApiKey::SaslHandshake) {
      answer_handshake(exchange);
    } else {
      answer_authenticate(exchange);
    }
    return false;
  }
  if (!session.authenticated() || is_revoked(session)) {
    exchange.answer({std::nullopt, {}, true});
    return false;
  }
  // Whoever signs in by SASL was asked then.
  if (!session.is_ruled_ && !rule_on_connection(session)) {
    exchange.answer({std::nullopt, {}, true});
    return false;
  }
  exchange.snapshot = policy_.current();
  auto now = clock_.moment_of(clock_.wall(), exchange.arrived);
  if (sabotaged(Sabotage::KeepRevokedGrant)) {
    static const auto kFirst = now;
    now = kFirst;
  }
  exchange.attribution = session.attribution(exchange.incoming.client_id);
  const auto& subject = session.subject(exchange.snapshot);
  exchange.squad = subject.squad;
  if (quotas_.version() != 0) exchange.limits = session.limits(quotas_);
  exchange.access = std::make_shared<Access>(exchange.snapshot, subject, now, &holdings_);
  exchange.is_first_of_connection = !std::exchange(session.has_asked_, true);
  return true;
}

// Rules are about names. A request that names topics by id alone is ruled on with the names that the engine tells.
void Path::look_up_names(ExchangePtr exchange, const std::vector<Uuid>& ids) {
  kafka::MetadataRequest question;
  question.allow_auto_topic_creation = false;
  for (const auto& id : ids) {
    auto& asked = question.topics->emplace_back();
    asked.topic_id = id;
    asked.name.reset();
  }
  engine::Call call;
  call.attribution = exchange->attribution;
  call.version = kNamesOfIdsVersion;
  call.connection = exchange->session;
  engine_.handle(std::move(call), std::move(question), [this, exchange](engine::Outcome outcome) mutable {
    if (outcome.close) {
      exchange->answer({std::nullopt, {}, true});
      return;
    }
    for (const auto& topic : std::get<kafka::MetadataResponse>(outcome.response).topics) {
      if (topic.error_code == 0 && topic.name) {
        exchange->access->learn_name(topic.topic_id, *topic.name);
      } else if (topic.error_code != kTopicIdUnknown) {
        exchange->access->learn_no_name_now(topic.topic_id);
      }
    }
    // No request that names topics by id is throttled.
    (void)authorise_and_forward(std::move(exchange));
  });
}

// Authorise: what of the request its principal may. Refused parts leave the request and come back in the answer.
bool Path::authorise(Exchange& exchange) {
  exchange.access->complete_names(exchange.incoming.request);
  if (const auto* produce = std::get_if<kafka::ProduceRequest>(&exchange.incoming.request)) {
    exchange.produced = parts_of(*produce);
  }
  const bool by_id = may_name_by_id(exchange.incoming.key, exchange.incoming.version);
  if (by_id && sabotaged(Sabotage::TrustTopicIds)) return true;
  exchange.ruling = rule_on(exchange.access, exchange.incoming.request);
  if (exchange.ruling.is_refused_whole) {
    exchange.answer({std::nullopt, {}, true});
    return false;
  }
  if (const auto* produce = std::get_if<kafka::ProduceRequest>(&exchange.incoming.request)) {
    exchange.is_silent = produce->acks == 0;
  }
  if (!exchange.ruling.denials.empty()) audit_denials(exchange);
  if (!exchange.ruling.answer) return true;
  engine::Outcome outcome;
  outcome.response = std::move(*exchange.ruling.answer);
  finish(exchange, std::move(outcome));
  return false;
}

void Path::forward(ExchangePtr exchange) {
  if (!exchange->ruling.changes.empty()) {
    auto resource = exchange->ruling.changes;
    forward_audited(std::move(exchange), std::move(resource));
    return;
  }
  if (is_own(exchange->incoming.key)) {
    answer_own(std::move(exchange));
    return;
  }
  engine::Call call;
  call.attribution = exchange->attribution;
  call.version = exchange->incoming.version;
  call.advertised_host = exchange->session->peer().advertised_host;
  call.advertised_port = exchange->session->peer().advertised_port;
  call.client_host = exchange->session->peer().host;
  call.may_create_topics = exchange->ruling.may_create_topics;
  const bool in_transaction = exchange->incoming.key == ApiKey::TxnOffsetCommit;
  if (in_transaction || exchange->incoming.key == ApiKey::OffsetCommit) {
    call.began_reading = [this, in_transaction, who = exchange->attribution](const TopicName& topic,
                                                                             std::int32_t partition) {
      const ReadStreaks::Reader reader{who->principal, who->client_id, topic, partition};
      return in_transaction ? measurement_.began_reading_for(reader) : measurement_.began_reading(reader);
    };
  }
  if (exchange->incoming.key == ApiKey::ConsumerGroupHeartbeat) {
    call.may_know = [access = exchange->access](const std::string& topic) { return access->sees_topic(topic); };
  }
  call.first_uses = std::move(exchange->ruling.first_uses);
  call.connection = exchange->session;
  call.run_after = std::move(exchange->incoming.run_after);
  engine_.handle(std::move(call), std::move(exchange->incoming.request),
                 [this, exchange](engine::Outcome outcome) { finish(*exchange, std::move(outcome)); });
}

// An administrative change: its intent is durable before it begins, its outcome follows.
void Path::forward_audited(ExchangePtr exchange, std::string resource) {
  state::AuditRecord intent{.principal = exchange->session->principal().text(),
                            .operation = std::string(kafka::api_name(exchange->incoming.key)),
                            .resource = std::move(resource),
                            .peer = exchange->session->peer().host,
                            .acts = acts_of_request(*exchange->access, exchange->incoming.request)};
  audit_.intend(intent, [this, exchange, intent](Result<std::uint64_t> id) mutable {
    if (!id) {
      log::error("administrative change refused: the audit log can't be written", {{"reason", id.error().message}});
      exchange->answer({std::nullopt, {}, true});
      return;
    }
    exchange->ruling.changes.clear();
    exchange->ruling.concluded = [this, id = *id, intent](const engine::Outcome& outcome) {
      audit_.conclude(id, intent, outcome_text(outcome));
    };
    forward(std::move(exchange));
  });
}

// Throttle of what was served, meter, trace, and the answer.
void Path::finish(Exchange& exchange, engine::Outcome outcome) {
  if (exchange.ruling.concluded) exchange.ruling.concluded(outcome);
  if (outcome.close) {
    exchange.answer({std::nullopt, {}, true});
    return;
  }
  authorise_again(exchange, outcome);
  throttle_served(exchange, outcome.served);
  if (exchange.mute.count() > 0) counters_.throttled.fetch_add(1, std::memory_order_relaxed);
  Answer answer;
  if (exchange.ruling.amend) exchange.ruling.amend(outcome.response);
  tell_session(exchange, outcome.response);
  meter_and_trace(exchange, outcome, answer);
  answer.mute = exchange.mute;
  if (exchange.is_silent) {
    answer.close_after = has_error(outcome.response);
  } else {
    if (exchange.mute.count() > 0) set_throttle_time(outcome.response, exchange.mute);
    answer.response = std::move(outcome.response);
  }
  exchange.answer(std::move(answer));
}

// A fetch may wait for longer than the grant behind it was live. What was read for it then is neither sent nor counted.
void Path::authorise_again(Exchange& exchange, engine::Outcome& outcome) {
  auto* fetched = std::get_if<kafka::FetchResponse>(&outcome.response);
  if (fetched == nullptr || outcome.served.empty()) return;
  const auto now = clock_.moment();
  if (now.reached - exchange.access->time().reached < kRuledAgainAfter) return;
  auto access = exchange.access->later(policy_.current(), now);
  const auto refused = rule_again(access, *fetched);
  if (refused.empty()) return;
  std::erase_if(outcome.served,
                [&](const auto& fact) { return std::ranges::find(refused, fact.topic) != refused.end(); });
  exchange.ruling.denials = access.take_denials();
  std::erase_if(exchange.ruling.denials, [](const Denial& denial) { return denial.was_let_through; });
  audit_denials(exchange);
}

// Throttle: the bytes of a produce request are known before it is forwarded, so whoever is over the rate is held back
// from here on. Those of a fetch are known with its outcome; until then nothing may follow it.
Path::Next Path::throttle(Exchange& exchange) {
  const auto& request = exchange.incoming.request;
  if (const auto* produce = std::get_if<kafka::ProduceRequest>(&request)) {
    exchange.mute = produced(exchange, record_bytes(*produce));
    // What such a batch is part of may have to be written down first; the next one must not overtake it.
    const bool may_enter = exchange.incoming.version >= kEnteringVersion && produce->transactional_id.has_value();
    return exchange.mute.count() > 0 || may_enter ? Next::AfterTheAnswer : Next::AtOnce;
  }
  const bool may_serve = std::holds_alternative<kafka::FetchRequest>(request);
  return may_serve && limits_fetches(exchange) ? Next::AfterTheAnswer : Next::AtOnce;
}

void Path::throttle_served(Exchange& exchange, const std::vector<engine::ServedFact>& served) {
  std::uint64_t bytes = 0;
  for (const auto& fact : served) bytes += static_cast<std::uint64_t>(fact.bytes);
  exchange.mute = std::max(exchange.mute, served_or_owed(exchange, bytes));
}

// What was appended and committed is true whether or not its answer arrives; what was served is so once it was sent.
void Path::meter_and_trace(const Exchange& exchange, engine::Outcome& outcome, Answer& answer) {
  const auto took = clock_.monotonic() - exchange.arrived;
  measurement_.record(exchange.attribution, {.appended = std::move(outcome.appended),
                                             .offered = outcome.served,
                                             .committed = std::move(outcome.committed),
                                             .refused = refused_of(exchange, outcome.response),
                                             .requests = 1,
                                             .took = std::chrono::duration_cast<std::chrono::microseconds>(took),
                                             .is_first_of_connection = exchange.is_first_of_connection});
  if (outcome.served.empty()) return;
  answer.when_sent = [this, reader = exchange.attribution, served = std::move(outcome.served)]() mutable {
    measurement_.record(std::move(reader), {.served = std::move(served)});
  };
}

std::vector<Path::ProducedPart> Path::parts_of(const kafka::ProduceRequest& request) {
  std::vector<ProducedPart> parts;
  for (const auto& topic : request.topic_data) {
    for (const auto& partition : topic.partition_data) {
      if (!partition.records) continue;
      parts.push_back(
          {TopicName(topic.name), partition.index, static_cast<std::int64_t>(payload_size(*partition.records))});
    }
  }
  return parts;
}

// What a produce request brought for partitions that answer with an error, by topic.
std::vector<Answered::Refused> Path::refused_of(const Exchange& exchange, const kafka::Response& response) {
  std::vector<Answered::Refused> refused;
  const auto* produced = std::get_if<kafka::ProduceResponse>(&response);
  if (produced == nullptr) return refused;
  for (const auto& topic : produced->responses) {
    for (const auto& answer : topic.partition_responses) {
      if (answer.error_code == 0) continue;
      const auto sent = std::ranges::find_if(exchange.produced, [&](const ProducedPart& part) {
        return part.partition == answer.index && part.topic.text() == topic.name;
      });
      if (sent != exchange.produced.end()) refused.push_back({sent->topic, sent->bytes});
    }
  }
  return refused;
}

void Path::audit_denials(const Exchange& exchange) {
  for (const auto& denial : exchange.ruling.denials) {
    if (denial.rule != nullptr) {
      rule_counts_.note(*denial.rule, exchange.squad);
      if (denial.rule->rung == model::Rung::Report) continue;
    }
    auto& counter = denial.was_let_through ? counters_.would_deny : counters_.denied;
    counter.fetch_add(1, std::memory_order_relaxed);
    audit_.note({.kind = denial.was_let_through ? state::AuditKind::WouldDeny : state::AuditKind::Denial,
                 .principal = exchange.session->principal().text(),
                 .operation = std::string(policy::name_of(denial.operation)),
                 .resource = std::string(policy::name_of(denial.kind)) + " " + denial.name,
                 .result = denial.reason,
                 .peer = exchange.session->peer().host});
  }
}

PathCounters Path::counters() const {
  const auto read = [](const std::atomic<std::uint64_t>& counter) { return counter.load(std::memory_order_relaxed); };
  return {read(counters_.requests),        read(counters_.denied),    read(counters_.would_deny),
          read(counters_.throttled),       read(counters_.signed_in), read(counters_.sign_in_failures),
          read(counters_.outdated_nonces), read(counters_.sessions),  fetch_sessions_.counters()};
}

}  // namespace myelin::governance
