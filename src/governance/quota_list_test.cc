#include "governance/quota_list.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace myelin::governance {
namespace {

using testing::ElementsAre;

TEST(QuotaList, HoldsSquadsAndClientsByWhatTheyLimit) {
  model::PolicyDocument policy;
  policy.default_quota.connections_max = 10;
  policy.default_quota.place = {"myelin/policy.yaml", {.line = 8, .column = 7}};
  auto& shop = policy.squad_quotas[SquadName("shop")];
  shop.produce_bytes_per_second = 500;
  shop.place = {"myelin/policy.yaml", {.line = 11, .column = 9}};
  std::vector<std::string> texts;
  for (const auto& one : quota_list(
           policy, {{{{policy::EntityType::User, std::nullopt}}, {{policy::QuotaKey::RequestPercentage, 0.5}}}})) {
    texts.push_back(fmt::format("{}: {} {} {}, {}", one.limits, one.quota, one.value, one.unit,
                                one.place ? one.place->text() : "api"));
  }
  EXPECT_THAT(texts, ElementsAre("squad default: connections_max 10 connections, myelin/policy.yaml:8:7",
                                 "squad shop: produce_bytes_per_second 500 bytes/s, myelin/policy.yaml:11:9",
                                 "user default: request_percentage 0.5 percent, api"));
}

}  // namespace
}  // namespace myelin::governance
