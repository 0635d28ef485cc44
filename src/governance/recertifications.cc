#include "governance/recertifications.h"

#include <utility>

#include "state/fields.h"

namespace myelin::governance {
namespace {

constexpr std::uint8_t kVersion = 1;

std::string encode(const Confirmation& confirmation) {
  state::FieldWriter writer(kVersion);
  writer.number(unix_milliseconds(confirmation.time));
  writer.text(confirmation.squad.text());
  writer.text(confirmation.principal.text());
  writer.text(confirmation.reason);
  writer.text(confirmation.evidence);
  return writer.finish();
}

Result<Confirmation> read(const std::string& grant, const std::string& stored) {
  state::FieldReader reader(stored, kVersion);
  Confirmation confirmation;
  confirmation.time = from_unix_milliseconds(reader.number());
  confirmation.squad = SquadName(reader.text());
  confirmation.principal = PrincipalName(reader.text());
  confirmation.reason = reader.text();
  confirmation.evidence = reader.text();
  if (reader.complete()) return confirmation;
  return fail(Code::Corrupt, "who confirmed grant {} can't be read: {}", grant, reader.problem());
}

}  // namespace

Result<std::unique_ptr<Recertifications>> Recertifications::open(state::StateStore& store) {
  std::unique_ptr<Recertifications> recertifications(new Recertifications(store));
  Result<void> damage;
  store.each(state::Table::Recertified, [&](const std::string& grant, const std::string& stored) {
    auto confirmation = read(grant, stored);
    if (confirmation) {
      recertifications->confirmed_.emplace(grant, *std::move(confirmation));
    } else if (damage) {
      damage = pass(confirmation);
    }
  });
  if (!damage) return pass(damage);
  return recertifications;
}

std::map<std::string, Confirmation> Recertifications::all() const {
  const std::lock_guard lock(mutex_);
  return confirmed_;
}

Result<void> Recertifications::put(const std::string& grant, Confirmation confirmation) {
  auto written = store_.put_and_wait({{state::Table::Recertified, grant, encode(confirmation)}});
  if (!written) return written;
  const std::lock_guard lock(mutex_);
  confirmed_.insert_or_assign(grant, std::move(confirmation));
  return {};
}

}  // namespace myelin::governance
