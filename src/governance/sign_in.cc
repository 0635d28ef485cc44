#include "governance/sign_in.h"

namespace myelin::governance {
namespace {

constexpr std::size_t kServerNonceLength = 32;

std::unexpected<Error> refused() { return fail(Code::Unauthenticated, "wrong user name or password"); }

}  // namespace

std::string_view to_text(Mechanism mechanism) {
  switch (mechanism) {
    case Mechanism::Plain:
      return "PLAIN";
    case Mechanism::ScramSha256:
      return "SCRAM-SHA-256";
    case Mechanism::ScramSha512:
      return "SCRAM-SHA-512";
  }
  return "?";
}

std::vector<Mechanism> offered_mechanisms(bool over_tls) {
  if (over_tls) return {Mechanism::ScramSha512, Mechanism::ScramSha256, Mechanism::Plain};
  return {Mechanism::ScramSha512, Mechanism::ScramSha256};
}

Result<SignIn::Step> SignIn::next(std::string_view message) {
  if (over_) return fail(Code::Unauthenticated, "the sign-in is over; begin again with SaslHandshake");
  auto step = mechanism_ == Mechanism::Plain ? next_plain(message) : next_scram(message);
  over_ = !step || step->signed_in;
  return step;
}

// RFC 4616: [authzid] NUL authcid NUL password.
Result<SignIn::Step> SignIn::next_plain(std::string_view message) {
  const auto first = message.find('\0');
  if (first == std::string_view::npos) return fail(Code::Unauthenticated, "malformed PLAIN message");
  const auto second = message.find('\0', first + 1);
  if (second == std::string_view::npos) return fail(Code::Unauthenticated, "malformed PLAIN message");
  const auto acting_for = message.substr(0, first);
  if (second - first - 1 > kPrincipalLengthMax) return refused();
  claimed_ = std::string(message.substr(first + 1, second - first - 1));
  const PrincipalName principal(claimed_);
  const auto password = credentials_.accepts(principal, message.substr(second + 1));
  if (!password || (!acting_for.empty() && acting_for != claimed_)) return refused();
  return Step{.answer = "", .signed_in = principal, .password = *password};
}

Result<SignIn::Step> SignIn::next_scram(std::string_view message) {
  const auto hash = mechanism_ == Mechanism::ScramSha256 ? ScramHash::Sha256 : ScramHash::Sha512;
  if (!scram_) {
    scram_.emplace(hash, random_token(kServerNonceLength));
    auto user = scram_->read_client_first(message);
    if (!user) return pass(user);
    if (user->size() > kPrincipalLengthMax) return refused();
    claimed_ = std::move(*user);
    std::vector<ScramVerifier> verifiers;
    for (auto& known : credentials_.verifiers(PrincipalName(claimed_), hash)) {
      verifiers.push_back(std::move(known.verifier));
      passwords_.push_back(known.password);
    }
    return Step{.answer = scram_->server_first(std::move(verifiers), pepper_), .signed_in = std::nullopt};
  }
  auto success = scram_->finish(message);
  if (!success) return pass(success);
  return Step{.answer = std::move(success->server_final),
              .signed_in = PrincipalName(claimed_),
              .password = passwords_.at(success->verifier),
              .outdated_nonce = success->outdated_nonce};
}

}  // namespace myelin::governance
