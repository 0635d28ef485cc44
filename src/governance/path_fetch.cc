// Fetch sessions on the path: they begin before the authorise step and end behind the amended answer, so that every
// fetch of a session is ruled on whole, with what holds now, and no engine knows of sessions.
#include <utility>

#include "governance/path.h"

namespace myelin::governance {

bool Path::join_session(Exchange& exchange) {
  auto* fetch = std::get_if<kafka::FetchRequest>(&exchange.incoming.request);
  if (fetch == nullptr) return true;
  exchange.turn =
      fetch_sessions_.begin(exchange.session->principal(), exchange.access->topic_names(), *fetch, exchange.arrived);
  if (exchange.turn.refusal == kafka::ErrorCode::None) return true;
  kafka::FetchResponse refused;
  refused.error_code = std::to_underlying(exchange.turn.refusal);
  engine::Outcome outcome;
  outcome.response = std::move(refused);
  finish(exchange, std::move(outcome));
  return false;
}

void Path::tell_session(const Exchange& exchange, kafka::Response& response) {
  if (auto* fetched = std::get_if<kafka::FetchResponse>(&response)) FetchSessions::end(exchange.turn, *fetched);
}

}  // namespace myelin::governance
