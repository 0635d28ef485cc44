#include "api/problem.h"

#include "api/json_object.h"

namespace myelin::api {

ProblemKind kind_of(Code code) {
  switch (code) {
    case Code::Invalid:
      return {400, "invalid", "The request is wrong and will stay wrong", "see docs/reference/openapi.json"};
    case Code::Unauthenticated:
      return {401, "unauthenticated", "Nobody is signed in",
              "sign in; programs set MYELIN_USER and MYELIN_PASSWORD_FILE, or send Basic credentials"};
    case Code::Denied:
      return {403, "denied", "The principal may not do this", "ask the owner: myelin who NAME; or the platform squad"};
    case Code::NotFound:
      return {404, "not_found", "The named thing does not exist", "myelin topics, myelin who NAME"};
    case Code::Exists:
      return {409, "exists", "It exists already, or its state does not allow this", "myelin principal list"};
    case Code::TooLarge:
      return {413, "too_large", "A stated limit was exceeded", "send less"};
    case Code::Unsupported:
      return {501, "unsupported", "This is not served", "see docs/compatibility.md"};
    case Code::Unavailable:
      return {503, "unavailable", "Starting, stopping or full", "try again in a moment"};
    case Code::Timeout:
      return {504, "timeout", "The answer took too long", "try again; myelin doctor if it persists"};
    case Code::Corrupt:
      return {500, "corrupt", "Stored bytes fail their check", "myelin doctor, and the server's log"};
    case Code::Io:
      return {500, "io", "The operating system refused", "myelin doctor, and the server's log"};
  }
  return {500, "internal", "The server made a mistake", "look into the server's log"};
}

int status_of(Code code) { return kind_of(code).status; }

net::HttpResponse problem(const ProblemKind& kind, std::string_view detail, std::string_view instance) {
  auto body = JsonObject()
                  .text("type", "/problems/" + std::string(kind.name))
                  .text("title", kind.title)
                  .number("status", kind.status)
                  .text("detail", detail)
                  .text("instance", instance)
                  .text("next", kind.next)
                  .node();
  return net::http_response(kind.status, "application/problem+json", document::json(body) + "\n");
}

net::HttpResponse problem(const Error& error, std::string_view instance) {
  return problem(kind_of(error.code), error.message, instance);
}

}  // namespace myelin::api
