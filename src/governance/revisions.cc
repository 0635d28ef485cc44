#include "governance/revisions.h"

#include <algorithm>
#include <set>

#include "governance/document_texts.h"
#include "state/fields.h"

namespace myelin::governance {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kVersionWithSigners = 2;

// Sorts as the number does.
std::string stored_key(std::uint64_t number) { return fmt::format("{:010}", number); }

void write_signers(state::FieldWriter& writer, const std::vector<Signer>& signers) {
  writer.number(static_cast<std::int64_t>(signers.size()));
  for (const auto& signer : signers) {
    writer.text(signer.principal.text());
    writer.text(signer.key);
    writer.number(static_cast<std::int64_t>(signer.squads.size()));
    for (const auto& squad : signer.squads) writer.text(squad.text());
  }
}

std::vector<Signer> read_signers(state::FieldReader& reader) {
  std::vector<Signer> signers;
  for (auto left = reader.number(); left > 0 && reader.problem_free(); --left) {
    Signer& signer = signers.emplace_back();
    signer.principal = PrincipalName(reader.text());
    signer.key = reader.text();
    for (auto squads = reader.number(); squads > 0 && reader.problem_free(); --squads) {
      signer.squads.emplace_back(reader.text());
    }
  }
  return signers;
}

std::string encode(const Revision& revision) {
  state::FieldWriter writer(revision.signers.empty() ? kVersion : kVersionWithSigners);
  writer.number(static_cast<std::int64_t>(revision.number));
  writer.number(unix_milliseconds(revision.time));
  writer.text(revision.author.text());
  writer.text(revision.message);
  writer.text(revision.commit);
  writer.text(revision.plan);
  writer.number(static_cast<std::int64_t>(revision.restores));
  write_files(writer, revision.files);
  if (!revision.signers.empty()) write_signers(writer, revision.signers);
  return writer.finish();
}

Result<Revision> read(const std::string& key, const std::string& stored) {
  const bool has_signers = !stored.empty() && static_cast<std::uint8_t>(stored.front()) == kVersionWithSigners;
  state::FieldReader reader(stored, has_signers ? kVersionWithSigners : kVersion);
  Revision revision;
  revision.number = static_cast<std::uint64_t>(reader.number());
  revision.time = from_unix_milliseconds(reader.number());
  revision.author = PrincipalName(reader.text());
  revision.message = reader.text();
  revision.commit = reader.text();
  revision.plan = reader.text();
  revision.restores = static_cast<std::uint64_t>(reader.number());
  revision.files = read_files(reader);
  if (has_signers) revision.signers = read_signers(reader);
  if (!reader.complete()) return fail(Code::Corrupt, "revision {} can't be read: {}", key, reader.problem());
  if (key != stored_key(revision.number)) return fail(Code::Corrupt, "revision {} says it is {}", key, revision.number);
  return revision;
}

}  // namespace

Result<std::unique_ptr<Revisions>> Revisions::open(state::StateStore& store) {
  std::unique_ptr<Revisions> revisions(new Revisions(store));
  Result<void> damage;
  store.each(state::Table::Revisions, [&](const std::string& key, const std::string& stored) {
    auto revision = read(key, stored);
    if (revision) {
      revisions->revisions_.push_back(*std::move(revision));
    } else if (damage) {
      damage = pass(revision);
    }
  });
  if (!damage) return pass(damage);
  std::ranges::sort(revisions->revisions_, {}, &Revision::number);
  std::set<std::string> texts;
  store.each(state::Table::Documents, [&](const std::string& digest, const std::string&) { texts.insert(digest); });
  for (const auto& revision : revisions->revisions_) {
    for (const auto& file : revision.files) {
      if (!texts.contains(file.digest)) {
        return fail(Code::Corrupt, "revision {}: {} is missing", revision.number, file.name);
      }
    }
  }
  return revisions;
}

std::uint64_t Revisions::head() const {
  const std::lock_guard lock(mutex_);
  return revisions_.empty() ? 0 : revisions_.back().number;
}

std::vector<Revision> Revisions::newest_first() const {
  const std::lock_guard lock(mutex_);
  return {revisions_.rbegin(), revisions_.rend()};
}

Result<Revision> Revisions::at(std::uint64_t number) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::lower_bound(revisions_, number, {}, &Revision::number);
  if (found != revisions_.end() && found->number == number) return *found;
  if (revisions_.empty()) return fail(Code::NotFound, "there is no revision {}: nothing was applied yet", number);
  return fail(Code::NotFound, "there is no revision {}; the last one is {}", number, revisions_.back().number);
}

Result<std::vector<document::Source>> Revisions::documents_of(std::uint64_t number) const {
  auto revision = at(number);
  if (!revision) return pass(revision);
  return read_texts(store_, revision->files, fmt::format("revision {}", number));
}

Result<document::Source> Revisions::document(const Revision::File& file) const {
  auto texts = read_texts(store_, {file}, "a revision");
  if (!texts) return pass(texts);
  return std::move(texts->front());
}

Result<std::uint64_t> Revisions::add(Revision revision, const std::vector<document::Source>& files) {
  auto kept = keep_texts(store_, files);
  if (!kept) return pass(kept);
  revision.files = *std::move(kept);
  revision.number = head() + 1;
  auto written = store_.put_and_wait({{state::Table::Revisions, stored_key(revision.number), encode(revision)}});
  if (!written) return pass(written);
  const std::lock_guard lock(mutex_);
  revisions_.push_back(std::move(revision));
  return revisions_.back().number;
}

}  // namespace myelin::governance
