#pragma once
// Limits of Kafka's clients: what is set for which entity, and which of Kafka's levels counts for a client. Pure
// values.
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace myelin::policy {

// What an entity is made of: a user, a client id or both, or an address alone.
enum class EntityType : std::uint8_t { ClientId, Ip, User };
inline constexpr std::array kEntityTypes{EntityType::ClientId, EntityType::Ip, EntityType::User};
[[nodiscard]] std::string_view name_of(EntityType type);  // as Kafka writes it

enum class QuotaKey : std::uint8_t {
  ConnectionCreationRate,  // new connections a second; of addresses only
  ConsumerByteRate,        // bytes a second that fetches are answered with
  ProducerByteRate,        // bytes a second of records that are produced
  RequestPercentage,       // of an event loop's time; more than 100 with several loops
};
inline constexpr std::array kQuotaKeys{QuotaKey::ConnectionCreationRate, QuotaKey::ConsumerByteRate,
                                       QuotaKey::ProducerByteRate, QuotaKey::RequestPercentage};
[[nodiscard]] std::string_view name_of(QuotaKey key);  // as Kafka writes it

// Nothing: the default, for all that have no quota under a name of their own.
using QuotaName = std::optional<std::string>;
using QuotaEntity = std::map<EntityType, QuotaName>;
using QuotaValues = std::map<QuotaKey, double>;  // finite, above zero
using ClientQuotaTable = std::map<QuotaEntity, QuotaValues>;

// One limit of a client. Clients with the same user and client id here share it; nothing: it is not told apart by that.
struct ClientLimit {
  double rate = 0;
  QuotaName user;
  QuotaName client_id;
  auto operator<=>(const ClientLimit&) const = default;
};

// The most specific limit, of Kafka's eight levels; each key is looked for by itself.
[[nodiscard]] std::optional<ClientLimit> limit_of(const ClientQuotaTable& table, QuotaKey key, const std::string& user,
                                                  const std::string& client_id);

// All that limits one client's requests.
struct ClientLimits {
  std::optional<ClientLimit> produce;
  std::optional<ClientLimit> fetch;
  std::optional<ClientLimit> requests;
  [[nodiscard]] bool any() const { return produce || fetch || requests; }
};
[[nodiscard]] ClientLimits limits_of(const ClientQuotaTable& table, const std::string& user,
                                     const std::string& client_id);

// Connections a second that the address may open; `ip` as canonical_ip() writes it.
[[nodiscard]] std::optional<double> connection_rate_of(const ClientQuotaTable& table, const std::string& ip);

// The one way to write a numeric address, an IPv4 address in IPv6 form as IPv4; nullopt: it is none.
[[nodiscard]] std::optional<std::string> canonical_ip(const std::string& text);

}  // namespace myelin::policy
