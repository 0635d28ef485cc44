// Routes for changes that wait for consent: propose, inbox, approve, reject, withdraw.
#include "api/json_object.h"
#include "api/plan_json.h"
#include "api/plan_request.h"
#include "api/problem.h"
#include "api/recertify_json.h"
#include "api/request.h"
#include "api/server.h"

namespace myelin::api {

net::HttpResponse Server::inbox(const Query& query) const {
  const auto proposals = services_.proposals.inbox(asker_of(query));
  if (!proposals) return proposal_refused(proposals.error(), query);
  const auto due = services_.recertify.due(asker_of(query));
  if (!due) return problem(due.error(), query.request.path);
  return json_answer(JsonObject()
                         .add("items", json_list(*proposals, kept_proposal_json))
                         .add("due_grants", json_list(*due, recertification_json))
                         .node());
}

net::HttpResponse Server::propose(const Query& query) {
  const auto body =
      body_object(query.request, {kModelBytes, kModelNodes}, {"files", "allow_delete", "message", "commit"});
  if (!body) return problem(body.error(), query.request.path);
  auto proposal = proposal_in(*body);
  if (!proposal) return problem(proposal.error(), query.request.path);
  auto message = optional_text(*body, "message", governance::Revisions::kMessageBytesMax);
  if (!message) return problem(message.error(), query.request.path);
  auto commit = optional_text(*body, "commit", governance::Revisions::kMessageBytesMax);
  if (!commit) return problem(commit.error(), query.request.path);
  return proposal_answer(
      services_.proposals.propose(asker_of(query), *std::move(proposal), *std::move(message), *std::move(commit)),
      query);
}

net::HttpResponse Server::proposal(const Query& query) const {
  return proposal_answer(services_.proposals.at(asker_of(query), query.parameter("id")), query);
}

net::HttpResponse Server::approve(const Query& query) {
  const auto body = body_object(query.request, kBodyBytes, {});
  if (!body) return problem(body.error(), query.request.path);
  return proposal_answer(services_.proposals.agree(asker_of(query), query.parameter("id")), query);
}

net::HttpResponse Server::reject(const Query& query) {
  const auto body = body_object(query.request, kBodyBytes, {"reason"});
  if (!body) return problem(body.error(), query.request.path);
  auto reason = required_text(*body, "reason");
  if (!reason) return problem(reason.error(), query.request.path);
  return proposal_answer(services_.proposals.reject(asker_of(query), query.parameter("id"), *std::move(reason)), query);
}

net::HttpResponse Server::withdraw(const Query& query) {
  const auto body = body_object(query.request, kBodyBytes, {});
  if (!body) return problem(body.error(), query.request.path);
  return proposal_answer(services_.proposals.withdraw(asker_of(query), query.parameter("id")), query);
}

}  // namespace myelin::api
