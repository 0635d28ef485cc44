#include "governance/made_grants.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "state/fields.h"

namespace myelin::governance {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::string_view kLiteral = "literal";
constexpr std::string_view kPrefixed = "prefixed";

const model::Right& right_of(const model::DirectGrant& grant) { return grant.right; }

template <typename Named, std::size_t kCount>
std::optional<Named> named(const std::array<Named, kCount>& all, std::string_view name) {
  const auto found = std::ranges::find(all, name, [](Named one) { return model::name_of(one); });
  return found == all.end() ? std::nullopt : std::optional(*found);
}

// Its names hold no NUL.
std::string stored_key(const model::Right& right) {
  std::string key(model::name_of(right.resource));
  for (const std::string_view part : {right.is_prefix ? kPrefixed : kLiteral, std::string_view(right.name),
                                      std::string_view(right.principal.text()), model::name_of(right.operation)}) {
    key += '\0';
    key += part;
  }
  return key;
}

std::optional<model::Right> read_key(std::string_view key) {
  std::array<std::string_view, 5> parts;
  for (auto& part : parts) {
    const auto end = std::min(key.find('\0'), key.size());
    part = key.substr(0, end);
    key.remove_prefix(std::min(end + 1, key.size()));
  }
  const auto resource = named(model::kRightResources, parts[0]);
  const auto operation = named(model::kRightOperations, parts[4]);
  const bool is_prefix = parts[1] == kPrefixed;
  if (!key.empty() || !resource || !operation || (!is_prefix && parts[1] != kLiteral)) return std::nullopt;
  model::Right right{PrincipalName(parts[3]), *resource, std::string(parts[2]), is_prefix, *operation};
  if (right.principal.empty() || model::wrong_name(right)) return std::nullopt;
  return right;
}

Result<model::DirectGrant> read(const std::string& key, const std::string& stored) {
  auto right = read_key(key);
  state::FieldReader reader(stored, kVersion);
  model::DirectGrant grant;
  grant.made_by = PrincipalName(reader.text());
  grant.made_at = from_unix_milliseconds(reader.number());
  if (!reader.complete()) return fail(Code::Corrupt, "a grant made by API can't be read: {}", reader.problem());
  if (!right || grant.made_by.empty()) return fail(Code::Corrupt, "a grant made by API is none that is known");
  grant.right = *std::move(right);
  return grant;
}

std::string encode(const model::DirectGrant& grant) {
  state::FieldWriter writer(kVersion);
  writer.text(grant.made_by.text());
  writer.number(unix_milliseconds(grant.made_at));
  return writer.finish();
}

std::set<model::Right> rights_of(const policy::DirectGrants& grants) {
  std::set<model::Right> rights;
  for (const auto& grant : grants) rights.insert(grant.right);
  return rights;
}

// Takes the rights out of the grants, and returns the changes that store it.
std::vector<state::Change> take(policy::DirectGrants& grants, const std::set<model::Right>& rights) {
  std::vector<state::Change> changes;
  std::erase_if(grants, [&](const auto& grant) {
    const bool is_taken = rights.contains(grant.right);
    if (is_taken) changes.push_back({state::Table::MadeGrants, stored_key(grant.right), std::nullopt});
    return is_taken;
  });
  return changes;
}

}  // namespace

Result<std::unique_ptr<MadeGrants>> MadeGrants::open(state::StateStore& store) {
  std::unique_ptr<MadeGrants> made(new MadeGrants(store));
  policy::DirectGrants grants;
  Result<void> damage;
  store.each(state::Table::MadeGrants, [&](const std::string& key, const std::string& stored) {
    auto grant = read(key, stored);
    if (grant) {
      grants.push_back(*std::move(grant));
    } else if (damage) {
      damage = pass(grant);
    }
  });
  if (!damage) return pass(damage);
  std::ranges::sort(grants, {}, right_of);
  made->grants_.store(std::make_shared<const policy::DirectGrants>(std::move(grants)));
  return made;
}

Result<void> MadeGrants::add(const policy::DirectGrants& added, PolicyHolder& policy) {
  const std::lock_guard changing(changes_);
  auto grants = *grants_.load();
  auto known = rights_of(grants);
  std::vector<state::Change> changes;
  for (const auto& grant : added) {
    if (!known.insert(grant.right).second) continue;
    changes.push_back({state::Table::MadeGrants, stored_key(grant.right), encode(grant)});
    grants.push_back(grant);
  }
  if (grants.size() > kGrantsMax) {
    return fail(Code::Invalid,
                "{} grants would be made by API; expected at most {}: declare them, `myelin adopt` "
                "writes the documents",
                grants.size(), kGrantsMax);
  }
  auto replaced = replace(std::move(grants), std::move(changes));
  if (replaced) policy.use_made_grants(all());
  return replaced;
}

Result<void> MadeGrants::remove(const std::set<model::Right>& removed, PolicyHolder& policy) {
  const std::lock_guard changing(changes_);
  auto grants = *grants_.load();
  auto changes = take(grants, removed);
  auto replaced = replace(std::move(grants), std::move(changes));
  if (replaced) policy.use_made_grants(all());
  return replaced;
}

Result<std::size_t> MadeGrants::drop_declared(const policy::DirectGrants& declared) {
  const std::lock_guard changing(changes_);
  auto grants = *grants_.load();
  auto changes = take(grants, rights_of(declared));
  const auto dropped = changes.size();
  auto replaced = replace(std::move(grants), std::move(changes));
  if (!replaced) return pass(replaced);
  return dropped;
}

Result<void> MadeGrants::replace(policy::DirectGrants grants, std::vector<state::Change> changes) {
  if (changes.empty()) return {};
  auto written = store_.put_and_wait(std::move(changes));
  if (!written) return written;
  std::ranges::sort(grants, {}, right_of);
  grants_.store(std::make_shared<const policy::DirectGrants>(std::move(grants)));
  return {};
}

}  // namespace myelin::governance
