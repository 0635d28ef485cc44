#include "transfer/source_connection.h"

#include <algorithm>
#include <array>

#include "kafka/error_code.h"

namespace myelin::transfer {
namespace {

struct Scheme {
  std::string_view name;
  bool tls;
  bool signs_in;
};
constexpr std::array kSchemes{Scheme{"plaintext", false, false}, Scheme{"ssl", true, false},
                              Scheme{"sasl_plaintext", false, true}, Scheme{"sasl_ssl", true, true}};
constexpr std::array kMechanisms{std::pair{std::string_view("PLAIN"), Mechanism::Plain},
                                 std::pair{std::string_view("SCRAM-SHA-256"), Mechanism::ScramSha256},
                                 std::pair{std::string_view("SCRAM-SHA-512"), Mechanism::ScramSha512}};
constexpr std::size_t kNonceSize = 24;

std::string_view name_of(Mechanism mechanism) {
  return std::ranges::find(kMechanisms, mechanism, &std::pair<std::string_view, Mechanism>::second)->first;
}

}  // namespace

Result<SourceOptions> SourceOptions::parse(std::string_view from) {
  SourceOptions options;
  auto address = from;
  if (const auto end = from.find("://"); end != std::string_view::npos) {
    const auto* scheme = std::ranges::find(kSchemes, from.substr(0, end), &Scheme::name);
    if (scheme == kSchemes.end()) {
      return fail(Code::Invalid,
                  "--from {}: protocol \"{}\" is unknown; use plaintext, ssl, sasl_plaintext or sasl_ssl", from,
                  from.substr(0, end));
    }
    if (scheme->tls) options.tls.emplace();
    if (scheme->signs_in) options.login.emplace();
    address.remove_prefix(end + 3);
  }
  auto endpoint = net::Endpoint::parse(address);
  if (!endpoint) return fail(Code::Invalid, "--from {}: {}", from, endpoint.error().message);
  options.server = *std::move(endpoint);
  return options;
}

Result<Mechanism> parse_mechanism(std::string_view name) {
  const auto* found = std::ranges::find(kMechanisms, name, &std::pair<std::string_view, Mechanism>::first);
  if (found != kMechanisms.end()) return found->second;
  return fail(Code::Invalid, "--mechanism {}: use PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512", name);
}

Result<SourceConnection> SourceConnection::open(const SourceOptions& options, const net::Endpoint& server) {
  net::FrameCallerOptions caller_options;
  caller_options.server = server;
  caller_options.tls = options.tls;
  auto caller = net::FrameCaller::connect(std::move(caller_options));
  if (!caller) return pass(caller);
  SourceConnection connection(*std::move(caller), server.text());
  if (auto learnt = connection.learn_versions(); !learnt) return pass(learnt);
  if (options.login) {
    if (auto signed_in = connection.sign_in(*options.login); !signed_in) return pass(signed_in);
  }
  return connection;
}

std::int16_t SourceConnection::version_of(kafka::ApiKey key, std::int16_t highest) const {
  const auto found = ranges_.find(key);
  if (found == ranges_.end()) return -1;
  const auto version = std::min(found->second.second, highest);
  return version < found->second.first ? std::int16_t{-1} : version;
}

Result<void> SourceConnection::learn_versions() {
  ranges_[kafka::ApiKey::ApiVersions] = {0, 0};
  auto answer = ask<kafka::ApiVersionsResponse>(kafka::ApiVersionsRequest{}, 0);
  if (!answer) return pass(answer);
  for (const auto& api : answer->api_keys) {
    ranges_[static_cast<kafka::ApiKey>(api.api_key)] = {api.min_version, api.max_version};
  }
  return {};
}

Result<kafka::Response> SourceConnection::exchange(const kafka::Request& request, std::int16_t highest) {
  const auto key = kafka::key_of(request);
  const auto version = version_of(key, highest);
  if (version < 0) {
    return fail(Code::Unsupported, "{}: API {} up to version {} is not served; Apache Kafka has it since 2.1", server_,
                std::to_underlying(key), highest);
  }
  kafka::RequestHeader header;
  header.api_key = std::to_underlying(key);
  header.api_version = version;
  header.correlation_id = next_correlation_++;
  header.client_id = "myelin-import";
  kafka::Writer out;
  header.encode(out);
  kafka::encode_request(request, version, out);
  auto frame = caller_.ask(out.finish());
  if (!frame) return pass(frame);
  kafka::Reader in(*std::move(frame));
  const auto answered = kafka::ResponseHeader::decode(in, key, version);
  if (!answered) return fail(answered.error().code, "{}: {}", server_, answered.error().message);
  if (answered->correlation_id != header.correlation_id) {
    return fail(Code::Corrupt, "{}: an answer to no request", server_);
  }
  auto response = kafka::decode_response(key, version, in);
  if (!response) return fail(response.error().code, "{}: {}", server_, response.error().message);
  return response;
}

Result<std::string> SourceConnection::sasl_round(std::string_view bytes) {
  kafka::SaslAuthenticateRequest request;
  request.auth_bytes = SharedBytes::copy_of(as_bytes(bytes));
  auto answer = ask<kafka::SaslAuthenticateResponse>(request, 1);
  if (!answer) return pass(answer);
  if (answer->error_code != 0) {
    return fail(Code::Unauthenticated, "{}: the sign-in was refused: {}", server_,
                answer->error_message.value_or("no reason given"));
  }
  return std::string(as_text(answer->auth_bytes.view()));
}

Result<void> SourceConnection::sign_in(const SourceLogin& login) {
  kafka::SaslHandshakeRequest handshake;
  handshake.mechanism = name_of(login.mechanism);
  const auto offered = ask<kafka::SaslHandshakeResponse>(handshake, 1);
  if (!offered) return std::unexpected(offered.error());
  if (offered->error_code != 0) {
    std::string names;
    for (const auto& name : offered->mechanisms) names += (names.empty() ? "" : ", ") + name;
    return fail(Code::Unauthenticated, "{}: {} is not offered, but {}; choose with --mechanism", server_,
                name_of(login.mechanism), names.empty() ? "nothing" : names);
  }
  if (login.mechanism == Mechanism::Plain) {
    using namespace std::string_literals;
    auto answer = sasl_round("\0"s + login.user + "\0"s + login.password);
    return answer ? Result<void>() : pass(answer);
  }
  const auto hash =
      login.mechanism == Mechanism::ScramSha256 ? governance::ScramHash::Sha256 : governance::ScramHash::Sha512;
  governance::ScramClient client(hash, {login.user, login.password}, governance::random_token(kNonceSize));
  const auto challenge = sasl_round(client.client_first());
  if (!challenge) return std::unexpected(challenge.error());
  const auto proof = client.client_final(*challenge);
  if (!proof) return fail(proof.error().code, "{}: {}", server_, proof.error().message);
  const auto verdict = sasl_round(*proof);
  if (!verdict) return std::unexpected(verdict.error());
  if (auto checked = client.check_server(*verdict); !checked) {
    return fail(checked.error().code, "{}: {}", server_, checked.error().message);
  }
  return {};
}

}  // namespace myelin::transfer
