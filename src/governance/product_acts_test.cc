#include "governance/product_acts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/company_testing.h"

namespace myelin::governance {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Uuid kCart{{std::byte{7}}};

// Squad orders owns product orders, whose mode nobody declares, and product carts in mode sustain; billing is central.
std::shared_ptr<const policy::Snapshot> snapshot() {
  auto model = policy::company(
      {{"products/carts.odps.yaml",
        "apiVersion: v1.0.0\nkind: DataProduct\nid: carts\nstatus: active\nteam: {name: orders}\noutputPorts:\n"
        "  - {name: cart, version: '1', contractId: cart}\ncustomProperties:\n"
        "  - {property: mode, value: sustain, vendor: myelin}\n"},
       {"myelin/accountability.yaml",
        "apiVersion: myelin.dev/v1alpha1\nkind: AccountabilityModel\nmetadata: {name: shop}\nspec: {central: "
        "billing}\n"}});
  return policy::Snapshot::build(std::make_shared<const model::Model>(std::move(model)), {});
}

std::vector<std::string> words(const std::vector<state::AuditedAct>& acts) {
  std::vector<std::string> lines;
  for (const auto& act : acts) {
    lines.push_back(act.product + (act.mode.empty() ? "" : " in " + act.mode) + ": " + act.duty + " by " + act.squad +
                    ", due " + act.due);
  }
  return lines;
}

std::vector<std::string> requested(const char* principal, const kafka::Request& request) {
  const auto rules = snapshot();
  Access access(rules, rules->subject(PrincipalName(principal)), policy::day("2026-03-01"));
  access.learn_name(kCart, "shop.cart");
  return words(acts_of_request(access, request));
}

template <typename Request>
Request about(std::initializer_list<const char*> topics) {
  Request request;
  for (const char* topic : topics) request.topics.emplace_back().name = topic;
  return request;
}

TEST(ActsOfRequest, CreatingAndDeletingIsToBuild) {
  EXPECT_THAT(requested("checkout-1", about<kafka::CreateTopicsRequest>({"shop.order", "shop.refund", "shop.cart"})),
              ElementsAre("carts in sustain: build by orders, due billing", "orders: build by orders, due orders"));
  kafka::DeleteTopicsRequest by_name;
  by_name.topic_names = {"shop.order"};
  EXPECT_THAT(requested("ledger", by_name), ElementsAre("orders: build by billing, due orders"));
  kafka::DeleteTopicsRequest by_id;
  by_id.topics.emplace_back().topic_id = kCart;
  by_id.topics.emplace_back().topic_id = Uuid{{std::byte{9}}};  // of no topic
  EXPECT_THAT(requested("ledger", by_id), ElementsAre("carts in sustain: build by billing, due billing"));
}

TEST(ActsOfRequest, ChangingWhatExistsIsToRun) {
  const auto expected = ElementsAre("carts in sustain: run by ops, due billing");
  EXPECT_THAT(requested("probe", about<kafka::CreatePartitionsRequest>({"shop.cart"})), expected);
  EXPECT_THAT(requested("probe", about<kafka::DeleteRecordsRequest>({"shop.cart"})), expected);
  kafka::IncrementalAlterConfigsRequest settings;
  auto& topic = settings.resources.emplace_back();
  topic.resource_type = 2;
  topic.resource_name = "shop.cart";
  auto& broker = settings.resources.emplace_back();
  broker.resource_type = 4;
  broker.resource_name = "shop.order";
  EXPECT_THAT(requested("probe", settings), expected);
}

TEST(ActsOfRequest, OfNoProductIsNone) {
  EXPECT_THAT(requested("checkout-1", about<kafka::CreateTopicsRequest>({"raw.clicks", "nobody.knows"})), IsEmpty());
  EXPECT_THAT(requested("checkout-1", kafka::MetadataRequest()), IsEmpty());
}

TEST(ActsOfRequest, OfSomebodyInNoSquadIsByNobody) {
  EXPECT_THAT(requested("stranger", about<kafka::DeleteRecordsRequest>({"shop.order"})),
              ElementsAre("orders: run by , due orders"));
}

plan::EntityChange change(plan::EntityKind kind, const char* product, std::vector<plan::Consent> consents) {
  plan::EntityChange change;
  change.entity = {kind, "x"};
  change.product = ProductName(product);
  change.consents = std::move(consents);
  return change;
}

TEST(ActsOfApply, AContractIsBuiltAndAGrantIsApprovedByWhoGivesTheConsent) {
  const auto rules = snapshot();
  plan::Plan plan;
  plan.entities = {change(plan::EntityKind::Contract, "carts", {{SquadName("orders"), "it is its own"}}),
                   change(plan::EntityKind::Grant, "orders", {{SquadName("orders"), "it is its own"}}),
                   change(plan::EntityKind::Product, "orders", {{SquadName("orders"), "it is its own"}}),
                   change(plan::EntityKind::Grant, "", {{SquadName("orders"), "it is its own"}})};
  const auto applied = [&](const char* principal, const std::set<SquadName>& others) {
    const PrincipalName name(principal);
    return words(acts_of_apply({*rules, name}, plan, others));
  };
  EXPECT_THAT(applied("olga", {}),
              ElementsAre("carts in sustain: build by orders, due billing", "orders: approve by orders, due orders"));
  EXPECT_THAT(applied("petra", {}),
              ElementsAre("carts in sustain: build by ops, due billing", "orders: approve by ops, due orders"));
  // By the consent of others; the contract was built by its author all the same.
  EXPECT_THAT(applied("bert", {SquadName("orders")}), ElementsAre("carts in sustain: build by billing, due billing"));
}

TEST(ActsOfAnswer, IsOfTheConsentsThatTheAskerGives) {
  const auto rules = snapshot();
  plan::Plan plan;
  const plan::Consent own{SquadName("orders"), "it is its own"};
  const plan::Consent given{SquadName("orders"), "given already"};
  plan.entities = {change(plan::EntityKind::Grant, "orders", {own}), change(plan::EntityKind::Grant, "carts", {given}),
                   change(plan::EntityKind::User, "", {{SquadName(), "only the platform group"}})};
  plan.missing = {{SquadName(), "only the platform group"}, own};
  const PrincipalName olga("olga");
  const PrincipalName petra("petra");
  const PrincipalName bert("bert");
  EXPECT_THAT(words(acts_of_answer({*rules, olga}, plan)), ElementsAre("orders: approve by orders, due orders"));
  EXPECT_THAT(words(acts_of_answer({*rules, petra}, plan)), ElementsAre("orders: approve by ops, due orders"));
  EXPECT_THAT(words(acts_of_answer({*rules, bert}, plan)), IsEmpty());
  EXPECT_THAT(words(acts_of_answer({*rules, olga}, ProductName("carts"), plan.missing)),
              ElementsAre("carts in sustain: approve by orders, due orders"));
}

}  // namespace
}  // namespace myelin::governance
