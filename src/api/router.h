#pragma once
// Which handler answers a method and path. Patterns are paths whose segments may be parameters:
// "/api/v1/who/{kind}/{name}".
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "net/http_server.h"

namespace myelin::api {

// One authorised-to-ask request on its way to its handler.
struct Query {
  net::HttpRequest request;
  PrincipalName asker;                                         // empty where nobody need be known
  std::uint64_t password = 0;                                  // the asker signed in with; 0: none was needed
  std::map<std::string, std::string, std::less<>> parameters;  // of the path
  [[nodiscard]] const std::string& parameter(std::string_view name) const { return parameters.find(name)->second; }
};

enum class RouteAccess {
  Open,       // everyone, also before enrolment
  SigningIn,  // everyone, once somebody is enrolled
  SignedIn,   // a known principal; what it may see is decided further in
};

struct Route {
  std::string_view method;
  std::string_view pattern;
  RouteAccess access = RouteAccess::SignedIn;
  std::function<void(Query, net::HttpReply)> handler;
  bool takes_large_body = false;  // a whole folder of documents
};

class Router {
 public:
  explicit Router(std::vector<Route> routes) : routes_(std::move(routes)) {}

  struct Match {
    const Route* route = nullptr;
    std::map<std::string, std::string, std::less<>> parameters;
  };
  struct NoSuchPath {};
  struct WrongMethod {
    std::string allow;  // as the header wants it: "GET, HEAD, POST"
  };
  // HEAD is answered by GET.
  [[nodiscard]] std::variant<Match, NoSuchPath, WrongMethod> find(std::string_view method,
                                                                  const std::vector<std::string>& segments) const;
  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace myelin::api
