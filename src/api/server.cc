#include "api/server.h"

#include <fmt/core.h>

#include <utility>

#include "api/console_files.h"
#include "api/problem.h"
#include "base/attribution.h"
#include "base/memory.h"

namespace myelin::api {
namespace {

constexpr std::size_t kLargeFolderBytes = 1024 * 1024;  // its trees leave tens of megabytes free

// Every answer leaves through here.
void send(net::HttpReply& reply, net::HttpResponse response) {
  add_security_headers(response);
  reply.send(std::move(response));
}

bool is_console(const net::HttpRequest& request) {
  return request.path == "/" || request.path == "/console" || request.path.starts_with("/console/");
}

bool has_credentials(const net::HttpRequest& request) {
  return request.headers.has("authorization") ||
         request.headers.get("cookie").find(HttpSignIn::kCookie) != std::string_view::npos;
}

void tell_who_asks(Query& query, Identity identity) {
  query.asker = std::move(identity.principal);
  query.password = identity.password;
}

}  // namespace

Server::Server(Services services, ServerOptions options)
    : services_(std::move(services)),
      options_(std::move(options)),
      sign_in_({.accepts = [this](const PrincipalName& name,
                                  std::string_view password) { return services_.credentials.accepts(name, password); },
                .holds =
                    [this](const Identity& identity) {
                      return services_.credentials.holds(identity.principal, identity.password);
                    },
                .version = [this] { return services_.credentials.version(); }},
               services_.clock),
      map_feed_([this](const PrincipalName& asker) { return services_.questions.map(asker); }, services_.clock),
      router_(make_routes()) {}

Server::~Server() { stop(); }
void Server::start() { map_feed_.start(); }
void Server::stop() { map_feed_.stop(); }

void Server::handle(net::HttpRequest request, net::HttpReply reply) {
  if (auto refused = refuse(request, options_.host_names)) return send(reply, std::move(*refused));
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (reads && is_console(request)) return send(reply, console_answer(request, embedded_console()));
  auto found = router_.find(request.method, request.segments);
  if (auto* match = std::get_if<Router::Match>(&found))
    return answer_route(std::move(*match), std::move(request), std::move(reply));
  if (const auto* wrong = std::get_if<Router::WrongMethod>(&found)) {
    auto response = problem(kWrongMethod, fmt::format("{} is not answered here", request.method), request.path);
    response.headers.add("Allow", wrong->allow);
    return send(reply, std::move(response));
  }
  send(reply, problem(kind_of(Code::NotFound), "there is nothing at this address", request.path));
}

bool Server::takes_large_body(const net::HttpRequest& request) const {
  const auto found = router_.find(request.method, request.segments);
  const auto* match = std::get_if<Router::Match>(&found);
  return match != nullptr && match->route->takes_large_body;
}

void Server::handle_metrics(net::HttpRequest request, net::HttpReply reply) {
  if (request.path != "/metrics")
    return send(reply, problem(kind_of(Code::NotFound), "only /metrics is served here", request.path));
  services_.blocking([this, reply = std::move(reply)]() mutable { send(reply, metrics()); });
}

Route Server::route(std::string_view method, std::string_view pattern, RouteAccess access, Answer answer) {
  auto handler = [this, answer = std::move(answer)](Query query, net::HttpReply reply) {
    services_.blocking(
        [query = std::move(query), reply = std::move(reply), &answer]() mutable { send(reply, answer(query)); });
  };
  return {method, pattern, access, std::move(handler)};
}

Route Server::folder_route(std::string_view pattern, net::HttpResponse (Server::*answer)(const Query&)) {
  auto handler = [this, answer](Query query, net::HttpReply reply) {
    services_.blocking([this, answer, query = std::move(query), reply = std::move(reply)]() mutable {
      const bool large = query.request.body.size() >= kLargeFolderBytes;
      send(reply, (this->*answer)(query));
      query = {};
      if (large) give_back_free_memory();
    });
  };
  return {"POST", pattern, RouteAccess::SignedIn, std::move(handler), true};
}

void Server::answer_route(Router::Match match, net::HttpRequest request, net::HttpReply reply) {
  const Route& route = *match.route;
  Query query{std::move(request), {}, 0, std::move(match.parameters)};
  if (route.access == RouteAccess::Open) return route.handler(std::move(query), std::move(reply));
  if (auto why = services_.unready()) return send(reply, problem(kind_of(Code::Unavailable), *why, query.request.path));
  if (!options_.dev_mode && services_.administration.needs_enrolment()) {
    return send(reply, problem(kNotEnrolled, "the first principal must be enrolled before anything is answered",
                               query.request.path));
  }
  if (route.access == RouteAccess::SigningIn) return route.handler(std::move(query), std::move(reply));
  sign_in_then(std::move(query), route, std::move(reply));
}

void Server::sign_in_then(Query query, const Route& route, net::HttpReply reply) {
  if (options_.dev_mode && query.request.is_loopback && !has_credentials(query.request)) {
    query.asker = kAnonymous;
    return route.handler(std::move(query), std::move(reply));
  }
  if (auto known = sign_in_.known(query.request)) {
    tell_who_asks(query, std::move(*known));
    return route.handler(std::move(query), std::move(reply));
  }
  auto login = basic_login(query.request.headers.get("authorization"));
  if (!login) return send(reply, unauthenticated(query.request, "the request carries no valid credentials"));
  services_.blocking(
      [this, query = std::move(query), &route, login = std::move(*login), reply = std::move(reply)]() mutable {
        auto identity = checked(login, query.request);
        if (!identity) {
          auto response = identity.error().code == Code::Unauthenticated
                              ? unauthenticated(query.request, identity.error().message)
                              : problem(identity.error(), query.request.path);
          return send(reply, std::move(response));
        }
        tell_who_asks(query, std::move(*identity));
        route.handler(std::move(query), std::move(reply));
      });
}

Result<Identity> Server::checked(const Login& login, const net::HttpRequest& request) {
  if (!request.is_tls && !request.is_loopback) {
    return fail(Code::Unauthenticated, "passwords are taken over TLS or loopback only");
  }
  if (checks_.fetch_add(1) >= kChecksAtOnce) {
    checks_.fetch_sub(1);
    return fail(Code::Unavailable, "too many people are signing in at once");
  }
  auto identity = sign_in_.check(login);
  checks_.fetch_sub(1);
  services_.audit.note({.time = services_.clock.wall(),
                        .kind = identity ? state::AuditKind::SignIn : state::AuditKind::RefusedSignIn,
                        .principal = login.principal.text(),
                        .operation = "sign in",
                        .resource = "http",
                        .result = identity ? "signed in" : "wrong name or password",
                        .peer = request.peer.host});
  if (!identity) return fail(Code::Unauthenticated, "the name or the password is wrong");
  return *std::move(identity);
}

net::HttpResponse Server::unauthenticated(const net::HttpRequest& request, std::string_view detail) const {
  auto response = problem(kind_of(Code::Unauthenticated), detail, request.path);
  // The console asks for the password itself; "Basic" would make the browser open a dialog over it.
  const bool from_page = request.headers.has("sec-fetch-mode") && request.headers.get("sec-fetch-mode") != "navigate";
  response.headers.add("WWW-Authenticate",
                       from_page ? R"(Session realm="Myelin")" : R"(Basic realm="Myelin", charset="UTF-8")");
  return response;
}

}  // namespace myelin::api
