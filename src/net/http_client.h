#pragma once
// A small blocking HTTP/1.1 client for the command line: one connection per request, no redirects, no proxies.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/endpoint.h"
#include "net/http_message.h"

namespace myelin::net {

struct HttpClientOptions {
  std::filesystem::path ca;  // PEM; trusted instead of the system's certificates
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{30'000};  // the whole exchange
  std::uint64_t body_bytes = 256 * 1024 * 1024;
};

struct HttpAnswer {
  int status = 0;
  HttpHeaders headers;
  std::string body;
};

class HttpClient {
 public:
  // `server` is "http://host[:port]" or "https://host[:port]", without a path.
  [[nodiscard]] static Result<HttpClient> create(std::string_view server, HttpClientOptions options = {});

  // An answer of any status is a success here. Errors are about reaching the server and say what to check:
  // "cannot reach http://127.0.0.1:8080: connection refused; is `myelin serve` running there?".
  [[nodiscard]] Result<HttpAnswer> get(std::string_view target, const HttpHeaders& headers = {}) const;
  [[nodiscard]] Result<HttpAnswer> post(std::string_view target, std::string_view content_type, std::string_view body,
                                        const HttpHeaders& headers = {}) const;
  [[nodiscard]] Result<HttpAnswer> request(std::string_view method, std::string_view target,
                                           std::string_view content_type, std::string_view body,
                                           const HttpHeaders& headers) const;

  // As request(), but the body of a 2xx answer goes to `part` piece by piece as it comes, and `body` stays empty. The
  // time-out runs from piece to piece.
  using Part = std::function<void(std::string_view)>;
  [[nodiscard]] Result<HttpAnswer> stream(std::string_view method, std::string_view target,
                                          std::string_view content_type, std::string_view body,
                                          const HttpHeaders& headers, const Part& part) const;

  // The same server, with another limit on the whole exchange.
  [[nodiscard]] HttpClient with_timeout(std::chrono::milliseconds timeout) const {
    HttpClient patient = *this;
    patient.options_.timeout = timeout;
    return patient;
  }

  // "http://127.0.0.1:8080", for messages.
  [[nodiscard]] const std::string& server() const { return url_; }

 private:
  HttpClient() = default;
  struct Exchange;

  std::string url_;
  Endpoint endpoint_;
  std::string host_header_;
  bool tls_ = false;
  HttpClientOptions options_;
};

}  // namespace myelin::net
