#include "model/policy_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/load.h"

namespace myelin::model {
namespace {

using testing::HasSubstr;

constexpr std::string_view kOrganisation =
    "apiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: {name: retail}\n---\n"
    "apiVersion: backstage.io/v1alpha1\nkind: Group\n"
    "metadata: {name: web-shop, annotations: {myelin.dev/domain: retail}}\nspec: {type: team}\n";

// One rule a line of the list, in a Policy that is right otherwise. Its rules begin in line 5.
Loaded loaded(const std::string& rules) {
  return load({{"org/org.yaml", std::string(kOrganisation)},
               {"myelin/policy.yaml",
                "apiVersion: myelin.dev/v1alpha1\nkind: Policy\nmetadata: {name: company}\n"
                "spec: {rules: [\n" +
                    rules + " ]}\n"}});
}

std::string rule(const std::string& must, const std::string& more = "") {
  return " {name: sizes, about: topic, owner: web-shop, principle: small is fast, message: make it smaller, rung: "
         "warn,\n"
         " must: " +
         must + more + "}";
}

std::string problems(const std::string& rules) { return document::listed(loaded(rules).problems); }

cel::Value topic(std::int64_t partitions) {
  return cel::Value::map({{cel::Value::string("partitions"), cel::Value::integer(partitions)}});
}

TEST(PolicyRule, IsReadWhole) {
  const auto read = loaded(rule("topic.partitions <= 12", ", scope: {squads: [web-shop], domains: [retail]}"));
  ASSERT_EQ(document::listed(read.problems), "");
  ASSERT_EQ(read.model.policy.rules.size(), 1U);
  ASSERT_EQ(document::listed(read.problems), "");
  const auto& rule = read.model.policy.rules.front();
  EXPECT_EQ(rule.name, "sizes");
  EXPECT_EQ(rule.about, RuleAbout::Topic);
  EXPECT_EQ(rule.squads, std::vector{SquadName("web-shop")});
  EXPECT_EQ(rule.domains, std::vector{DomainName("retail")});
  EXPECT_EQ(rule.owner, SquadName("web-shop"));
  EXPECT_EQ(rule.principle, "small is fast");
  EXPECT_EQ(rule.message, "make it smaller");
  EXPECT_EQ(rule.rung, Rung::Warn);
  EXPECT_EQ(rule.place.text(), "myelin/policy.yaml:5:9");
}

TEST(PolicyRule, SaysWhatToDoWhereItDoesNotHold) {
  const auto read = loaded(rule("topic.partitions <= 12"));
  ASSERT_EQ(document::listed(read.problems), "");
  const auto& rule = read.model.policy.rules.front();
  EXPECT_EQ(disobeyed(rule, {{"topic", topic(12)}}), "");
  EXPECT_EQ(disobeyed(rule, {{"topic", topic(13)}}), "make it smaller");
}

TEST(PolicyRule, WhatCantBeToldIsNotObeyed) {
  const auto read = loaded(rule("topic.partitions <= 12"));
  EXPECT_EQ(disobeyed(read.model.policy.rules.front(), {{"topic", cel::Value::map({})}}),
            "make it smaller (it can't be told whether it is so: no such key: partitions)");
  const auto number = loaded(rule("topic.partitions"));
  EXPECT_EQ(disobeyed(number.model.policy.rules.front(), {{"topic", topic(3)}}),
            "make it smaller (it can't be told whether it is so: the rule answers int, not bool)");
}

TEST(PolicyRule, ScopeIsAnyOfItsSquadsAndDomains) {
  const auto everybody = loaded(rule("'true'")).model.policy.rules.front();
  EXPECT_TRUE(everybody.covers(SquadName("billing"), DomainName("money")));
  const auto some = loaded(rule("'true'", ", scope: {squads: [web-shop]}")).model.policy.rules.front();
  EXPECT_TRUE(some.covers(SquadName("web-shop"), DomainName("money")));
  EXPECT_FALSE(some.covers(SquadName("billing"), DomainName("retail")));
  const auto domain = loaded(rule("'true'", ", scope: {domains: [retail]}")).model.policy.rules.front();
  EXPECT_TRUE(domain.covers(SquadName("billing"), DomainName("retail")));
  EXPECT_FALSE(domain.covers(SquadName("web-shop"), DomainName("money")));
}

TEST(PolicyRule, AFaultStandsAtItsLineAndColumn) {
  EXPECT_EQ(problems(rule("topic.partition <= 12")),
            "myelin/policy.yaml:6:14: spec.rules[0].must: topic has no \"partition\"; did you mean \"partitions\"?\n");
  EXPECT_EQ(problems(rule("\"topic.partitions <= \\\"12\"")),
            "myelin/policy.yaml:6:30: spec.rules[0].must: a string without its closing \"\n");
  EXPECT_EQ(problems(rule("topik.partitions <= 12")),
            "myelin/policy.yaml:6:8: spec.rules[0].must: \"topik\" is unknown; did you mean \"topic\"?\n");
  EXPECT_EQ(problems(rule("'topic.name.startWith(\"a\")'")),
            "myelin/policy.yaml:6:20: spec.rules[0].must: function \"startWith\" is unknown; did you mean "
            "\"startsWith\"?\n");
}

TEST(PolicyRule, WhatItNamesIsDeclared) {
  EXPECT_THAT(problems(rule("'true'", ", scope: {squads: [web-shp]}")),
              HasSubstr("Group \"web-shp\" is not declared; did you mean \"web-shop\"?"));
  EXPECT_THAT(problems(rule("'true'", ", scope: {domains: [retial]}")),
              HasSubstr("Domain \"retial\" is not declared; did you mean \"retail\"?"));
  EXPECT_THAT(problems(rule("'true'", ", scope: {}")), HasSubstr("leave scope out to mean everybody"));
  EXPECT_THAT(problems(rule("'true'") + ",\n" + rule("'false'")), HasSubstr("rule \"sizes\" is there twice"));
}

TEST(PolicyRule, AsksTheSameWhereItsRungAndWordsDiffer) {
  const auto question = [](const std::string& text) { return loaded(text).model.policy.rules.front().question(); };
  const auto before = rule("topic.partitions <= 12");
  auto blocking = before;
  blocking.replace(blocking.find("rung: warn"), 10, "rung: block");
  EXPECT_EQ(question(before), question(blocking));
  EXPECT_NE(question(before), question(rule("topic.partitions <= 13")));
  EXPECT_NE(question(before), question(rule("topic.partitions <= 12", ", scope: {squads: [web-shop]}")));
}

TEST(PolicyRule, ThereAreAtMostTwoHundred) {
  std::string rules;
  for (int i = 0; i <= 200; ++i) rules += (i == 0 ? "" : ",\n") + rule("'true'");
  EXPECT_THAT(problems(rules), HasSubstr("spec.rules has 201 rules, expected at most 200"));
}

}  // namespace
}  // namespace myelin::model
