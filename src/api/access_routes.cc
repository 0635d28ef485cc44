// Routes for access as a conversation: ask for it, renew it, take it in an emergency, and how long it all takes; and
// for the claim of a topic.
#include "api/json_object.h"
#include "api/plan_json.h"
#include "api/plan_request.h"
#include "api/problem.h"
#include "api/request.h"
#include "api/server.h"

namespace myelin::api {
namespace {

using document::Node;
using governance::AccessTime;

constexpr std::size_t kNameBytesMax = 200;

// `why` is the member that says what it is for.
Result<governance::AccessRequest> access_request_in(const Node& body, std::string_view why) {
  auto product = required_text(body, "product");
  if (!product) return pass(product);
  auto application = required_text(body, "application");
  if (!application) return pass(application);
  auto purpose = required_text(body, why);
  if (!purpose) return pass(purpose);
  auto port = optional_text(body, "port", kNameBytesMax);
  if (!port) return pass(port);
  auto until = optional_text(body, "until", kNameBytesMax);
  if (!until) return pass(until);
  return governance::AccessRequest{ProductName(*product), *std::move(port), ApplicationName(*application),
                                   *std::move(purpose), *std::move(until)};
}

Node seconds_or_null(const std::optional<std::chrono::seconds>& time) {
  return time ? Node::number(time->count()) : Node::null();
}

Node access_time_json(const AccessTime& one) {
  return JsonObject()
      .text("proposal", one.proposal)
      .text("kind", governance::name_of(one.kind))
      .text("product", one.product.text())
      .text("application", one.application.text())
      .text("provider", one.provider.text())
      .text("consumer", one.consumer.text())
      .text("state", governance::name_of(one.state))
      .time("asked", one.asked)
      .time("decided", one.decided)
      .time("first_record", one.first_record)
      .boolean("right_first_time", one.is_right_first_time)
      .boolean("platform_touched", one.is_touched_by_platform)
      .node();
}

}  // namespace

net::HttpResponse Server::request_access(const Query& query) {
  const auto body = body_object(query.request, kBodyBytes, {"product", "port", "application", "purpose", "until"});
  if (!body) return problem(body.error(), query.request.path);
  const auto request = access_request_in(*body, "purpose");
  if (!request) return problem(request.error(), query.request.path);
  return proposal_answer(services_.access.request(asker_of(query), *request), query);
}

net::HttpResponse Server::break_glass(const Query& query) {
  const auto body = body_object(query.request, kBodyBytes, {"product", "port", "application", "reason", "hours"});
  if (!body) return problem(body.error(), query.request.path);
  auto request = access_request_in(*body, "reason");
  if (!request) return problem(request.error(), query.request.path);
  const auto* member = body->find("hours");
  const auto hours = member == nullptr ? std::optional<std::int64_t>(1) : document::as_integer(*member);
  if (!hours || *hours < 1 || *hours > 168) {
    return problem(Error{Code::Invalid, "hours: expected a whole number from 1 to 168"}, query.request.path);
  }
  return proposal_answer(services_.access.break_glass(asker_of(query), *std::move(request), static_cast<int>(*hours)),
                         query);
}

net::HttpResponse Server::renew_grant(const Query& query) {
  const auto body = body_object(query.request, kBodyBytes, {"until", "reason"});
  if (!body) return problem(body.error(), query.request.path);
  const auto until = required_text(*body, "until");
  if (!until) return problem(until.error(), query.request.path);
  auto reason = required_text(*body, "reason");
  if (!reason) return problem(reason.error(), query.request.path);
  return proposal_answer(services_.access.renew(asker_of(query), query.parameter("id"), *until, *std::move(reason)),
                         query);
}

net::HttpResponse Server::access_times(const Query& query) const {
  const auto times = services_.access.times(asker_of(query));
  return json_answer(JsonObject()
                         .number("decided", static_cast<std::int64_t>(times.decided))
                         .number("right_first_time", static_cast<std::int64_t>(times.right_first_time))
                         .number("platform_touched", static_cast<std::int64_t>(times.touched_by_platform))
                         .add("median_seconds_to_decision", seconds_or_null(times.to_decision))
                         .add("median_seconds_to_first_record", seconds_or_null(times.to_first_record))
                         .add("items", json_list(times.requests, access_time_json))
                         .node());
}

net::HttpResponse Server::claim(const Query& query) {
  const auto body = body_object(query.request, kBodyBytes, {"topic", "squad", "reason"});
  if (!body) return problem(body.error(), query.request.path);
  const auto topic = required_text(*body, "topic");
  if (!topic) return problem(topic.error(), query.request.path);
  const auto squad = required_text(*body, "squad");
  if (!squad) return problem(squad.error(), query.request.path);
  auto reason = optional_text(*body, "reason", governance::Revisions::kMessageBytesMax);
  if (!reason) return problem(reason.error(), query.request.path);
  return proposal_answer(
      services_.claims.claim(asker_of(query), {TopicName(*topic), SquadName(*squad), *std::move(reason)}), query);
}

}  // namespace myelin::api
