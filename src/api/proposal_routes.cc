// Routes for changes that wait for consent: propose, ask for access, inbox, approve, reject, withdraw.
#include "api/json_object.h"
#include "api/plan_json.h"
#include "api/plan_request.h"
#include "api/problem.h"
#include "api/request.h"
#include "api/server.h"

namespace myelin::api {
namespace {

constexpr std::size_t kNameBytesMax = 200;

net::HttpResponse answer_or_refused(const Result<governance::ProposalAnswer>& answer, const Query& query) {
  return answer ? json_answer(proposal_json(*answer)) : proposal_refused(answer.error(), query);
}

Result<governance::AccessRequest> access_request_in(const document::Node& body) {
  auto product = required_text(body, "product");
  if (!product) return pass(product);
  auto application = required_text(body, "application");
  if (!application) return pass(application);
  auto purpose = required_text(body, "purpose");
  if (!purpose) return pass(purpose);
  auto port = optional_text(body, "port", kNameBytesMax);
  if (!port) return pass(port);
  auto until = optional_text(body, "until", kNameBytesMax);
  if (!until) return pass(until);
  return governance::AccessRequest{ProductName(*product), *std::move(port), ApplicationName(*application),
                                   *std::move(purpose), *std::move(until)};
}

}  // namespace

net::HttpResponse Server::inbox(const Query& query) const {
  const auto proposals = services_.proposals.inbox(asker_of(query));
  if (!proposals) return proposal_refused(proposals.error(), query);
  return json_answer(JsonObject().add("items", json_list(*proposals, kept_proposal_json)).node());
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
  return answer_or_refused(
      services_.proposals.propose(asker_of(query), *std::move(proposal), *std::move(message), *std::move(commit)),
      query);
}

net::HttpResponse Server::request_access(const Query& query) {
  const auto body = body_object(query.request, kBodyBytes, {"product", "port", "application", "purpose", "until"});
  if (!body) return problem(body.error(), query.request.path);
  const auto request = access_request_in(*body);
  if (!request) return problem(request.error(), query.request.path);
  return answer_or_refused(services_.proposals.request(asker_of(query), *request), query);
}

net::HttpResponse Server::proposal(const Query& query) const {
  return answer_or_refused(services_.proposals.at(asker_of(query), query.parameter("id")), query);
}

net::HttpResponse Server::approve(const Query& query) {
  const auto body = body_object(query.request, kBodyBytes, {});
  if (!body) return problem(body.error(), query.request.path);
  return answer_or_refused(services_.proposals.agree(asker_of(query), query.parameter("id")), query);
}

net::HttpResponse Server::reject(const Query& query) {
  const auto body = body_object(query.request, kBodyBytes, {"reason"});
  if (!body) return problem(body.error(), query.request.path);
  auto reason = required_text(*body, "reason");
  if (!reason) return problem(reason.error(), query.request.path);
  return answer_or_refused(services_.proposals.reject(asker_of(query), query.parameter("id"), *std::move(reason)),
                           query);
}

net::HttpResponse Server::withdraw(const Query& query) {
  const auto body = body_object(query.request, kBodyBytes, {});
  if (!body) return problem(body.error(), query.request.path);
  return answer_or_refused(services_.proposals.withdraw(asker_of(query), query.parameter("id")), query);
}

}  // namespace myelin::api
