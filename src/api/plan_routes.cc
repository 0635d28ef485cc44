// Routes that change the operating model: plan, apply, revisions, roll back.
#include <fmt/core.h>

#include <charconv>

#include "api/json_object.h"
#include "api/plan_json.h"
#include "api/plan_request.h"
#include "api/problem.h"
#include "api/request.h"
#include "api/server.h"

namespace myelin::api {
namespace {

using document::Node;

net::HttpResponse refused(const Error& error, const Query& query) { return problem(error, query.request.path); }

template <typename Value>
net::HttpResponse answer_or_refused(const Result<Value>& value, Node (*json)(const Value&), const Query& query) {
  return value ? json_answer(json(*value)) : plan_refused(value.error(), query);
}

Result<governance::ApplyOrder> order_in(const Node& body) {
  auto plan = required_text(body, "plan");
  if (!plan) return pass(plan);
  auto message = optional_text(body, "message", governance::Revisions::kMessageBytesMax);
  if (!message) return pass(message);
  auto commit = optional_text(body, "commit", governance::Revisions::kMessageBytesMax);
  if (!commit) return pass(commit);
  return governance::ApplyOrder{*std::move(plan), *std::move(message), *std::move(commit)};
}

Result<std::uint64_t> number_named(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number > 0) return number;
  return fail(Code::Invalid, "'{}' is no number of a revision", text);
}

}  // namespace

net::HttpResponse Server::make_plan(const Query& query) {
  const auto body =
      body_object(query.request, {kModelBytes, kModelNodes}, {"files", "allow_delete", "what_if", "signatures"});
  if (!body) return refused(body.error(), query);
  auto proposal = proposal_in(*body);
  if (!proposal) return refused(proposal.error(), query);
  const auto what_if = flag_in(*body, "what_if");
  if (!what_if) return refused(what_if.error(), query);
  proposal->what_if = *what_if;
  return answer_or_refused(services_.model_changes.plan(asker_of(query), *std::move(proposal)), plan_json, query);
}

net::HttpResponse Server::apply_plan(const Query& query) {
  const auto body = body_object(query.request, {kModelBytes, kModelNodes},
                                {"files", "allow_delete", "plan", "message", "commit", "signatures"});
  if (!body) return refused(body.error(), query);
  auto proposal = proposal_in(*body);
  if (!proposal) return refused(proposal.error(), query);
  auto order = order_in(*body);
  if (!order) return refused(order.error(), query);
  return answer_or_refused(services_.model_changes.apply(asker_of(query), *std::move(proposal), *std::move(order)),
                           applied_json, query);
}

net::HttpResponse Server::saved_state(const Query& query) const {
  const auto state = services_.model_changes.state(asker_of(query));
  return state ? json_answer(plan::to_node(*state)) : refused(state.error(), query);
}

net::HttpResponse Server::revisions(const Query& query) const {
  const auto revisions = services_.model_changes.revisions(asker_of(query));
  if (!revisions) return refused(revisions.error(), query);
  const auto limit = query_number(query.request, "limit", {1, 5000, 500});
  if (!limit) return refused(limit.error(), query);
  const auto before = query_number(query.request, "before", {0, INT64_MAX, INT64_MAX});
  if (!before) return refused(before.error(), query);
  std::vector<Node> page;
  std::string next;
  for (const auto& revision : *revisions) {
    if (std::cmp_greater_equal(revision.number, *before)) continue;
    if (std::cmp_equal(page.size(), *limit)) {
      next = page.back().find("revision")->text;
      break;
    }
    page.push_back(revision_json(revision));
  }
  return json_answer(JsonObject().add("items", Node::list(std::move(page))).text("next", next).node());
}

net::HttpResponse Server::revision(const Query& query) const {
  const auto number = number_named(query.parameter("number"));
  if (!number) return refused(number.error(), query);
  const auto files = services_.model_changes.documents_of(asker_of(query), *number);
  if (!files) return plan_refused(files.error(), query);
  const auto revisions = services_.model_changes.revisions(asker_of(query));
  if (!revisions) return refused(revisions.error(), query);
  for (const auto& revision : *revisions) {
    if (revision.number == *number) return json_answer(revision_json(revision, *files));
  }
  return refused({Code::NotFound, fmt::format("there is no revision {}", *number)}, query);
}

net::HttpResponse Server::revision_difference(const Query& query) const {
  const auto from = number_named(query.parameter("number"));
  if (!from) return refused(from.error(), query);
  const auto to = number_named(query.parameter("other"));
  if (!to) return refused(to.error(), query);
  return answer_or_refused(services_.model_changes.compare(asker_of(query), *from, *to), plan_json, query);
}

net::HttpResponse Server::plan_rollback(const Query& query) {
  const auto number = number_named(query.parameter("number"));
  if (!number) return refused(number.error(), query);
  const auto body = body_object(query.request, kBodyBytes, {"allow_delete"});
  if (!body) return refused(body.error(), query);
  const auto allow_delete = flag_in(*body, "allow_delete");
  if (!allow_delete) return refused(allow_delete.error(), query);
  return answer_or_refused(services_.model_changes.plan_rollback(asker_of(query), *number, *allow_delete), plan_json,
                           query);
}

net::HttpResponse Server::roll_back(const Query& query) {
  const auto number = number_named(query.parameter("number"));
  if (!number) return refused(number.error(), query);
  const auto body = body_object(query.request, kBodyBytes, {"allow_delete", "plan", "message", "commit"});
  if (!body) return refused(body.error(), query);
  const auto allow_delete = flag_in(*body, "allow_delete");
  if (!allow_delete) return refused(allow_delete.error(), query);
  auto order = order_in(*body);
  if (!order) return refused(order.error(), query);
  return answer_or_refused(
      services_.model_changes.roll_back(asker_of(query), *number, *allow_delete, *std::move(order)), applied_json,
      query);
}

}  // namespace myelin::api
