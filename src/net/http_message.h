#pragma once
// HTTP/1.1 messages as plain values, shared by server and client.
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "net/endpoint.h"

namespace myelin::net {

// Header fields in order. Names compare without case.
class HttpHeaders {
 public:
  HttpHeaders() = default;
  HttpHeaders(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  // The first value under `name`; empty when there is none.
  [[nodiscard]] std::string_view get(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct HttpRequest {
  std::string method;  // as sent: "GET"; a HEAD request is handled like GET and its body is left out by the server
  std::string target;  // as sent: "/api/v1/usage?by=squad"
  std::string path;    // percent-decoded, without the query: "/api/v1/usage"; starts with '/'
  std::vector<std::string> segments;  // of the path, each decoded by itself, so a name may contain '/' (as %2F)
  std::map<std::string, std::string, std::less<>> query;  // decoded, '+' is a space; the last of equal names wins
  HttpHeaders headers;
  std::string body;
  Endpoint peer;
  bool is_loopback = false;  // the peer is this machine
  bool is_tls = false;

  [[nodiscard]] std::string_view host() const { return headers.get("host"); }
};

struct HttpResponse {
  int status = 200;
  std::string content_type;  // empty: no such header
  HttpHeaders headers;       // Content-Length, Connection and Date are the server's business
  SharedBytes body;
};

// A body, or a whole response, from text.
[[nodiscard]] SharedBytes http_body(std::string text);
[[nodiscard]] HttpResponse http_response(int status, std::string content_type, std::string body);

// "Not Found" for 404; "Unknown" for what HTTP does not name.
[[nodiscard]] std::string_view http_reason(int status);

}  // namespace myelin::net
