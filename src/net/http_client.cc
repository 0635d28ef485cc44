#include "net/http_client.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "net/http_header.h"
#include "net/http_parser.h"
#include "net/socket.h"
#include "net/tls_internal.h"
#include "net/transport.h"

namespace myelin::net {
namespace {

using Status = IoResult::Status;
using Deadline = std::chrono::steady_clock::time_point;

// Waits until the socket is ready; false when the deadline passed first.
bool wait_for(int descriptor, Status status, Deadline deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    pollfd wanted{descriptor, static_cast<short>(status == Status::WantRead ? POLLIN : POLLOUT), 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(std::min<std::int64_t>(left, 3'600'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

double seconds(std::chrono::milliseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

// One request and its answer, on a connection of its own.
struct HttpClient::Exchange {
  const HttpClient& client;
  std::unique_ptr<Transport> transport;
  Deadline deadline;

  [[nodiscard]] std::unexpected<Error> unreachable(Code code, std::string_view why) const {
    return fail(code, "cannot reach {}: {}", client.url_, why);
  }
  [[nodiscard]] std::unexpected<Error> too_slow() const {
    return unreachable(Code::Timeout, fmt::format("no answer within {} s; the server may be overloaded",
                                                  seconds(client.options_.timeout)));
  }

  Result<void> connect() {
    auto socket = connect_to(client.endpoint_);
    if (!socket) {
      if (socket.error().code == Code::NotFound) return pass(socket);
      return refused(socket.error().message);
    }
    const auto until = std::min(deadline, std::chrono::steady_clock::now() + client.options_.connect_timeout);
    if (!wait_for(socket->get(), Status::WantWrite, until)) {
      return unreachable(Code::Timeout,
                         fmt::format("no answer within {} s; check the address and the firewalls between",
                                     seconds(client.options_.connect_timeout)));
    }
    if (const int error = connect_error(socket->get()); error != 0) return refused(std::strerror(error));
    if (!client.tls_) {
      transport = plain_transport(std::move(*socket));
      return {};
    }
    auto context = client_tls_context(client.options_.ca);
    if (!context) return pass(context);
    transport = tls_client_transport(std::move(*socket), *context, client.endpoint_.host);
    return shake_hands();
  }

  [[nodiscard]] std::unexpected<Error> refused(std::string_view reason) const {
    if (reason.find(std::strerror(ECONNREFUSED)) != std::string_view::npos) {
      return unreachable(Code::Unavailable, "connection refused; is `myelin serve` running there?");
    }
    return unreachable(Code::Unavailable, reason);
  }

  Result<void> shake_hands() {
    for (;;) {
      const auto result = transport->handshake();
      if (result.status == Status::Done) return {};
      if (result.status == Status::Ended) return unreachable(Code::Unavailable, "the server ended the TLS handshake");
      if (result.status == Status::Failed) return explain_tls(transport->failure());
      if (!wait_for(transport->descriptor(), result.status, deadline)) return too_slow();
    }
  }

  [[nodiscard]] std::unexpected<Error> explain_tls(const std::string& failure) const {
    std::string_view advice = "check the server's certificate with `myelin doctor`";
    if (failure.find("wrong version") != std::string::npos || failure.find("packet length") != std::string::npos) {
      advice = "does it speak http:// instead?";
    } else if (failure.find("mismatch") != std::string::npos) {
      advice = "use a host name that is in the server's certificate";
    } else if (failure.find("issuer") != std::string::npos || failure.find("self-signed") != std::string::npos) {
      advice = "give the PEM file of the authority that signed it";
    }
    return unreachable(Code::Unavailable, fmt::format("TLS: {}; {}", failure, advice));
  }

  Result<void> send(std::string_view message) {
    while (!message.empty()) {
      const iovec part{const_cast<char*>(message.data()), message.size()};
      const auto result = transport->write({&part, 1}, false);
      if (result.status == Status::Done) {
        message.remove_prefix(result.bytes);
      } else if (result.status == Status::WantRead || result.status == Status::WantWrite) {
        if (!wait_for(transport->descriptor(), result.status, deadline)) return too_slow();
      } else {
        // The server may have refused a large body by an answer that can still be read.
        return {};
      }
    }
    return {};
  }

  // Hands over what came, unless the answer is a refusal that is wanted whole.
  void hand_over(HttpResponseParser& parser, const Part& part) {
    if (!part || !parser.has_headers() || parser.status() >= 300) return;
    deadline = std::chrono::steady_clock::now() + client.options_.timeout;
    if (const auto body = parser.take_body(); !body.empty()) part(body);
  }

  Result<HttpAnswer> receive(bool head, const Part& part) {
    HttpResponseParser parser(client.options_.body_bytes, head);
    std::array<std::byte, 16384> space{};
    bool anything = false;
    for (;;) {
      const auto result = transport->read(space);
      auto state = HttpResponseParser::State::Incomplete;
      if (result.status == Status::Done) {
        anything = true;
        state = parser.add(as_text(ByteSpan(space.data(), result.bytes)));
        if (state != HttpResponseParser::State::Bad) hand_over(parser, part);
      } else if (result.status == Status::WantRead || result.status == Status::WantWrite) {
        if (!wait_for(transport->descriptor(), result.status, deadline)) return too_slow();
        continue;
      } else if (!anything) {
        return unreachable(Code::Unavailable,
                           client.tls_
                               ? "the server closed the connection without an answer"
                               : "the server closed the connection without an answer; does it speak https:// instead?");
      } else {
        state = parser.end();
      }
      if (state == HttpResponseParser::State::Bad) {
        return fail(Code::Invalid, "{} answered something that is not HTTP ({}); is this Myelin's HTTP address?",
                    client.url_, parser.problem());
      }
      if (state == HttpResponseParser::State::Complete) {
        HttpAnswer answer{parser.status(), parser.headers(), {}};
        answer.body = parser.take_body();
        return answer;
      }
    }
  }
};

Result<HttpClient> HttpClient::create(std::string_view server, HttpClientOptions options) {
  HttpClient client;
  auto rest = server;
  if (rest.starts_with("https://")) {
    client.tls_ = true;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return fail(Code::Invalid, "server \"{}\" is not a URL; write http://HOST:PORT or https://HOST:PORT", server);
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.empty() || rest.find_first_of("/?#@ ") != std::string_view::npos) {
    return fail(Code::Invalid,
                "server \"{}\": expected only a host and a port after the scheme, for example http://127.0.0.1:8080",
                server);
  }
  client.host_header_ = rest;
  // An IPv6 host has colons of its own, inside brackets.
  const auto after_brackets = rest.substr(rest.find(']') == std::string_view::npos ? 0 : rest.find(']'));
  const bool has_port = after_brackets.find(':') != std::string_view::npos;
  auto endpoint = Endpoint::parse(has_port ? std::string(rest) : fmt::format("{}:{}", rest, client.tls_ ? 443 : 80));
  if (!endpoint) return pass(endpoint);
  client.endpoint_ = std::move(*endpoint);
  client.url_ = fmt::format("{}://{}", client.tls_ ? "https" : "http", rest);
  client.options_ = std::move(options);
  return client;
}

Result<HttpAnswer> HttpClient::request(std::string_view method, std::string_view target, std::string_view content_type,
                                       std::string_view body, const HttpHeaders& headers) const {
  return stream(method, target, content_type, body, headers, {});
}

Result<HttpAnswer> HttpClient::stream(std::string_view method, std::string_view target, std::string_view content_type,
                                      std::string_view body, const HttpHeaders& headers, const Part& part) const {
  ignore_broken_pipes();
  Exchange exchange{*this, nullptr, std::chrono::steady_clock::now() + options_.timeout};
  if (auto connected = exchange.connect(); !connected) return pass(connected);
  auto message = fmt::format("{} {} HTTP/1.1\r\n", method, target);
  append_header(message, "Host", host_header_);
  append_header(message, "Connection", "close");
  append_header(message, "User-Agent", "myelin");
  if (!content_type.empty()) append_header(message, "Content-Type", content_type);
  if (!body.empty() || method == "POST" || method == "PUT")
    append_header(message, "Content-Length", std::to_string(body.size()));
  for (const auto& [name, value] : headers) append_header(message, name, value);
  message += "\r\n";
  message += body;
  if (auto sent = exchange.send(message); !sent) return pass(sent);
  return exchange.receive(method == "HEAD", part);
}

Result<HttpAnswer> HttpClient::get(std::string_view target, const HttpHeaders& headers) const {
  return request("GET", target, "", "", headers);
}

Result<HttpAnswer> HttpClient::post(std::string_view target, std::string_view content_type, std::string_view body,
                                    const HttpHeaders& headers) const {
  return request("POST", target, content_type, body, headers);
}

}  // namespace myelin::net
