#include "policy/client_quota.h"

#include <gtest/gtest.h>

namespace myelin::policy {
namespace {

using enum EntityType;
using enum QuotaKey;

const QuotaName kOther;

// Kafka's eight levels for the user ana with the client id till, the most specific first; each row's limit counts as
// long as no row above it is set.
struct Level {
  QuotaEntity entity;
  double rate;
  QuotaName shared_by_user;
  QuotaName shared_by_client_id;
};
const Level kLevels[] = {
    {{{User, "ana"}, {ClientId, "till"}}, 1, "ana", "till"},
    {{{User, "ana"}, {ClientId, kOther}}, 2, "ana", "till"},
    {{{User, "ana"}}, 3, "ana", std::nullopt},
    {{{User, kOther}, {ClientId, "till"}}, 4, "ana", "till"},
    {{{User, kOther}, {ClientId, kOther}}, 5, "ana", "till"},
    {{{User, kOther}}, 6, "ana", std::nullopt},
    {{{ClientId, "till"}}, 7, std::nullopt, "till"},
    {{{ClientId, kOther}}, 8, std::nullopt, "till"},
};

TEST(ClientQuota, TheMostSpecificOfEightLevelsCounts) {
  ClientQuotaTable table;
  for (const auto& level : kLevels) table[level.entity][ProducerByteRate] = level.rate;
  for (const auto& level : kLevels) {
    const auto limit = limit_of(table, ProducerByteRate, "ana", "till");
    EXPECT_EQ(limit, (ClientLimit{level.rate, level.shared_by_user, level.shared_by_client_id})) << level.rate;
    table.erase(level.entity);
  }
  EXPECT_EQ(limit_of(table, ProducerByteRate, "ana", "till"), std::nullopt);
}

TEST(ClientQuota, AnotherUserOrClientIdMeetsTheDefaults) {
  ClientQuotaTable table;
  for (const auto& level : kLevels) table[level.entity][ProducerByteRate] = level.rate;
  struct Case {
    std::string user, client_id;
    double rate;
  };
  for (const auto& [user, client_id, rate] : {Case{"ana", "scan", 2}, Case{"bo", "till", 4}, Case{"bo", "scan", 5}}) {
    EXPECT_EQ(limit_of(table, ProducerByteRate, user, client_id)->rate, rate) << user << " with " << client_id;
  }
  for (const auto& gone : {kLevels[3], kLevels[4], kLevels[5]}) table.erase(gone.entity);
  EXPECT_EQ(limit_of(table, ProducerByteRate, "bo", "till")->rate, 7);
  EXPECT_EQ(limit_of(table, ProducerByteRate, "bo", "scan")->rate, 8);
}

TEST(ClientQuota, ALevelThatDoesNotLimitTheKeyIsPassedBy) {
  const ClientQuotaTable table{{{{User, "ana"}, {ClientId, "till"}}, {{ConsumerByteRate, 10}}},
                               {{{User, "ana"}}, {{ProducerByteRate, 20}, {RequestPercentage, 30}}}};
  const auto limits = limits_of(table, "ana", "till");
  EXPECT_EQ(limits.fetch, (ClientLimit{10, "ana", "till"}));
  EXPECT_EQ(limits.produce, (ClientLimit{20, "ana", std::nullopt}));
  EXPECT_EQ(limits.requests, (ClientLimit{30, "ana", std::nullopt}));
  EXPECT_FALSE(limits_of(table, "bo", "till").any());
}

TEST(ClientQuota, AnAddressHasItsOwnRateOrTheDefault) {
  const ClientQuotaTable table{{{{Ip, "10.0.0.1"}}, {{ConnectionCreationRate, 5}}},
                               {{{Ip, kOther}}, {{ConnectionCreationRate, 50}}}};
  EXPECT_EQ(connection_rate_of(table, "10.0.0.1"), 5);
  EXPECT_EQ(connection_rate_of(table, "10.0.0.2"), 50);
  EXPECT_EQ(connection_rate_of({}, "10.0.0.2"), std::nullopt);
}

TEST(ClientQuota, AnAddressIsWrittenInOneWay) {
  EXPECT_EQ(canonical_ip("10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(canonical_ip("0:0:0:0:0:0:0:1"), "::1");
  EXPECT_EQ(canonical_ip("::ffff:10.0.0.1"), "10.0.0.1");
  for (const auto* wrong : {"", "localhost", "10.0.0", "10.0.0.256", "10.0.0.1 "}) {
    EXPECT_EQ(canonical_ip(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace myelin::policy
