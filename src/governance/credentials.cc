#include "governance/credentials.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/utf8.h"
#include "state/fields.h"

namespace myelin::governance {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::int64_t kPasswordsMax = 2;
constexpr std::int64_t kVerifiersMax = 2;  // of a password: one per hash

void write_verifier(state::FieldWriter& writer, const ScramVerifier& verifier) {
  writer.number(verifier.hash == ScramHash::Sha256 ? 0 : 1);
  writer.number(verifier.iterations);
  writer.text(verifier.salt);
  writer.text(verifier.stored_key);
  writer.text(verifier.server_key);
}

ScramVerifier read_verifier(state::FieldReader& reader) {
  ScramVerifier verifier;
  verifier.hash = reader.number() == 0 ? ScramHash::Sha256 : ScramHash::Sha512;
  verifier.iterations = static_cast<int>(reader.number());
  verifier.salt = reader.text();
  verifier.stored_key = reader.text();
  verifier.server_key = reader.text();
  return verifier;
}

using Verifiers = std::vector<KnownVerifier>;

ScramHash hash_of(const KnownVerifier& known) { return known.verifier.hash; }

bool take_out(Verifiers& verifiers, ScramHash hash) {
  return std::erase_if(verifiers, [hash](const auto& known) { return hash_of(known) == hash; }) > 0;
}

// In place of the one of the same hash.
void put(Verifiers& verifiers, KnownVerifier verifier) {
  take_out(verifiers, hash_of(verifier));
  verifiers.push_back(std::move(verifier));
}

bool are_plausible(const Verifiers& verifiers) {
  return !verifiers.empty() && std::ranges::all_of(verifiers, [](const auto& known) {
    return known.verifier.iterations >= kScramIterationsMin && known.verifier.iterations <= kScramIterationsMax;
  });
}

// An unknown principal costs as much as a known one: this, which no password has, is what its password is held against.
ScramVerifier nobody() {
  return {.hash = ScramHash::Sha512,
          .iterations = kScramIterations,
          .salt = std::string(24, '0'),
          .stored_key = {},
          .server_key = {}};
}

}  // namespace

Result<void> check_password(std::string_view password) {
  if (password.size() < kPasswordLengthMin || password.size() > kPasswordLengthMax) {
    return fail(Code::Invalid, "the password has {} bytes; expected {} to {}", password.size(), kPasswordLengthMin,
                kPasswordLengthMax);
  }
  for (const char letter : password) {
    // Above ASCII, clients disagree on the normal form (SASLprep), and one of them would never sign in.
    if (letter < 0x20 || letter > 0x7e) {
      return fail(Code::Invalid,
                  "the password holds a character outside printable ASCII; clients encode those differently");
    }
  }
  return {};
}

Result<void> check_principal_length(std::string_view name) {
  if (!name.empty() && name.size() <= kPrincipalLengthMax) return {};
  return fail(Code::Invalid, "a principal's name has {} bytes; expected 1 to {}", name.size(), kPrincipalLengthMax);
}

Result<void> check_principal_name(std::string_view name) {
  auto checked = check_principal_length(name);
  if (!checked) return checked;
  for (std::size_t at = 0; at < name.size(); ++at) {
    const char letter = name[at];
    const bool fine = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                      (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' || letter == '.' ||
                      letter == '@' || letter == '=' || letter == ',' || letter == ' ' || letter == ':' ||
                      letter == '/';
    if (!fine) {
      return fail(Code::Invalid,
                  "principal \"{}\": '{}' is not allowed; use letters, digits and - _ . @ = , : / and space", name,
                  name.substr(at, code_point_at(name.substr(at)).size));
    }
  }
  return {};
}

Result<std::unique_ptr<Credentials>> Credentials::open(state::StateStore& store, const Clock& clock) {
  std::unique_ptr<Credentials> credentials(new Credentials(store, clock));
  Result<void> damage;
  store.each(state::Table::Credentials, [&](const std::string& principal, const std::string& stored) {
    auto entry = credentials->decode(principal, stored);
    if (!entry) {
      if (damage) damage = pass(entry);
      return;
    }
    credentials->entries_[PrincipalName(principal)] = std::make_shared<const Entry>(std::move(*entry));
  });
  if (!damage) return pass(damage);
  auto found = credentials->find_or_make_pepper();
  if (!found) return pass(found);
  return credentials;
}

Result<void> Credentials::find_or_make_pepper() {
  constexpr std::size_t kPepperSize = 32;
  const std::string key = "pepper";
  const auto stored = store_.get(state::Table::Secrets, key);
  if (!stored) {
    pepper_ = random_token(kPepperSize);
    state::FieldWriter writer(kVersion);
    writer.text(pepper_);
    return store_.put_and_wait({{state::Table::Secrets, key, writer.finish()}});
  }
  state::FieldReader reader(*stored, kVersion);
  pepper_ = reader.text();
  if (!reader.complete()) {
    return fail(Code::Corrupt, "the stored secret \"pepper\" can't be read: {}", reader.problem());
  }
  if (pepper_.size() != kPepperSize) {
    return fail(Code::Corrupt, "the stored secret \"pepper\" has {} bytes; expected {}", pepper_.size(), kPepperSize);
  }
  return {};
}

std::shared_ptr<const Credentials::Entry> Credentials::find(const PrincipalName& principal) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(principal);
  return found == entries_.end() ? nullptr : found->second;
}

