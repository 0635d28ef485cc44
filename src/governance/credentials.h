#pragma once
// Who can sign in with which password: SCRAM verifiers by principal, kept in the state store. A principal has one
// password, and a second, pending one while it is rotated: both are valid until the first sign-in with the new one is
// confirmed. Kafka's tools set and take away the verifier of one hash alone: from then on each hash has a password of
// its own. PLAIN and HTTP go by SHA-512's, or by SHA-256's where that is the only one.
//
// Threads: every function may be called from any thread; those that change something block until it is durable.
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "governance/scram.h"
#include "state/state_store.h"

namespace myelin::governance {

inline constexpr std::size_t kPasswordLengthMin = 8;
inline constexpr std::size_t kPasswordLengthMax = 1024;
inline constexpr std::size_t kPrincipalLengthMax = 200;

// One password that was set for one hash, among all of this run: each one that is set gets a new number, the same text
// again too.
using PasswordNumber = std::uint64_t;

struct KnownVerifier {
  ScramVerifier verifier;
  PasswordNumber password = 0;
};

// A change of single verifiers of one principal. Each hash comes at most once.
struct Alteration {
  PrincipalName principal;
  std::vector<ScramVerifier> set;
  std::vector<ScramHash> removed;
};

// What may be shown of a principal's credentials.
struct CredentialSummary {
  PrincipalName principal;
  WallTime created;
  std::optional<WallTime> rotated;  // when the pending password was set
};

class Credentials {
 public:
  // Corrupt when something stored can't be read; blocks at the first start, until the new pepper is durable.
  [[nodiscard]] static Result<std::unique_ptr<Credentials>> open(state::StateStore& store, const Clock& clock);

  // Verifiers for one sign-in, all with the same salt and iterations: the current password's, then the pending one's.
  // Empty when the principal is unknown, or has none of this hash.
  [[nodiscard]] std::vector<KnownVerifier> verifiers(const PrincipalName& principal, ScramHash hash) const;
  // Which of the principal's passwords this is; nullopt: none. Takes the same time for an unknown principal.
  [[nodiscard]] std::optional<PasswordNumber> accepts(const PrincipalName& principal, std::string_view password) const;
  // Whether the password is still one of the principal's: not after its removal, though the principal be added again,
  // and not after an alteration, or a rotation that was confirmed, replaced it.
  [[nodiscard]] bool holds(const PrincipalName& principal, PasswordNumber password) const;

  // Exists when the principal has a password already.
  [[nodiscard]] Result<void> add(const PrincipalName& principal, std::string_view password);
  // Sets the pending password, replacing an earlier pending one. NotFound without a current one.
  [[nodiscard]] Result<void> rotate(const PrincipalName& principal, std::string_view password);
  // Ends a rotation: the pending password is the only one from now on.
  [[nodiscard]] Result<void> confirm(const PrincipalName& principal);
  [[nodiscard]] Result<void> remove(const PrincipalName& principal);
  // One result per alteration, in their order; the alterations are of different principals, each done whole or not at
  // all. What it sets or removes is no longer being rotated; whom it leaves nothing is unknown. NotFound when a
  // verifier to remove isn't there. The names were checked.
  [[nodiscard]] std::vector<Result<void>> alter(std::vector<Alteration> alterations);

  [[nodiscard]] std::vector<CredentialSummary> list() const;  // sorted by name
  [[nodiscard]] bool empty() const;
  [[nodiscard]] bool knows(const PrincipalName& principal) const;
  // Of what is made up for unknown users: the same at every start, known to nobody else.
  [[nodiscard]] const std::string& pepper() const { return pepper_; }
  // Grows with every change, so that a session asks holds() only when something changed.
  [[nodiscard]] std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

 private:
  struct Password {
    WallTime created;
    std::vector<KnownVerifier> verifiers;  // one or two, of different hashes
  };
  struct Entry {
    WallTime created;
    Password current;
    std::optional<Password> pending;  // of hashes that `current` has, with its salts and iterations
  };
  using NewEntry = std::pair<PrincipalName, std::optional<Entry>>;  // nullopt: it is removed

  Credentials(state::StateStore& store, const Clock& clock) : store_(store), clock_(clock) {}
  [[nodiscard]] static std::string encode(const Entry& entry);
  [[nodiscard]] Result<Entry> decode(const std::string& principal, std::string_view stored);
  [[nodiscard]] Password make_password(std::string_view password, std::span<const ScramVerifier> like);
  [[nodiscard]] Result<std::optional<Entry>> altered(Alteration& alteration);
  [[nodiscard]] std::shared_ptr<const Entry> find(const PrincipalName& principal) const;
  [[nodiscard]] Result<void> find_or_make_pepper();
  [[nodiscard]] Result<void> store(std::vector<NewEntry> entries);

  state::StateStore& store_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::atomic<std::uint64_t> version_{1};
  std::string pepper_;
  std::mutex changes_;  // one change at a time, also while its write is on the way
  PasswordNumber passwords_ = 0;
  std::unordered_map<PrincipalName, std::shared_ptr<const Entry>> entries_;
};

// Invalid with what is wrong and what is expected.
[[nodiscard]] Result<void> check_password(std::string_view password);
[[nodiscard]] Result<void> check_principal_length(std::string_view name);
[[nodiscard]] Result<void> check_principal_name(std::string_view name);  // its length, too

}  // namespace myelin::governance
