#include "governance/client_quotas.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "state/fields.h"

namespace myelin::governance {
namespace {

constexpr std::uint8_t kVersion = 1;

template <typename Named, std::size_t kCount>
std::optional<Named> named(const std::array<Named, kCount>& all, std::string_view name) {
  const auto found = std::ranges::find(all, name, [](Named one) { return policy::name_of(one); });
  return found == all.end() ? std::nullopt : std::optional(*found);
}

std::string stored_key(const policy::QuotaEntity& entity) {
  std::string key;
  for (const auto& [type, name] : entity) {
    key += policy::name_of(type);
    if (name) key += '=' + *name;
    key += '\0';
  }
  return key;
}

std::optional<policy::QuotaEntity> read_key(std::string_view key) {
  policy::QuotaEntity entity;
  while (!key.empty()) {
    const auto end = key.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    const auto part = key.substr(0, end);
    key.remove_prefix(end + 1);
    const auto equals = part.find('=');
    const auto type = named(policy::kEntityTypes, part.substr(0, equals));
    if (!type) return std::nullopt;
    entity[*type] = equals == std::string_view::npos ? std::nullopt : policy::QuotaName(part.substr(equals + 1));
  }
  return entity.empty() ? std::nullopt : std::optional(std::move(entity));
}

std::string encode(const policy::QuotaValues& values) {
  state::FieldWriter writer(kVersion);
  writer.number(static_cast<std::int64_t>(values.size()));
  for (const auto& [key, value] : values) {
    writer.text(policy::name_of(key));
    writer.number(std::bit_cast<std::int64_t>(value));
  }
  return writer.finish();
}

Result<policy::QuotaValues> decode(std::string_view stored) {
  state::FieldReader reader(stored, kVersion);
  policy::QuotaValues values;
  const auto count = reader.number();
  for (std::int64_t index = 0; index < count; ++index) {
    const auto key = named(policy::kQuotaKeys, reader.text());
    const auto value = std::bit_cast<double>(reader.number());
    if (!key || !std::isfinite(value) || value <= 0) return fail(Code::Corrupt, "a quota is none that is known");
    values[*key] = value;
  }
  if (!reader.complete()) return fail(Code::Corrupt, "{}", reader.problem());
  return values;
}

}  // namespace

Result<std::unique_ptr<ClientQuotas>> ClientQuotas::open(state::StateStore& store) {
  std::unique_ptr<ClientQuotas> quotas(new ClientQuotas(store));
  policy::ClientQuotaTable table;
  Result<void> damage;
  store.each(state::Table::ClientQuotas, [&](const std::string& key, const std::string& stored) {
    auto entity = read_key(key);
    auto values = decode(stored);
    if (entity && values) {
      table[*std::move(entity)] = *std::move(values);
    } else if (damage) {
      damage = fail(Code::Corrupt, "a stored client quota can't be read: {}",
                    values ? "its entity is none that is known" : values.error().message);
    }
  });
  if (!damage) return pass(damage);
  if (!table.empty()) quotas->version_ = 1;
  quotas->table_.store(std::make_shared<const policy::ClientQuotaTable>(std::move(table)));
  return quotas;
}

Result<void> ClientQuotas::change(const std::vector<QuotaChange>& changes) {
  const std::lock_guard changing(changes_);
  auto table = *table_.load();
  std::vector<state::Change> stored;
  for (const auto& [entity, new_values] : changes) {
    const auto before = table.find(entity);
    auto values = before == table.end() ? policy::QuotaValues() : before->second;
    for (const auto& [key, value] : new_values) {
      if (value) {
        values[key] = *value;
      } else {
        values.erase(key);
      }
    }
    if (values.empty()) {
      if (table.erase(entity) == 0) continue;
      stored.push_back({state::Table::ClientQuotas, stored_key(entity), std::nullopt});
    } else {
      stored.push_back({state::Table::ClientQuotas, stored_key(entity), encode(values)});
      table[entity] = std::move(values);
    }
  }
  if (table.size() > kEntitiesMax) {
    return fail(Code::Invalid, "{} entities would have quotas; expected at most {}", table.size(), kEntitiesMax);
  }
  if (stored.empty()) return {};
  auto written = store_.put_and_wait(std::move(stored));
  if (!written) return written;
  table_.store(std::make_shared<const policy::ClientQuotaTable>(std::move(table)));
  version_.fetch_add(1, std::memory_order_release);
  return {};
}

}  // namespace myelin::governance
