// Signing in, from the frame to the principal: a connection of the gate over the real path and real credentials, and a
// client that knows right answers and spoils them. Nobody is ever signed in without the exact proof of a password,
// whoever sends it is, nothing else is answered before, and nothing grows with what strangers send.
//
// Input: one byte (bit 0: the listener has TLS), then steps of a kind, a length (two bytes) and as many bytes:
//   0 a frame as it comes     1 bytes as the next message of the mechanism
//   2 SaslHandshake           first byte: bit 0 version, bits 1 and 2 mechanism
//   3 SCRAM, first message    first byte: user; then edits
//   4 SCRAM, final message    first byte: user, bit 7 repeats the nonce; then edits
//   5 PLAIN                   first byte: user; then edits
//   6 Metadata
// An edit is three bytes: position, what (0 xor, 1 insert, 2 erase), value.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/base64.h"
#include "base/check.h"
#include "base/log.h"
#include "fuzz/scram_client.h"
#include "gate/connection.h"
#include "governance/durable_state.h"
#include "model/model.h"

namespace myelin::fuzz {
namespace {

using kafka::ApiKey;

constexpr std::size_t kAnswerBeforeSignInMax = 8192;
constexpr std::size_t kFrameMax = std::size_t{64} * 1024;  // net's limit before authentication

struct User {
  const char* name;
  const char* password;
};
// The one with two passwords is in the middle of a rotation; the last is nobody.
constexpr std::array kUsers{User{"till", "correct horse"}, User{"scan,no=2", "battery staple"},
                            User{"ada", "the old password"}, User{"ada", "the new password"},
                            User{"ghost", "whatever it is"}};
constexpr std::array kMechanisms{"SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN", "OAUTHBEARER"};

// Keeps nothing: what sign-ins leave in memory must be bounded without it.
class ForgetfulLog final : public engine::InternalLog {
 public:
  Result<void> open(const TopicName&, engine::InternalCleanup) override { return {}; }
  void append(const TopicName&, std::vector<engine::InternalRecord>, Durable durable) override { durable({}); }
  Result<void> replay(const TopicName&, const Sink&) const override { return {}; }
};

// Answers Metadata with nothing, and counts.
class CountingEngine final : public engine::Engine {
 public:
  std::vector<engine::ApiRange> served() const override { return {{ApiKey::Metadata, 1, 12}}; }
  void handle(engine::Call, kafka::Request, engine::Reply reply) override {
    ++calls;
    engine::Outcome outcome;
    outcome.response = kafka::MetadataResponse();
    reply(std::move(outcome));
  }
  Result<void> replay_appends(const AppendSink&) const override { return {}; }
  Result<void> replay_consumed(const ConsumedSink&) const override { return {}; }
  std::size_t calls = 0;
};

// Everything behind the connections, made once.
struct Server {
  Server()
      : state(governance::DurableState::open(log, engine, clock).value()),
        policy(std::make_shared<const model::Model>(), {}),
        path(engine, policy, *state.credentials, *state.quotas, *state.grants, *state.rule_counts, *state.measurement,
             *state.audit, clock, {}) {
    log::set_level(log::Level::Error);
    CHECK(state.credentials->add(PrincipalName(kUsers[0].name), kUsers[0].password));
    CHECK(state.credentials->add(PrincipalName(kUsers[1].name), kUsers[1].password));
    CHECK(state.credentials->add(PrincipalName(kUsers[2].name), kUsers[2].password));
    CHECK(state.credentials->rotate(PrincipalName(kUsers[3].name), kUsers[3].password));
    for (const auto& user : kUsers) {
      for (const auto hash : {governance::ScramHash::Sha256, governance::ScramHash::Sha512}) {
        for (const auto& known : state.credentials->verifiers(PrincipalName(user.name), hash)) {
          salts.insert(base64_encode(known.verifier.salt));
        }
      }
    }
  }
  ManualClock clock;
  ForgetfulLog log;
  CountingEngine engine;
  governance::DurableState state;
  governance::PolicyHolder policy;
  governance::Path path;
  std::set<std::string> salts;  // of users there are, as challenges show them
};

// The peer's end of a connection without sockets.
class Wire final : public net::FrameConnection {
 public:
  explicit Wire(bool is_tls) : is_tls_(is_tls) {}

  void send(PayloadChain body) override {
    CHECK(!closed);
    std::string frame;
    for (const auto& part : body) frame += as_text(std::get<SharedBytes>(part).view());
    if (!signed_in) CHECK(frame.size() <= kAnswerBeforeSignInMax);
    answers.push_back(std::move(frame));
  }
  void authenticated() override { signed_in = true; }
  void pause_reading() override { reading = false; }
  void resume_reading() override { reading = true; }
  void close(std::string_view) override { closed = true; }
  void finish(std::string_view) override { closed = true; }
  void run_on_loop(net::Task task) override { task(); }
  net::Loop& loop() override { check_failed("a timer before sign-in", __FILE__, __LINE__); }
  const net::Endpoint& peer_address() const override { return address_; }
  const net::Endpoint& local_address() const override { return address_; }
  const std::optional<net::PeerCertificate>& peer_certificate() const override { return certificate_; }
  bool is_tls() const override { return is_tls_; }