std::vector<KnownVerifier> Credentials::verifiers(const PrincipalName& principal, ScramHash hash) const {
  const auto entry = find(principal);
  if (!entry) return {};
  std::vector<KnownVerifier> verifiers;
  const auto add_of = [&](const Password& password) {
    std::ranges::copy_if(password.verifiers, std::back_inserter(verifiers),
                         [hash](const auto& known) { return hash_of(known) == hash; });
  };
  add_of(entry->current);
  if (entry->pending) add_of(*entry->pending);
  return verifiers;
}

std::optional<PasswordNumber> Credentials::accepts(const PrincipalName& principal, std::string_view password) const {
  if (password.size() > kPasswordLengthMax) return std::nullopt;
  // HMAC pads its key with zeros: to it, a password with NULs behind it is the same password.
  if (password.contains('\0')) return std::nullopt;
  auto known = verifiers(principal, ScramHash::Sha512);
  if (known.empty()) known = verifiers(principal, ScramHash::Sha256);
  std::vector<ScramVerifier> held_against;
  for (const auto& each : known) held_against.push_back(each.verifier);
  if (known.empty()) held_against.push_back(nobody());
  const auto found = which_matches(held_against, password);
  return found ? std::optional(known[*found].password) : std::nullopt;
}

bool Credentials::holds(const PrincipalName& principal, PasswordNumber password) const {
  const auto entry = find(principal);
  if (!entry) return false;
  const auto has = [password](const Password& one) {
    return std::ranges::find(one.verifiers, password, &KnownVerifier::password) != one.verifiers.end();
  };
  return has(entry->current) || (entry->pending && has(*entry->pending));
}

Result<void> Credentials::add(const PrincipalName& principal, std::string_view password) {
  auto checked = check_principal_name(principal.text());
  if (checked) checked = check_password(password);
  if (!checked) return checked;
  const std::lock_guard changing(changes_);
  if (knows(principal)) {
    return fail(Code::Exists, "principal \"{}\" has a password already; change it with `myelin principal rotate {}`",
                principal.text(), principal.text());
  }
  std::array<ScramVerifier, 2> like;
  like[0].hash = ScramHash::Sha256;
  like[1].hash = ScramHash::Sha512;
  for (auto& one : like) one.salt = new_salt();
  return store({{principal, Entry{clock_.wall(), make_password(password, like), std::nullopt}}});
}

Result<void> Credentials::rotate(const PrincipalName& principal, std::string_view password) {
  auto checked = check_password(password);
  if (!checked) return checked;
  const std::lock_guard changing(changes_);
  const auto known = find(principal);
  if (!known) return fail(Code::NotFound, "principal \"{}\" has no password; add it first", principal.text());
  auto entry = *known;
  // A SCRAM challenge names one salt, so both passwords of a rotation share the principal's.
  std::vector<ScramVerifier> like;
  for (const auto& one : entry.current.verifiers) like.push_back(one.verifier);
  entry.pending = make_password(password, like);
  return store({{principal, std::move(entry)}});
}

Result<void> Credentials::confirm(const PrincipalName& principal) {
  const std::lock_guard changing(changes_);
  const auto known = find(principal);
  if (!known || !known->pending) {
    return fail(Code::NotFound, "principal \"{}\" has no pending password to confirm", principal.text());
  }
  auto entry = *known;
  for (auto& verifier : entry.pending->verifiers) put(entry.current.verifiers, std::move(verifier));
  entry.current.created = entry.pending->created;
  entry.pending.reset();
  return store({{principal, std::move(entry)}});
}

Result<void> Credentials::remove(const PrincipalName& principal) {
  const std::lock_guard changing(changes_);
  if (!knows(principal)) return fail(Code::NotFound, "principal \"{}\" has no password", principal.text());
  return store({{principal, std::nullopt}});
}

std::vector<Result<void>> Credentials::alter(std::vector<Alteration> alterations) {
  const std::lock_guard changing(changes_);
  std::vector<Result<void>> results;
  std::vector<NewEntry> entries;
  for (auto& alteration : alterations) {
    auto entry = altered(alteration);
    results.push_back(entry ? Result<void>() : pass(entry));
    if (entry) entries.emplace_back(alteration.principal, *std::move(entry));
  }
  if (entries.empty()) return results;
  const auto written = store(std::move(entries));
  for (auto& result : results) {
    if (result) result = written;
  }
  return results;
}

