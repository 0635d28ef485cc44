#include "api/request_guard.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

#include "api/problem.h"
#include "net/endpoint.h"

namespace myelin::api {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

// "example.org:8080" → "example.org", "[::1]:8080" → "::1"
std::string name_of(std::string_view host) {
  if (host.starts_with('[')) return lower(host.substr(1, host.find(']') - 1));
  return lower(host.substr(0, host.find(':')));
}

bool is_ours(const net::HttpRequest& request, const HostNames& names) {
  const std::string name = name_of(request.host());
  if (request.is_loopback && net::is_loopback(name)) return true;
  return std::any_of(names.begin(), names.end(), [&](const std::string& ours) { return lower(ours) == name; });
}

bool is_json(std::string_view content_type) {
  const std::string type = lower(content_type.substr(0, content_type.find(';')));
  const auto end = type.find_last_not_of(' ');
  const auto trimmed = std::string_view(type).substr(0, end == std::string::npos ? 0 : end + 1);
  return trimmed == "application/json" || (trimmed.starts_with("application/") && trimmed.ends_with("+json"));
}

bool is_same_origin(const net::HttpRequest& request) {
  const auto& headers = request.headers;
  if (headers.has("origin")) {
    return lower(headers.get("origin")) ==
           fmt::format("{}://{}", request.is_tls ? "https" : "http", lower(request.host()));
  }
  // Browsers name the origin of every changing request; what comes without one is a program, unless it says otherwise.
  const auto site = headers.get("sec-fetch-site");
  return site.empty() || site == "same-origin" || site == "none";
}

}  // namespace

std::optional<net::HttpResponse> refuse(const net::HttpRequest& request, const HostNames& names) {
  if (!is_ours(request, names)) {
    return problem(kWrongHost, fmt::format("the Host header says '{}'", request.host()), request.path);
  }
  if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
  if (!is_same_origin(request)) {
    return problem(kWrongOrigin, fmt::format("the Origin is '{}', expected this server", request.headers.get("origin")),
                   request.path);
  }
  const bool has_body = !request.body.empty() || request.method != "DELETE";
  if (has_body && !is_json(request.headers.get("content-type"))) {
    return problem(kWrongContentType, fmt::format("the Content-Type is '{}'", request.headers.get("content-type")),
                   request.path);
  }
  return std::nullopt;
}

void add_security_headers(net::HttpResponse& response) {
  const auto add = [&](const char* name, const char* value) {
    if (!response.headers.has(name)) response.headers.add(name, value);
  };
  add("Content-Security-Policy",
      "default-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'");
  add("X-Content-Type-Options", "nosniff");
  add("Referrer-Policy", "no-referrer");
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Cross-Origin-Resource-Policy", "same-origin");
  add("Cache-Control", "no-store");
}

bool accepts_html(const net::HttpRequest& request) {
  return lower(request.headers.get("accept")).find("text/html") != std::string::npos;
}

}  // namespace myelin::api
