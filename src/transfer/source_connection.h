#pragma once
// A signed-in connection to one broker of the Kafka cluster that is copied. Asks and waits.
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "governance/scram.h"
#include "kafka/messages.h"
#include "net/frame_caller.h"

namespace myelin::transfer {

enum class Mechanism : std::uint8_t { Plain, ScramSha256, ScramSha512 };

struct SourceLogin {
  Mechanism mechanism = Mechanism::ScramSha512;
  std::string user;
  std::string password;
};

struct SourceOptions {
  net::Endpoint server;
  std::optional<net::TlsClientFiles> tls;
  std::optional<SourceLogin> login;

  // "[plaintext|ssl|sasl_plaintext|sasl_ssl]://HOST:PORT", or HOST:PORT for plaintext. What is behind tls and login is
  // for the caller to fill in.
  [[nodiscard]] static Result<SourceOptions> parse(std::string_view from);
};
[[nodiscard]] Result<Mechanism> parse_mechanism(std::string_view name);

class SourceConnection {
 public:
  // To `server`, with everything else as the options say.
  [[nodiscard]] static Result<SourceConnection> open(const SourceOptions& options, const net::Endpoint& server);

  // In the highest version that both know, at most `highest`.
  template <typename Response, typename Request>
  [[nodiscard]] Result<Response> ask(const Request& request, std::int16_t highest) {
    auto response = exchange(kafka::Request(request), highest);
    if (!response) return pass(response);
    return std::get<Response>(*std::move(response));
  }
  // -1 when the broker has no such API.
  [[nodiscard]] std::int16_t version_of(kafka::ApiKey key, std::int16_t highest) const;
  [[nodiscard]] const std::string& server() const { return server_; }

 private:
  SourceConnection(net::FrameCaller caller, std::string server)
      : caller_(std::move(caller)), server_(std::move(server)) {}
  [[nodiscard]] Result<kafka::Response> exchange(const kafka::Request& request, std::int16_t highest);
  [[nodiscard]] Result<void> learn_versions();
  [[nodiscard]] Result<void> sign_in(const SourceLogin& login);
  [[nodiscard]] Result<std::string> sasl_round(std::string_view bytes);

  net::FrameCaller caller_;
  std::string server_;
  std::int32_t next_correlation_ = 1;
  std::map<kafka::ApiKey, std::pair<std::int16_t, std::int16_t>> ranges_;
};

}  // namespace myelin::transfer
