#include "governance/credentials.h"

#include <algorithm>

#include "state/fields.h"

namespace myelin::governance {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::int64_t kPasswordsMax = 2;

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
  for (const char letter : name) {
    const bool fine = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                      (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' || letter == '.' ||
                      letter == '@' || letter == '=' || letter == ',' || letter == ' ' || letter == ':' ||
                      letter == '/';
    if (!fine) {
      return fail(Code::Invalid,
                  "principal \"{}\": '{}' is not allowed; use letters, digits and - _ . @ = , : / and space", name,
                  letter);
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
  const auto of = [hash](const Password& password) {
    return KnownVerifier{hash == ScramHash::Sha256 ? password.sha256 : password.sha512, password.number};
  };
  std::vector<KnownVerifier> verifiers{of(entry->current)};
  if (entry->pending) verifiers.push_back(of(*entry->pending));
  return verifiers;
}

std::optional<PasswordNumber> Credentials::accepts(const PrincipalName& principal, std::string_view password) const {
  if (password.size() > kPasswordLengthMax) return std::nullopt;
  // HMAC pads its key with zeros: to it, a password with NULs behind it is the same password.
  if (password.contains('\0')) return std::nullopt;
  const auto known = verifiers(principal, ScramHash::Sha512);
  std::vector<ScramVerifier> held_against;
  for (const auto& each : known) held_against.push_back(each.verifier);
  if (known.empty()) held_against.push_back(nobody());
  const auto found = which_matches(held_against, password);
  return found ? std::optional(known[*found].password) : std::nullopt;
}

bool Credentials::holds(const PrincipalName& principal, PasswordNumber password) const {
  const auto entry = find(principal);
  if (!entry) return false;
  return entry->current.number == password || (entry->pending && entry->pending->number == password);
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
  return store(principal, Entry{clock_.wall(), make_password(password, nullptr), std::nullopt});
}

Result<void> Credentials::rotate(const PrincipalName& principal, std::string_view password) {
  auto checked = check_password(password);
  if (!checked) return checked;
  const std::lock_guard changing(changes_);
  const auto known = find(principal);
  if (!known) return fail(Code::NotFound, "principal \"{}\" has no password; add it first", principal.text());
  auto entry = *known;
  entry.pending = make_password(password, &entry);
  return store(principal, std::move(entry));
}

Result<void> Credentials::confirm(const PrincipalName& principal) {
  const std::lock_guard changing(changes_);
  const auto known = find(principal);
  if (!known || !known->pending) {
    return fail(Code::NotFound, "principal \"{}\" has no pending password to confirm", principal.text());
  }
  auto entry = *known;
  entry.current = std::move(*entry.pending);
  entry.pending.reset();
  return store(principal, std::move(entry));
}

Result<void> Credentials::remove(const PrincipalName& principal) {
  const std::lock_guard changing(changes_);
  if (!knows(principal)) return fail(Code::NotFound, "principal \"{}\" has no password", principal.text());
  return store(principal, std::nullopt);
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

// A SCRAM challenge names one salt, so both passwords of a rotation share the principal's.
Credentials::Password Credentials::make_password(std::string_view password, const Entry* same_salt_as) {
  const auto salt256 = same_salt_as != nullptr ? same_salt_as->current.sha256.salt : new_salt();
  const auto salt512 = same_salt_as != nullptr ? same_salt_as->current.sha512.salt : new_salt();
  return {++passwords_, clock_.wall(), make_verifier(ScramHash::Sha256, password, salt256, kScramIterations),
          make_verifier(ScramHash::Sha512, password, salt512, kScramIterations)};
}

Result<void> Credentials::store(const PrincipalName& principal, std::optional<Entry> entry) {
  std::optional<std::string> encoded;
  if (entry) encoded = encode(*entry);
  auto written = store_.put_and_wait({{state::Table::Credentials, principal.text(), std::move(encoded)}});
  if (!written) return written;
  const std::lock_guard lock(mutex_);
  if (entry) {
    entries_[principal] = std::make_shared<const Entry>(std::move(*entry));
  } else {
    entries_.erase(principal);
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
    writer.number(2);
    write_verifier(writer, password.sha256);
    write_verifier(writer, password.sha512);
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
    password.number = ++passwords_;
    password.created = from_unix_milliseconds(reader.number());
    if (reader.number() != 2) break;
    password.sha256 = read_verifier(reader);
    password.sha512 = read_verifier(reader);
    if (pending) {
      entry.pending = std::move(password);
    } else {
      entry.current = std::move(password);
    }
  }
  const bool plausible =
      entry.current.sha512.iterations >= kScramIterationsMin && entry.current.sha512.iterations <= kScramIterationsMax;
  if (!reader.complete() || !plausible) {
    return fail(Code::Corrupt, "the stored credentials of principal \"{}\" can't be read: {}", principal,
                reader.problem());
  }
  return entry;
}

}  // namespace myelin::governance
