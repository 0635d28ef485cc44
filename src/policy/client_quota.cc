#include "policy/client_quota.h"

#include <arpa/inet.h>

namespace myelin::policy {
namespace {

const QuotaName kAnyOther;

std::optional<double> value_in(const ClientQuotaTable& table, const QuotaEntity& entity, QuotaKey key) {
  const auto values = table.find(entity);
  if (values == table.end()) return std::nullopt;
  const auto found = values->second.find(key);
  return found == values->second.end() ? std::nullopt : std::optional(found->second);
}

template <typename Address>
std::optional<std::string> written(int family, const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (::inet_ntop(family, &address, text.data(), text.size()) == nullptr) return std::nullopt;
  return std::string(text.data());
}

}  // namespace

std::string_view name_of(EntityType type) {
  switch (type) {
    case EntityType::ClientId:
      return "client-id";
    case EntityType::Ip:
      return "ip";
    case EntityType::User:
      return "user";
  }
  return "?";
}

std::string_view name_of(QuotaKey key) {
  switch (key) {
    case QuotaKey::ConnectionCreationRate:
      return "connection_creation_rate";
    case QuotaKey::ConsumerByteRate:
      return "consumer_byte_rate";
    case QuotaKey::ProducerByteRate:
      return "producer_byte_rate";
    case QuotaKey::RequestPercentage:
      return "request_percentage";
  }
  return "?";
}

std::optional<ClientLimit> limit_of(const ClientQuotaTable& table, QuotaKey key, const std::string& user,
                                    const std::string& client_id) {
  using enum EntityType;
  const QuotaEntity levels[] = {
      {{User, user}, {ClientId, client_id}},
      {{User, user}, {ClientId, kAnyOther}},
      {{User, user}},
      {{User, kAnyOther}, {ClientId, client_id}},
      {{User, kAnyOther}, {ClientId, kAnyOther}},
      {{User, kAnyOther}},
      {{ClientId, client_id}},
      {{ClientId, kAnyOther}},
  };
  for (const auto& level : levels) {
    const auto rate = value_in(table, level, key);
    if (!rate) continue;
    return ClientLimit{*rate, level.contains(User) ? QuotaName(user) : std::nullopt,
                       level.contains(ClientId) ? QuotaName(client_id) : std::nullopt};
  }
  return std::nullopt;
}

ClientLimits limits_of(const ClientQuotaTable& table, const std::string& user, const std::string& client_id) {
  return {.produce = limit_of(table, QuotaKey::ProducerByteRate, user, client_id),
          .fetch = limit_of(table, QuotaKey::ConsumerByteRate, user, client_id),
          .requests = limit_of(table, QuotaKey::RequestPercentage, user, client_id)};
}

std::optional<double> connection_rate_of(const ClientQuotaTable& table, const std::string& ip) {
  const auto own = value_in(table, {{EntityType::Ip, ip}}, QuotaKey::ConnectionCreationRate);
  return own ? own : value_in(table, {{EntityType::Ip, kAnyOther}}, QuotaKey::ConnectionCreationRate);
}

std::optional<std::string> canonical_ip(const std::string& text) {
  in_addr v4{};
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) return written(AF_INET, v4);
  in6_addr v6{};
  if (::inet_pton(AF_INET6, text.c_str(), &v6) != 1) return std::nullopt;
  constexpr std::string_view kMapped = "::ffff:";
  auto address = written(AF_INET6, v6);
  if (address && IN6_IS_ADDR_V4MAPPED(&v6)) address->erase(0, kMapped.size());
  return address;
}

}  // namespace myelin::policy
