// The table of routes, and each route's way to its use case. docs/reference/openapi.json describes them; a test
// compares.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "api/json_object.h"
#include "api/map_json.h"
#include "api/organisation_json.h"
#include "api/problem.h"
#include "api/request.h"
#include "api/server.h"

namespace myelin::api {
namespace {

using document::Node;
using net::HttpResponse;

// Strangers read it too: no address, and nothing of what the cluster said.
constexpr std::string_view kCutOff = "the upstream cluster can't be reached; see the log or myelin doctor";

HttpResponse json_response(const Node& tree) {
  return net::http_response(200, "application/json", document::json(tree) + "\n");
}
HttpResponse no_content() { return net::http_response(204, "", ""); }
HttpResponse failed(const Error& error, const Query& query) { return problem(error, query.request.path); }

HttpResponse done_or(const Result<void>& result, const Query& query) {
  return result ? no_content() : failed(result.error(), query);
}

// One page of a list that is sorted by `key_of`.
template <typename Items, typename KeyOf, typename Make>
HttpResponse page_of(const Query& query, const Items& items, KeyOf key_of, Make make) {
  const auto limit = query_number(query.request, "limit", {1, 5000, 500});
  if (!limit) return failed(limit.error(), query);
  const auto after = query_text(query.request, "after");
  std::vector<Node> page;
  std::string next;
  for (const auto& item : items) {
    const std::string key = key_of(item);
    if (!after.empty() && key <= after) continue;
    if (std::cmp_equal(page.size(), *limit)) break;
    page.push_back(make(item));
    next = key;
  }
  const bool is_last = items.empty() || next.empty() || key_of(items.back()) == next;
  return json_response(JsonObject()
                           .add("items", Node::list(std::move(page)))
                           .number("total", static_cast<std::int64_t>(items.size()))
                           .text("next", is_last ? std::string_view() : next)
                           .node());
}

std::optional<model::ThingKind> kind_named(std::string_view name) {
  for (const auto kind :
       {model::ThingKind::Principal, model::ThingKind::Application, model::ThingKind::Topic, model::ThingKind::Group,
        model::ThingKind::Product, model::ThingKind::Squad, model::ThingKind::Domain}) {
    if (model::name_of(kind) == name) return kind;
  }
  return std::nullopt;
}

std::string_view to_text(Verdict verdict) {
  return verdict == Verdict::Ok ? "ok" : verdict == Verdict::Warning ? "warning" : "failed";
}

}  // namespace

Route Server::get_route(std::string_view pattern, HttpResponse (Server::*answer)(const Query&) const) {
  return route("GET", pattern, RouteAccess::SignedIn,
               [this, answer](const Query& query) { return (this->*answer)(query); });
}

Route Server::change_route(std::string_view method, std::string_view pattern, RouteAccess access,
                           HttpResponse (Server::*answer)(const Query&)) {
  return route(method, pattern, access, [this, answer](const Query& query) { return (this->*answer)(query); });
}

std::vector<Route> Server::make_routes() {
  std::vector<Route> routes{
      get_route("/api/v1/me", &Server::me),
      change_route("POST", "/api/v1/session", RouteAccess::SigningIn, &Server::open_session),
      change_route("DELETE", "/api/v1/session", RouteAccess::SigningIn, &Server::close_session),
      get_route("/api/v1/who/{kind}/{name}", &Server::who),
      get_route("/api/v1/usage", &Server::usage),
      get_route("/api/v1/usage/recomputed", &Server::recomputed_usage),
      get_route("/api/v1/lineage", &Server::lineage),
      get_route("/api/v1/organisation", &Server::organisation),
      get_route("/api/v1/acls", &Server::acls),
      get_route("/api/v1/adoption", &Server::adoption),
      get_route("/api/v1/adoption/folder", &Server::adoption_folder),
      get_route("/api/v1/topics", &Server::topics),
      get_route("/api/v1/topics/{name}/damage", &Server::damage),
      change_route("POST", "/api/v1/topics/{name}/repair", RouteAccess::SignedIn, &Server::repair_topic),
      {"POST", "/api/v1/topics/verify", RouteAccess::SignedIn,
       [this](Query query, net::HttpReply reply) { verify_topics(std::move(query), std::move(reply)); }},
      get_route("/api/v1/groups", &Server::groups),
      get_route("/api/v1/quotas", &Server::quotas),
      get_route("/api/v1/throttled", &Server::throttled),
      get_route("/api/v1/clients", &Server::clients),
      get_route("/api/v1/denials", &Server::denials),
      get_route("/api/v1/audit", &Server::audit),
      get_route("/api/v1/map", &Server::map),
      {"GET", "/api/v1/map/events", RouteAccess::SignedIn,
       [this](Query query, net::HttpReply reply) { map_events(std::move(query), std::move(reply)); }},
      get_route("/api/v1/doctor", &Server::doctor),
      get_route("/api/v1/principals", &Server::principals),
      change_route("POST", "/api/v1/principals", RouteAccess::SignedIn, &Server::add_principal),
      change_route("POST", "/api/v1/principals/enrol", RouteAccess::Open, &Server::enrol_principal),
      change_route("POST", "/api/v1/principals/{name}/rotate", RouteAccess::SignedIn, &Server::rotate_principal),
      change_route("DELETE", "/api/v1/principals/{name}", RouteAccess::SignedIn, &Server::remove_principal),
      route("GET", "/metrics", RouteAccess::SignedIn, [this](const Query&) { return metrics(); }),
      route("GET", "/healthz", RouteAccess::Open, [this](const Query&) { return health(false); }),
      route("GET", "/readyz", RouteAccess::Open, [this](const Query&) { return health(true); }),
  };
  std::ranges::move(model_routes(), std::back_inserter(routes));
  return routes;
}

// What is declared, and how it changes.
std::vector<Route> Server::model_routes() {
  return {
      folder_route("/api/v1/plan", &Server::make_plan),
      get_route("/api/v1/state", &Server::saved_state),
      get_route("/api/v1/revisions", &Server::revisions),
      folder_route("/api/v1/revisions", &Server::apply_plan),
      get_route("/api/v1/revisions/{number}", &Server::revision),
      get_route("/api/v1/revisions/{number}/difference/{other}", &Server::revision_difference),
      change_route("POST", "/api/v1/revisions/{number}/plan", RouteAccess::SignedIn, &Server::plan_rollback),
      change_route("POST", "/api/v1/revisions/{number}/restore", RouteAccess::SignedIn, &Server::roll_back),
      get_route("/api/v1/inbox", &Server::inbox),
      folder_route("/api/v1/proposals", &Server::propose),
      change_route("POST", "/api/v1/requests", RouteAccess::SignedIn, &Server::request_access),
      change_route("POST", "/api/v1/claims", RouteAccess::SignedIn, &Server::claim),
      change_route("POST", "/api/v1/break-glass", RouteAccess::SignedIn, &Server::break_glass),
      change_route("POST", "/api/v1/grants/{id}/renew", RouteAccess::SignedIn, &Server::renew_grant),
      change_route("POST", "/api/v1/grants/{id}/recertify", RouteAccess::SignedIn, &Server::recertify_grant),
      get_route("/api/v1/recertifications", &Server::recertifications),
      get_route("/api/v1/access-times", &Server::access_times),
      get_route("/api/v1/policy/rules", &Server::policy_rules),
      get_route("/api/v1/review", &Server::review),
      get_route("/api/v1/proposals/{id}", &Server::proposal),
      change_route("POST", "/api/v1/proposals/{id}/approve", RouteAccess::SignedIn, &Server::approve),
      change_route("POST", "/api/v1/proposals/{id}/reject", RouteAccess::SignedIn, &Server::reject),
      change_route("POST", "/api/v1/proposals/{id}/withdraw", RouteAccess::SignedIn, &Server::withdraw),
  };
}

HttpResponse Server::me(const Query& query) const {
  return json_response(me_json(services_.questions.me(query.asker), options_.attach_mode, options_.version));
}

HttpResponse Server::open_session(const Query& query) {
  const auto body = body_object(query.request, kBodyBytes, {"principal", "password"});
  if (!body) return failed(body.error(), query);
  auto principal = required_principal(*body, "principal");
  if (!principal) return failed(principal.error(), query);
  auto password = required_text(*body, "password");
  if (!password) return failed(password.error(), query);
  const auto signed_in = checked({std::move(*principal), std::move(*password)}, query.request);
  if (!signed_in) return failed(signed_in.error(), query);
  auto response =
      json_response(me_json(services_.questions.me(signed_in->principal), options_.attach_mode, options_.version));
  response.headers.add("Set-Cookie", sign_in_.open_session(*signed_in, query.request.is_tls));
  return response;
}

HttpResponse Server::close_session(const Query& query) {
  auto response = no_content();
  response.headers.add("Set-Cookie", sign_in_.close_session(query.request));
  return response;
}

HttpResponse Server::who(const Query& query) const {
  const std::string& kind_text = query.parameter("kind");
  const auto kind = kind_named(kind_text);
  if (!kind && kind_text != "any") {
    return failed(
        {Code::Invalid,
         fmt::format("kind '{}' is unknown; use any, principal, application, topic, group, product, squad or domain",
                     kind_text)},
        query);
  }
  const auto answers = services_.questions.who(query.asker, query.parameter("name"), kind);
  return answers ? json_response(who_json(*answers, options_.attach_mode)) : failed(answers.error(), query);
}

HttpResponse Server::usage(const Query& query) const {
  const auto filter = usage_filter(query.request);
  if (!filter) return failed(filter.error(), query);
  const auto columns = usage_columns(query.request);
  if (!columns) return failed(columns.error(), query);
  const auto lines = services_.questions.usage(query.asker, *filter, *columns);
  return json_response(usage_json(lines, options_.attach_mode, services_.clock.wall()));
}

HttpResponse Server::recomputed_usage(const Query& query) const {
  if (options_.attach_mode != AttachMode::Embedded) {
    return failed({Code::Unsupported, "in front of an existing cluster there is no journal to recompute usage from"},
                  query);
  }
  const auto filter = usage_filter(query.request);
  if (!filter) return failed(filter.error(), query);
  const auto columns = usage_columns(query.request);
  if (!columns) return failed(columns.error(), query);
  const auto usage = services_.questions.recompute_usage(query.asker, *filter, *columns);
  if (!usage) return failed(usage.error(), query);
  return json_response(recomputed_json(*usage, options_.attach_mode, services_.clock.wall()));
}

HttpResponse Server::lineage(const Query& query) const {
  const auto topic = query_text(query.request, "topic");
  const auto only = topic.empty() ? std::nullopt : std::optional<TopicName>(topic);
  return json_response(
      lineage_json(services_.questions.lineage(query.asker, only), options_.attach_mode, services_.clock.wall()));
}

HttpResponse Server::organisation(const Query& query) const {
  const auto name = query_text(query.request, "squad");
  const auto squad = name.empty() ? std::nullopt : std::optional<SquadName>(name);
  const auto answer = services_.questions.organisation(query.asker, squad);
  if (!answer) return failed(answer.error(), query);
  return json_response(organisation_json(*answer, services_.questions.mode_drift(query.asker, squad),
                                         options_.attach_mode, services_.clock.wall()));
}

HttpResponse Server::acls(const Query& query) const {
  const auto principal = query_text(query.request, "principal");
  const auto topic = query_text(query.request, "topic");
  const auto answers =
      services_.questions.acls(query.asker, principal.empty() ? std::nullopt : std::optional<PrincipalName>(principal),
                               topic.empty() ? std::nullopt : std::optional<TopicName>(topic));
  if (!answers) return failed(answers.error(), query);
  return page_of(query, *answers, [](const auto& answer) { return answer.key; }, acl_json);
}

HttpResponse Server::adoption(const Query& query) const {
  const auto adoption = services_.questions.adoption(query.asker);
  return adoption ? json_response(adoption_json(*adoption)) : failed(adoption.error(), query);
}

HttpResponse Server::adoption_folder(const Query& query) const {
  const auto folder = services_.questions.adoption_folder(query.asker);
  return folder ? json_response(adoption_folder_json(*folder)) : failed(folder.error(), query);
}

HttpResponse Server::topics(const Query& query) const {
  const auto topics = services_.questions.topics(query.asker);
  if (!topics) return failed(topics.error(), query);
  return page_of(query, *topics, [](const auto& topic) { return topic.name.text(); }, topic_json);
}

HttpResponse Server::groups(const Query& query) const {
  const auto groups = services_.questions.groups(query.asker);
  if (!groups) return failed(groups.error(), query);
  return page_of(query, *groups, [](const auto& group) { return group.name.text(); }, group_json);
}

HttpResponse Server::throttled(const Query& query) const {
  return json_response(
      JsonObject().add("items", json_list(services_.questions.held_back(query.asker), held_back_json)).node());
}

HttpResponse Server::quotas(const Query& query) const {
  return page_of(
      query, services_.questions.quotas(query.asker),
      [](const auto& quota) { return fmt::format("{}\x1f{}", quota.limits, quota.quota); }, quota_json);
}

HttpResponse Server::clients(const Query& query) const {
  const auto clients = services_.questions.clients(query.asker);
  if (!clients) return failed(clients.error(), query);
  const auto snapshot = services_.policy.current();
  return page_of(
      query, *clients, [](const auto& client) { return client.principal.text() + '\x1f' + client.client_id; },
      [&](const auto& client) { return client_json(client, snapshot->subject(client.principal).squad); });
}

HttpResponse Server::denials(const Query& query) const {
  const auto denials = services_.questions.denied(query.asker);
  if (!denials) return failed(denials.error(), query);
  return page_of(
      query, *denials,
      [](const auto& denied) { return denied.principal + '\x1f' + denied.operation + '\x1f' + denied.resource; },
      denial_json);
}

HttpResponse Server::audit(const Query& query) const {
  const auto limit = query_number(query.request, "limit", {1, 5000, 200});
  if (!limit) return failed(limit.error(), query);
  // The cursor is how many were read already; records that came in between are seen again rather than missed.
  const auto skip = query_number(query.request, "before", {0, 10'000'000, 0});
  if (!skip) return failed(skip.error(), query);
  const auto wanted = static_cast<std::size_t>(*limit + *skip);
  const auto records = services_.questions.audit(query.asker, wanted + 1);
  if (!records) return failed(records.error(), query);
  std::vector<Node> page;
  for (auto index = static_cast<std::size_t>(*skip); index < std::min(wanted, records->size()); ++index) {
    page.push_back(audit_json((*records)[index]));
  }
  const std::string next = records->size() > wanted ? std::to_string(wanted) : "";
  return json_response(JsonObject().add("items", Node::list(std::move(page))).text("next", next).node());
}

HttpResponse Server::map(const Query& query) const {
  const auto map = services_.questions.map(query.asker);
  return json_response(map_json(map, options_.attach_mode, services_.clock.wall()));
}

void Server::map_events(Query query, net::HttpReply reply) {
  if (!map_feed_.has_room()) {
    auto refused = problem(kind_of(Code::Unavailable), "too many browsers watch the map", query.request.path);
    add_security_headers(refused);
    return reply.send(std::move(refused));
  }
  net::HttpResponse headers;
  add_security_headers(headers);
  const auto may_watch = [this, identity = Identity{query.asker, query.password}] {
    return identity.password == 0 || services_.credentials.holds(identity.principal, identity.password);
  };
  map_feed_.add(query.asker, {reply.start_events(headers.headers), may_watch});
}

HttpResponse Server::doctor(const Query& query) const {
  if (services_.questions.me(query.asker).role != governance::Role::Platform) {
    return failed({Code::Denied, "only the role platform sees the server's health"}, query);
  }
  const auto checks = services_.doctor();
  Verdict worst = Verdict::Ok;
  for (const auto& check : checks) worst = std::max(worst, check.verdict);
  return json_response(JsonObject()
                           .text("verdict", to_text(worst))
                           .add("checks", json_list(checks,
                                                    [](const DoctorCheck& check) {
                                                      return JsonObject()
                                                          .text("name", check.name)
                                                          .text("verdict", to_text(check.verdict))
                                                          .text("finding", check.finding)
                                                          .text("advice", check.advice)
                                                          .node();
                                                    }))
                           .node());
}

HttpResponse Server::principals(const Query& query) const {
  const auto principals = services_.administration.list(asker_of(query));
  if (!principals) return failed(principals.error(), query);
  const auto snapshot = services_.policy.current();
  return page_of(
      query, *principals, [](const auto& summary) { return summary.principal.text(); },
      [&](const auto& summary) {
        const auto subject = snapshot->subject(summary.principal);
        return JsonObject()
            .text("name", summary.principal.text())
            .text("application", subject.application.text())
            .text("squad", subject.squad.text())
            .time("created", summary.created)
            .boolean("rotating", summary.rotated.has_value())
            .text("mark", subject.known ? "both" : "observed")
            .node();
      });
}

HttpResponse Server::add_principal(const Query& query) {
  const auto body = body_object(query.request, kBodyBytes, {"name", "password"});
  if (!body) return failed(body.error(), query);
  const auto name = required_principal(*body, "name");
  if (!name) return failed(name.error(), query);
  const auto password = required_text(*body, "password");
  if (!password) return failed(password.error(), query);
  return done_or(services_.administration.add(asker_of(query), *name, *password), query);
}

HttpResponse Server::enrol_principal(const Query& query) {
  const auto body = body_object(query.request, kBodyBytes, {"token", "name", "password"});
  if (!body) return failed(body.error(), query);
  const auto token = required_text(*body, "token");
  if (!token) return failed(token.error(), query);
  const auto name = required_principal(*body, "name");
  if (!name) return failed(name.error(), query);
  const auto password = required_text(*body, "password");
  if (!password) return failed(password.error(), query);
  return done_or(services_.administration.enrol(query.request.peer.host, *token, *name, *password), query);
}

HttpResponse Server::rotate_principal(const Query& query) {
  const auto body = body_object(query.request, kBodyBytes, {"password", "confirm"});
  if (!body) return failed(body.error(), query);
  const auto principal = principal_named(query.parameter("name"));
  if (!principal) return failed(principal.error(), query);
  const auto* confirm = body->find("confirm");
  if (confirm != nullptr && body->find("password") == nullptr) {
    if (document::as_boolean(*confirm) != true)
      return failed({Code::Invalid, "the body's member 'confirm' can only be true"}, query);
    return done_or(services_.administration.confirm(asker_of(query), *principal), query);
  }
  if (confirm != nullptr) return failed({Code::Invalid, "give either 'password' or 'confirm'"}, query);
  const auto password = required_text(*body, "password");
  if (!password) return failed(password.error(), query);
  return done_or(services_.administration.rotate(asker_of(query), *principal, *password), query);
}

HttpResponse Server::remove_principal(const Query& query) {
  const auto principal = principal_named(query.parameter("name"));
  if (!principal) return failed(principal.error(), query);
  return done_or(services_.administration.remove(asker_of(query), *principal), query);
}

HttpResponse Server::metrics() const {
  MetricsPage page;
  services_.metrics(page);
  return net::http_response(200, "text/plain; version=0.0.4; charset=utf-8", page.text());
}

HttpResponse Server::health(bool ready_too) const {
  const auto unready = ready_too ? services_.unready() : std::nullopt;
  const bool is_cut_off = ready_too && !unready && services_.is_cut_off();
  const auto detail = is_cut_off ? kCutOff : unready ? std::string_view(*unready) : std::string_view();
  auto response = json_response(JsonObject()
                                    .text("status", unready      ? "starting"
                                                    : is_cut_off ? "failed"
                                                                 : "ok")
                                    .text("version", options_.version)
                                    .text("detail", detail)
                                    .node());
  if (unready || is_cut_off) response.status = 503;
  return response;
}

}  // namespace myelin::api