  std::vector<std::string> answers;
  bool signed_in = false;
  bool closed = false;
  bool reading = true;

 private:
  bool is_tls_;
  net::Endpoint address_{"127.0.0.1", 9092};
  std::optional<net::PeerCertificate> certificate_;
};

class Input {
 public:
  explicit Input(std::string_view bytes) : rest_(bytes) {}
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::string_view bytes(std::size_t size) {
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view rest_;
};

std::string edited(std::string text, Input edits) {
  while (!edits.empty()) {
    const std::size_t position = edits.byte();
    const auto what = edits.byte() % 3;
    const auto value = static_cast<char>(edits.byte());
    if (what == 1) {
      text.insert(std::min(position, text.size()), 1, value);
    } else if (position < text.size()) {
      if (what == 0) text[position] = static_cast<char>(text[position] ^ value);
      if (what == 2) text.erase(position, 1);
    }
  }
  return text;
}

class Attempt {
 public:
  Attempt(Server& server, ScramClient& client, bool is_tls)
      : server_(server), client_(client), is_tls_(is_tls), wire_(std::make_shared<Wire>(is_tls)) {
    gate::ConnectionOptions options;
    options.security = is_tls ? governance::Security::SaslSsl : governance::Security::SaslPlaintext;
    connection_ = std::make_shared<gate::Connection>(server_.path, options, wire_);
    connection_->on_open();
    CHECK(!wire_->signed_in && !wire_->closed);
  }
  ~Attempt() { connection_->on_close(net::CloseReason::PeerClosed); }

  [[nodiscard]] bool is_over() const { return wire_->closed || wire_->signed_in; }

  void step(int kind, std::string_view payload) {
    Input input(payload);
    switch (kind) {
      case 0:
        frame_as_it_comes(payload);
        break;
      case 1:
        message(payload, is_right_plain(payload));
        break;
      case 2:
        handshake(input.byte());
        break;
      case 3:
        scram_first(kUsers[input.byte() % kUsers.size()], input);
        break;
      case 4:
        scram_final(input);
        break;
      case 5:
        plain(kUsers[input.byte() % kUsers.size()], input);
        break;
      default:
        request(ApiKey::Metadata, 1, kafka::MetadataRequest());
        break;
    }
  }

  // Whoever is signed in is answered; until then nothing reaches the engine.
  void close_with_a_question() {
    const auto before = server_.engine.calls;
    const bool signed_in = wire_->signed_in;
    if (wire_->closed || (takes_raw_tokens_ && !signed_in)) return;
    const auto answered = wire_->answers.size();
    request(ApiKey::Metadata, 1, kafka::MetadataRequest());
    CHECK(wire_->closed != signed_in);
    CHECK(server_.engine.calls == before + (signed_in ? 1 : 0));
    CHECK(wire_->answers.size() == answered + (signed_in ? 1 : 0));
  }

 private:
  // `may` sign in: the frame holds a right proof. `must`: nothing may come in its way.
  void frame(std::string bytes, bool may, bool must) {
    CHECK(wire_->reading);
    const auto calls = server_.engine.calls;
    connection_->on_frame(SharedBytes::copy_of(as_bytes(bytes)));
    if (wire_->signed_in) CHECK(may);
    if (must) CHECK(wire_->signed_in && !wire_->closed);
    CHECK(server_.engine.calls == calls);
  }

  void request(ApiKey key, std::int16_t version, const kafka::Request& request) {
    connection_->on_frame(SharedBytes::copy_of(as_bytes(encoded(key, version, request))));
  }

  static std::string encoded(ApiKey key, std::int16_t version, const kafka::Request& request) {
    kafka::Writer writer;
    kafka::RequestHeader{static_cast<std::int16_t>(key), version, 7, "fuzz", {}}.encode(writer);
    kafka::encode_request(request, version, writer);
    const auto bytes = writer.finish_flat();
    return std::string(as_text(bytes));
  }

  void frame_as_it_comes(std::string_view bytes) {
    bool may = false;
    if (is_tls_) {
      for (const auto& user : kUsers) {
        const auto proof = std::string(1, '\0') + user.name + std::string(1, '\0') + user.password;
        may = may || bytes.find(proof) != std::string_view::npos;
      }
    }
    const auto answered = wire_->answers.size();
    frame(std::string(bytes.substr(0, kFrameMax)), may, false);
    constexpr std::string_view kHandshakes("\0\x11\0", 3);
    if (!takes_raw_tokens_ && bytes.starts_with(kHandshakes) && bytes.size() > 3 && wire_->answers.size() > answered) {
      // The answer: correlation id, error code, ...
      const bool accepted = wire_->answers.back().substr(4, 2) == std::string_view("\0\0", 2);
      takes_raw_tokens_ = accepted && bytes[3] == 0;
    }
    round_.reset();
    mechanism_ = {};
  }

