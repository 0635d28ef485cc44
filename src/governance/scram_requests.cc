#include "governance/scram_requests.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "governance/sign_in.h"
#include "kafka/error_code.h"

namespace myelin::governance {
namespace {

using kafka::ErrorCode;

// Texts are Kafka's where Kafka has the case: its tools show them.
struct Refusal {
  ErrorCode code = ErrorCode::None;
  std::string why;
};

// What a request asks for one user; once it is refused, the rest of it does not matter.
struct Asked {
  std::optional<Refusal> refusal;
  Alteration alteration;
};

struct MechanismNumber {
  std::int8_t number;  // Kafka's
  ScramHash hash;
  Mechanism mechanism;
};
constexpr std::array kMechanisms{MechanismNumber{1, ScramHash::Sha256, Mechanism::ScramSha256},
                                 MechanismNumber{2, ScramHash::Sha512, Mechanism::ScramSha512}};

const MechanismNumber* known_mechanism(std::int8_t number) {
  const auto* found = std::ranges::find(kMechanisms, number, &MechanismNumber::number);
  return found == kMechanisms.end() ? nullptr : found;
}

void answer_with(auto& result, Refusal refusal) {
  result.error_code = kafka::code_of(refusal.code);
  result.error_message = std::move(refusal.why);
}

// What both kinds of alteration must be.
std::optional<Refusal> refusal_of_any(const std::string& user, std::int8_t mechanism, const Alteration& so_far) {
  if (user.empty()) return Refusal{ErrorCode::UnacceptableCredential, "Username must not be empty"};
  const auto* known = known_mechanism(mechanism);
  if (known == nullptr) return Refusal{ErrorCode::UnsupportedSaslMechanism, "Unknown SCRAM mechanism"};
  if (std::ranges::find(so_far.removed, known->hash) != so_far.removed.end() ||
      std::ranges::find(so_far.set, known->hash, &ScramVerifier::hash) != so_far.set.end()) {
    return Refusal{ErrorCode::DuplicateResource, "A user credential cannot be altered twice in the same request"};
  }
  return std::nullopt;
}

std::optional<Refusal> refusal_of(const kafka::AlterUserScramCredentialsRequest::ScramCredentialUpsertion& asked,
                                  ScramHash hash) {
  const auto unacceptable = [](std::string why) { return Refusal{ErrorCode::UnacceptableCredential, std::move(why)}; };
  if (asked.iterations < kScramIterationsMin) return unacceptable("Too few iterations");
  if (asked.iterations > kScramIterationsMax) return unacceptable("Too many iterations");
  const auto named = check_principal_name(asked.name);
  if (!named) return unacceptable(named.error().message);
  if (asked.salt.size() == 0 || asked.salt.size() > kScramSaltSizeMax) {
    return unacceptable(fmt::format("the salt has {} bytes; expected 1 to {}", asked.salt.size(), kScramSaltSizeMax));
  }
  if (asked.salted_password.size() != digest_size(hash)) {
    return unacceptable(fmt::format("the salted password has {} bytes; {} makes {}", asked.salted_password.size(),
                                    scram_mechanism_text(asked.mechanism), digest_size(hash)));
  }
  return std::nullopt;
}

// Deletions first, as in Kafka: of several refusals of one user the first is told.
std::map<std::string, Asked> by_user(const kafka::AlterUserScramCredentialsRequest& request) {
  std::map<std::string, Asked> users;
  for (const auto& asked : request.deletions) {
    auto& [refusal, alteration] = users[asked.name];
    if (!refusal) refusal = refusal_of_any(asked.name, asked.mechanism, alteration);
    if (!refusal) alteration.removed.push_back(known_mechanism(asked.mechanism)->hash);
  }
  for (const auto& asked : request.upsertions) {
    auto& [refusal, alteration] = users[asked.name];
    if (!refusal) refusal = refusal_of_any(asked.name, asked.mechanism, alteration);
    if (refusal) continue;
    const auto hash = known_mechanism(asked.mechanism)->hash;
    refusal = refusal_of(asked, hash);
    if (refusal) continue;
    alteration.set.push_back(verifier_of(hash, as_text(asked.salted_password.view()),
                                         std::string(as_text(asked.salt.view())), asked.iterations));
  }
  return users;
}

Refusal refusal_of(const Error& error) {
  if (error.code == Code::NotFound) {
    return {ErrorCode::ResourceNotFound, "Attempt to delete a user credential that does not exist"};
  }
  return {ErrorCode::KafkaStorageError, error.message};
}

}  // namespace

std::string scram_mechanism_text(std::int8_t mechanism) {
  const auto* known = known_mechanism(mechanism);
  return known == nullptr ? fmt::format("mechanism {}", static_cast<int>(mechanism))
                          : std::string(to_text(known->mechanism));
}

kafka::DescribeUserScramCredentialsResponse describe_scram(const Credentials& credentials,
                                                           const kafka::DescribeUserScramCredentialsRequest& request) {
  std::map<std::string, int> times_asked;
  if (request.users && !request.users->empty()) {
    for (const auto& user : *request.users) ++times_asked[user.name];
  } else {
    for (const auto& summary : credentials.list()) times_asked[summary.principal.text()] = 1;
  }
  kafka::DescribeUserScramCredentialsResponse response;
  for (const auto& [user, times] : times_asked) {
    auto& result = response.results.emplace_back();
    result.user = user;
    if (times > 1) {
      answer_with(result, {ErrorCode::DuplicateResource,
                           "Cannot describe SCRAM credentials for the same user twice in a single request: " + user});
      continue;
    }
    for (const auto& mechanism : kMechanisms) {
      const auto verifiers = credentials.verifiers(PrincipalName(user), mechanism.hash);
      if (verifiers.empty()) continue;
      auto& info = result.credential_infos.emplace_back();
      info.mechanism = mechanism.number;
      info.iterations = verifiers.front().verifier.iterations;
    }
    if (result.credential_infos.empty()) {
      answer_with(result,
                  {ErrorCode::ResourceNotFound, "Attempt to describe a user credential that does not exist: " + user});
    }
  }
  return response;
}

kafka::AlterUserScramCredentialsResponse alter_scram(Credentials& credentials,
                                                     const kafka::AlterUserScramCredentialsRequest& request) {
  auto users = by_user(request);
  std::vector<Alteration> alterations;
  for (auto& [user, asked] : users) {
    if (asked.refusal) continue;
    asked.alteration.principal = PrincipalName(user);
    alterations.push_back(std::move(asked.alteration));
  }
  const auto altered = credentials.alter(std::move(alterations));
  kafka::AlterUserScramCredentialsResponse response;
  auto next = altered.begin();
  for (auto& [user, asked] : users) {
    if (!asked.refusal) {
      if (!*next) asked.refusal = refusal_of(next->error());
      ++next;
    }
    auto& result = response.results.emplace_back();
    result.user = user;
    if (asked.refusal) answer_with(result, *std::move(asked.refusal));
  }
  return response;
}

}  // namespace myelin::governance
