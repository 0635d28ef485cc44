#include "net/http_client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "net/blocking_stream.h"
#include "net/http_header.h"
#include "net/http_parser.h"

namespace myelin::net {
namespace {

double seconds(std::chrono::milliseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

// One request and its answer, on a connection of its own.
struct HttpClient::Exchange {
  const HttpClient& client;
  BlockingDeadline deadline;
  std::optional<BlockingStream> stream;

  [[nodiscard]] std::unexpected<Error> unreachable(Code code, std::string_view why) const {
    return fail(code, "cannot reach {}: {}", client.url_, why);
  }
  [[nodiscard]] std::unexpected<Error> too_slow() const {
    return unreachable(Code::Timeout, fmt::format("no answer within {} s; the server may be overloaded",
                                                  seconds(client.options_.timeout)));
  }

  Result<void> connect() {
    const auto until = std::min(deadline, std::chrono::steady_clock::now() + client.options_.connect_timeout);
    const auto tls = client.tls_ ? std::optional(TlsClientFiles{client.options_.ca, {}, {}}) : std::nullopt;
    auto connected = BlockingStream::connect({client.endpoint_, tls, until, deadline});
    if (!connected) return explain(connected.error());
    stream.emplace(*std::move(connected));
    return {};
  }

  [[nodiscard]] std::unexpected<Error> explain(const Error& error) const {
    std::string_view why = error.message;
    if (why.starts_with(BlockingStream::kTlsFault)) {
      return explain_tls(std::string(why.substr(BlockingStream::kTlsFault.size())));
    }
    if (error.code == Code::Timeout) {
      return unreachable(Code::Timeout,
                         fmt::format("no answer within {} s; check the address and the firewalls between",
                                     seconds(client.options_.connect_timeout)));
    }
    if (error.code != Code::Unavailable && error.code != Code::Io) return std::unexpected(error);
    if (why.find(std::strerror(ECONNREFUSED)) != std::string_view::npos) {
      return unreachable(Code::Unavailable, "connection refused; is `myelin serve` running there?");
    }
    return unreachable(Code::Unavailable, why);
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
    auto sent = stream->send(as_bytes(message), deadline);
    // The server may have refused a large body by an answer that can still be read.
    return sent || sent.error().code == Code::Unavailable ? Result<void>() : too_slow();
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
      const auto received = stream->receive(space, deadline);
      if (!received) return too_slow();
      auto state = HttpResponseParser::State::Incomplete;
      if (*received > 0) {
        anything = true;
        state = parser.add(as_text(ByteSpan(space.data(), *received)));
        if (state != HttpResponseParser::State::Bad) hand_over(parser, part);
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
  Exchange exchange{*this, std::chrono::steady_clock::now() + options_.timeout, std::nullopt};
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