// What the principal's entry becomes; nullopt: nothing is left of it.
Result<std::optional<Credentials::Entry>> Credentials::altered(Alteration& alteration) {
  const auto known = find(alteration.principal);
  const auto now = clock_.wall();
  auto entry = known ? *known : Entry{now, {now, {}}, std::nullopt};
  for (const auto hash : alteration.removed) {
    if (entry.pending) take_out(entry.pending->verifiers, hash);
    if (!take_out(entry.current.verifiers, hash)) {
      return fail(Code::NotFound, "principal \"{}\" has no such verifier", alteration.principal.text());
    }
  }
  for (auto& verifier : alteration.set) {
    if (entry.pending) take_out(entry.pending->verifiers, verifier.hash);
    put(entry.current.verifiers, {std::move(verifier), ++passwords_});
  }
  if (entry.pending && entry.pending->verifiers.empty()) entry.pending.reset();
  if (entry.current.verifiers.empty()) return std::nullopt;
  return entry;
}

std::vector<CredentialSummary> Credentials::list() const {
  std::vector<CredentialSummary> summaries;
  const std::lock_guard lock(mutex_);
  for (const auto& [principal, entry] : entries_) {
    summaries.push_back(
        {principal, entry->created, entry->pending ? std::optional(entry->pending->created) : std::nullopt});
  }
  std::ranges::sort(summaries, {}, &CredentialSummary::principal);
  return summaries;
}

bool Credentials::empty() const {
  const std::lock_guard lock(mutex_);
  return entries_.empty();
}

bool Credentials::knows(const PrincipalName& principal) const { return find(principal) != nullptr; }

// With the hashes, salts and iterations of `like`.
Credentials::Password Credentials::make_password(std::string_view password, std::span<const ScramVerifier> like) {
  Password made{clock_.wall(), {}};
  for (const auto& one : like) {
    made.verifiers.push_back({make_verifier(one.hash, password, one.salt, one.iterations), ++passwords_});
  }
  return made;
}

Result<void> Credentials::store(std::vector<NewEntry> entries) {
  std::vector<state::Change> changes;
  for (const auto& [principal, entry] : entries) {
    changes.push_back({state::Table::Credentials, principal.text(), std::nullopt});
    if (entry) changes.back().value = encode(*entry);
  }
  auto written = store_.put_and_wait(std::move(changes));
  if (!written) return written;
  const std::lock_guard lock(mutex_);
  for (auto& [principal, entry] : entries) {
    if (entry) {
      entries_[principal] = std::make_shared<const Entry>(*std::move(entry));
    } else {
      entries_.erase(principal);
    }
  }
  version_.fetch_add(1, std::memory_order_release);
  return {};
}

std::string Credentials::encode(const Entry& entry) {
  state::FieldWriter writer(kVersion);
  writer.number(unix_milliseconds(entry.created));
  writer.number(entry.pending ? 2 : 1);
  const auto write_password = [&writer](const Password& password, bool pending) {
    writer.number(pending ? 1 : 0);
    writer.number(unix_milliseconds(password.created));
    writer.number(static_cast<std::int64_t>(password.verifiers.size()));
    for (const auto& known : password.verifiers) write_verifier(writer, known.verifier);
  };
  write_password(entry.current, false);
  if (entry.pending) write_password(*entry.pending, true);
  return writer.finish();
}

Result<Credentials::Entry> Credentials::decode(const std::string& principal, std::string_view stored) {
  state::FieldReader reader(stored, kVersion);
  Entry entry;
  entry.created = from_unix_milliseconds(reader.number());
  const auto passwords = reader.number();
  for (std::int64_t index = 0; index < std::min(passwords, kPasswordsMax); ++index) {
    const bool pending = reader.number() == 1;
    Password password;
    password.created = from_unix_milliseconds(reader.number());
    const auto verifiers = reader.number();
    for (std::int64_t at = 0; at < std::min(verifiers, kVerifiersMax); ++at) {
      password.verifiers.push_back({read_verifier(reader), ++passwords_});
    }
    if (pending) {
      entry.pending = std::move(password);
    } else {
      entry.current = std::move(password);
    }
  }
  const bool plausible =
      are_plausible(entry.current.verifiers) && (!entry.pending || are_plausible(entry.pending->verifiers));
  if (!reader.complete() || !plausible) {
    return fail(Code::Corrupt, "the stored credentials of principal \"{}\" can't be read: {}", principal,
                reader.problem());
  }
  return entry;
}

}  // namespace myelin::governance
