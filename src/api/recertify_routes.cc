// Routes for grants that somebody of their owner has to look at again.
#include "api/json_object.h"
#include "api/plan_request.h"
#include "api/problem.h"
#include "api/recertify_json.h"
#include "api/request.h"
#include "api/server.h"

namespace myelin::api {
namespace {

using document::Node;

Node confirmation_json(const governance::Confirmation& confirmation) {
  return JsonObject()
      .time("time", confirmation.time)
      .text("squad", confirmation.squad.text())
      .text("principal", confirmation.principal.text())
      .text("reason", confirmation.reason)
      .text("evidence", confirmation.evidence)
      .node();
}

}  // namespace

Node recertification_json(const governance::RecertifyDesk::Item& item) {
  const auto& standing = item.standing;
  return JsonObject()
      .text("grant", standing.grant)
      .text("product", standing.product.text())
      .text("owner", standing.owner.text())
      .text("reader", standing.reader.text())
      .text("application", standing.application.text())
      .text("user", standing.user.text())
      .text("purpose", standing.purpose)
      .text("place", standing.place.text())
      .time("since", standing.since)
      .time("due", standing.due)
      .boolean("overdue", standing.is_due)
      .boolean("used", standing.is_used)
      .time("last_read", standing.last_read)
      .number("offsets", standing.offsets)
      .text("evidence", standing.evidence())
      .add("confirmed", standing.confirmed ? confirmation_json(*standing.confirmed) : Node::null())
      .text("patch", item.patch)
      .node();
}

net::HttpResponse Server::recertifications(const Query& query) const {
  const auto wanted = query_text(query.request, "all");
  if (!wanted.empty() && wanted != "true" && wanted != "false") {
    return problem(Error{Code::Invalid, "all: expected true or false"}, query.request.path);
  }
  const auto asker = asker_of(query);
  const auto items = wanted == "true" ? services_.recertify.grants(asker) : services_.recertify.due(asker);
  if (!items) return problem(items.error(), query.request.path);
  const auto days = services_.policy.current()->model().policy.recertify_days;
  return json_answer(JsonObject()
                         .add("recertify_days", days ? Node::number(days->count()) : Node::null())
                         .add("items", json_list(*items, recertification_json))
                         .node());
}

net::HttpResponse Server::recertify_grant(const Query& query) {
  const auto body = body_object(query.request, kBodyBytes, {"reason"});
  if (!body) return problem(body.error(), query.request.path);
  auto reason = optional_text(*body, "reason", governance::RecertifyDesk::kReasonBytesMax);
  if (!reason) return problem(reason.error(), query.request.path);
  const auto item = services_.recertify.recertify(asker_of(query), query.parameter("id"), *std::move(reason));
  return item ? json_answer(recertification_json(*item)) : problem(item.error(), query.request.path);
}

}  // namespace myelin::api