  void handshake(std::uint8_t choice) {
    const auto version = static_cast<std::int16_t>(choice & 1);
    const std::string_view mechanism = kMechanisms[choice >> 1 & 3];
    kafka::SaslHandshakeRequest body;
    body.mechanism = mechanism;
    frame_as_it_comes(encoded(ApiKey::SaslHandshake, version, body));
    is_512_ = mechanism == "SCRAM-SHA-512";
    mechanism_ = mechanism;
  }

  void message(std::string_view token, bool is_right, bool must = false) {
    if (takes_raw_tokens_) {
      frame(std::string(token.substr(0, kFrameMax)), is_right, must);
      return;
    }
    kafka::SaslAuthenticateRequest body;
    body.auth_bytes = SharedBytes::copy_of(as_bytes(token.substr(0, kFrameMax)));
    frame(encoded(ApiKey::SaslAuthenticate, 1, body), is_right, must);
  }

  // What the server said last, as the mechanism sees it.
  [[nodiscard]] std::string challenge() const {
    if (wire_->answers.empty()) return {};
    const auto& answer = wire_->answers.back();
    if (takes_raw_tokens_) return answer;
    // Correlation id, error code, no error message, length of the bytes, the bytes, lifetime of the session.
    constexpr std::size_t kBefore = 4 + 2 + 2;
    if (answer.size() < kBefore + 4) return {};
    const auto length = load_big_endian<std::int32_t>(as_bytes(answer).data() + kBefore);
    return answer.substr(kBefore + 4, static_cast<std::size_t>(length));
  }

  // As far as the client knows: a handshake that came as a frame of its own tells it nothing.
  [[nodiscard]] bool is_scram() const { return mechanism_.starts_with("SCRAM"); }

  void scram_first(const User& user, const Input& edits) {
    const auto right = ScramClient::client_first(user.name, "fyko+d2lbbFgONRv9qkxdawL");
    const auto sent = edited(right, edits);
    const auto answered = wire_->answers.size();
    message(sent, false);
    round_.reset();
    if (wire_->closed || wire_->answers.size() == answered) return;
    round_ = {sent, challenge()};
    claimed_ = sent == right ? user.name : "";
    // An unknown user is not told apart: the challenge has the same form.
    if (is_scram()) CHECK(!scram_attribute(round_->server_first, 's').empty());
  }

  void scram_final(Input& input) {
    const auto choice = input.byte();
    const auto& user = kUsers[(choice & 127) % kUsers.size()];
    // Deriving a key takes milliseconds and is in vain where there is no password.
    if (!round_ || !server_.salts.contains(scram_attribute(round_->server_first, 's'))) {
      const auto nonce = round_ ? scram_attribute(round_->server_first, 'r') : std::string();
      message(edited("c=biws,r=" + nonce + ",p=" + std::string(43, 'A') + "=", input), false);
      return;
    }
    const auto right = client_.client_final(*round_, user.password, is_512_, (choice & 128) != 0);
    const auto sent = edited(right, input);
    const bool is_known = &user != &kUsers.back();
    message(sent, is_known && sent == right, is_known && is_scram() && sent == right && claimed_ == user.name);
    if (wire_->signed_in) CHECK(server_.state.audit->newest(1).front().principal == user.name);
    round_.reset();
  }

  void plain(const User& user, const Input& edits) {
    const auto right = std::string(1, '\0') + user.name + std::string(1, '\0') + user.password;
    const auto sent = edited(right, edits);
    const bool is_known = &user != &kUsers.back();
    message(sent, is_right_plain(sent), is_known && is_tls_ && mechanism_ == "PLAIN" && sent == right);
    round_.reset();
  }

  // [name] NUL name NUL password, where TLS hides it.
  [[nodiscard]] bool is_right_plain(std::string_view message) const {
    return is_tls_ && std::any_of(kUsers.begin(), kUsers.end() - 1, [&](const User& user) {
             const std::string nul(1, '\0');
             const auto proof = nul + user.name + nul + user.password;
             return message == proof || message == user.name + proof;
           });
  }

  Server& server_;
  ScramClient& client_;
  bool is_tls_;
  std::shared_ptr<Wire> wire_;
  std::shared_ptr<gate::Connection> connection_;
  bool takes_raw_tokens_ = false;
  bool is_512_ = false;
  std::string_view mechanism_;
  std::optional<ScramClient::FirstRound> round_;
  std::string claimed_;
};

}  // namespace
}  // namespace myelin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace myelin::fuzz;
  static Server server;
  static ScramClient client;
  if (size == 0) return 0;
  Input input({reinterpret_cast<const char*>(data), size});
  Attempt attempt(server, client, (input.byte() & 1) != 0);
  while (!input.empty() && !attempt.is_over()) {
    const int kind = input.byte() % 7;
    const auto high = input.byte();
    const auto length = static_cast<std::size_t>(high) << 8 | input.byte();
    attempt.step(kind, input.bytes(length));
  }
  attempt.close_with_a_question();
  for (const auto& record : server.state.audit->newest(1)) {
    CHECK(record.principal.size() <= myelin::governance::kPrincipalLengthMax);
  }
  return 0;
}
