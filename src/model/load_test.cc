#include "model/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace myelin::model {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::filesystem::path kSource = MYELIN_SOURCE_DIR;

std::string read(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream.is_open()) << path;
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// The problems of src/model/golden/NAME, which src/model/golden/NAME.txt lists.
void expect_problems(const std::string& name) {
  const std::filesystem::path golden = kSource / "src/model/golden";
  const auto loaded = load_folder(golden / name);
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_EQ(document::listed(loaded->problems), read(golden / (name + ".txt")));
}

TEST(LoadGolden, ReportsEveryMistakeInAnOrganisation) { expect_problems("organisation"); }
TEST(LoadGolden, ReportsEveryMistakeInContractsProductsGrantsAndPolicy) { expect_problems("data"); }
TEST(LoadGolden, ReportsUnreadableFilesWithoutInventingDanglingReferences) { expect_problems("unreadable"); }
TEST(LoadGolden, ReportsTheMistakesOfOtherFilesBesideUnreadableOnes) { expect_problems("partly"); }

TEST(Load, AcceptsQuokka) {
  const auto loaded = load_folder(kSource / "examples/quokka");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_EQ(document::listed(loaded->problems), "");
  const Model& model = loaded->model;
  EXPECT_EQ(model.domains.size(), 9U);
  EXPECT_EQ(model.squads.size(), 13U);
  EXPECT_EQ(model.applications.size(), 26U);
  EXPECT_EQ(model.principals.size(), 31U);
  EXPECT_EQ(model.topics.size(), 20U);
  EXPECT_EQ(model.products.size(), 16U);
  EXPECT_EQ(model.grants.size(), 19U);
}

TEST(Load, KeepsEveryDocumentVerbatim) {
  const auto loaded = load_folder(kSource / "examples/quokka");
  ASSERT_TRUE(loaded.has_value());
  for (const document::Document& document : loaded->model.documents) {
    EXPECT_EQ(document.source->text, read(kSource / "examples/quokka" / document.source->file));
  }
}

TEST(Load, ReadsWhatATopicPromisesToKafka) {
  const auto loaded = load_folder(kSource / "examples/quokka");
  ASSERT_TRUE(loaded.has_value());
  const Topic& cart = loaded->model.topics.at(TopicName("online.cart-event"));
  EXPECT_EQ(cart.partitions, 8);
  EXPECT_EQ(cart.durability, Durability::Interval);
  EXPECT_EQ(cart.retention, std::chrono::hours(72));
  EXPECT_EQ(cart.compacted, std::nullopt);
  EXPECT_EQ(cart.owner, SquadName("web-shop"));
  EXPECT_EQ(cart.product, std::nullopt);
  const Topic& prices = loaded->model.topics.at(TopicName("prices.price-list"));
  EXPECT_EQ(prices.compacted, true);
  EXPECT_EQ(prices.product, ProductName("price-list"));
  EXPECT_EQ(prices.place.text(), "contracts/prices-price-list.odcs.yaml:14:19");
}

// Groups sales ("Sales Team") and support, a contract and a product of the given teams, each as written behind "team:".
Loaded with_teams(const std::string& contract_team, const std::string& product_team,
                  const std::string& version = "1.0.0", const std::string& support_title = "Support") {
  const auto team = [](const std::string& name) { return name.empty() ? "" : "team: " + name + "\n"; };
  return load(
      {{"org/o.yaml",
        "apiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: {name: shop}\n---\n"
        "apiVersion: backstage.io/v1alpha1\nkind: Group\n"
        "metadata: {name: sales, title: Sales Team, annotations: {myelin.dev/domain: shop}}\nspec: {type: team}\n---\n"
        "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: support, title: " +
            support_title + ", annotations: {myelin.dev/domain: shop}}\nspec: {type: team}\n"},
       {"contracts/order.odcs.yaml",
        "apiVersion: v3.1.0\nkind: DataContract\nid: order\nversion: 1.0.0\nstatus: active\n" + team(contract_team) +
            "schema: [{name: order, physicalName: shop.order, physicalType: topic}]\n"},
       {"products/orders.odps.yaml", "apiVersion: v" + version + "\nkind: DataProduct\nid: orders\nstatus: active\n" +
                                         team(product_team) +
                                         "outputPorts: [{name: order, version: 1.0.0, contractId: order}]\n"}});
}

TEST(Load, ATeamMayBeWrittenByTheTitleOfItsGroup) {
  const auto loaded = with_teams("{name: Sales Team}", "{name: sales}");
  EXPECT_EQ(document::listed(loaded.problems), "");
  EXPECT_EQ(loaded.model.topics.at(TopicName("shop.order")).owner, SquadName("sales"));
  EXPECT_EQ(document::listed(with_teams("{name: sales}", "{name: Sales Team}").problems), "");
}

TEST(Load, ATitleThatTwoGroupsHaveNamesNeither) {
  EXPECT_EQ(document::listed(with_teams("", "{name: Sales Team}", "1.0.0", "Sales Team").problems),
            "products/orders.odps.yaml:5:14: Group \"Sales Team\" is not declared\n");
}

TEST(Load, ATitleThatCouldBeANameNamesNobody) {
  EXPECT_EQ(document::listed(with_teams("", "{name: Support}").problems),
            "products/orders.odps.yaml:5:14: Group \"Support\" is not declared; did you mean \"support\"?\n");
}

TEST(Load, AProductWithoutATeamBelongsToThatOfItsContract) {
  for (const auto* version : {"1.0.0", "0.9.0"}) {
    const auto loaded = with_teams("{name: sales}", "", version);
    EXPECT_EQ(document::listed(loaded.problems), "");
    EXPECT_EQ(loaded.model.products.at(ProductName("orders")).owner, SquadName("sales"));
    EXPECT_EQ(loaded.model.topics.at(TopicName("shop.order")).owner, SquadName("sales"));
  }
}

TEST(Load, AProductOf09MayListItsMembers) {
  EXPECT_EQ(document::listed(with_teams("{name: sales}", "[{username: ada}]", "0.9.0").problems), "");
}

TEST(Load, AProductWhoseContractHasNoTeamEitherHasNoOwner) {
  EXPECT_EQ(
      document::listed(with_teams("", "").problems),
      "products/orders.odps.yaml:3:5: product \"orders\" has no owner: team.name is missing, and no contract that "
      "its output ports name has one\n");
}

TEST(Load, ReadsThePolicyAndFillsSquadQuotasFromTheDefault) {
  const auto loaded = load_folder(kSource / "examples/quokka");
  ASSERT_TRUE(loaded.has_value());
  const PolicyDocument& policy = loaded->model.policy;
  EXPECT_EQ(policy.platform_group, SquadName("data-platform"));
  EXPECT_EQ(policy.undeclared_topics, UndeclaredTopics::Report);
  const Quota& quota = policy.squad_quotas.at(SquadName("web-shop"));
  EXPECT_EQ(quota.connections_max, 200U);
  EXPECT_EQ(quota.produce_bytes_per_second, 40'000'000U);
  EXPECT_EQ(quota.fetch_bytes_per_second, 60'000'000U);
}

TEST(Load, NamesEveryMistakeOfADirectGrant) {
  const auto problems_of = [](const std::string& spec) {
    return document::listed(
        load({{"org/a.yaml",
               "apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {name: bert}\n"
               "spec: {memberOf: []}\n"},
              {"myelin/g.yaml",
               "apiVersion: myelin.dev/v1alpha1\nkind: DirectGrant\nmetadata: {name: g}\nspec: " + spec + "\n"}})
            .problems);
  };
  EXPECT_EQ(problems_of("{principal: bert, resource: topic, name: shop.order, pattern: literal, operations: [read]}"),
            "");
  EXPECT_EQ(problems_of("{principal: bret, resource: topic, name: shop.order, operations: [read]}"),
            "myelin/g.yaml:4:19: principal \"bret\" is not declared; did you mean \"bert\"?\n");
  EXPECT_EQ(problems_of("{principal: bert, resource: topic, name: _, pattern: prefixed, operations: [read]}"),
            "myelin/g.yaml:4:48: name \"_\": takes in internal topics, which start with __\n");
  EXPECT_EQ(problems_of("{principal: bert, resource: group, name: g, operations: [write]}"),
            "myelin/g.yaml:4:64: operation \"write\" is unknown for a group; use all, read, delete or describe\n");
  EXPECT_EQ(problems_of("{principal: bert, resource: topic, name: g, operations: []}"),
            "myelin/g.yaml:4:7: spec.operations is missing or empty; expected a list of operations\n");
  EXPECT_EQ(problems_of("{principal: bert, resource: topic, name: g, host: a, operations: [read]}"),
            "myelin/g.yaml:4:51: spec.host is not a field here; use principal, resource, name, pattern or "
            "operations\n");
}

// What is in force is not parsed again: only what is new is, and the answer is the same.
TEST(Load, SharesTheTreesOfFilesThatItKnows) {
  const auto domain = [](const std::string& name) {
    return "apiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: {name: " + name + "}\n---\n";
  };
  const auto known = load({{"org/a.yaml", domain("food") + domain("toys")}, {"org/b.yaml", domain("books")}});
  const std::vector<document::Source> sources{{"org/a.yaml", domain("food") + domain("toys")},
                                              {"org/b.yaml", domain("novels")},
                                              {"org/c.yaml", domain("books")}};
  const auto loaded = load(sources, known.model);
  EXPECT_EQ(document::listed(loaded.problems), "");
  ASSERT_EQ(loaded.model.documents.size(), 4U);
  EXPECT_EQ(loaded.model.documents[0].root, known.model.documents[0].root);
  EXPECT_EQ(loaded.model.documents[1].root, known.model.documents[1].root);
  EXPECT_NE(loaded.model.documents[2].root, known.model.documents[2].root);
  EXPECT_EQ(loaded.model.documents[2].root->find("metadata")->find("name")->text, "novels");
  EXPECT_EQ(loaded.model.domains.size(), 4U);
}

TEST(Load, FindsInFilesThatItKnowsWhatIsWrongBesideOthers) {
  const std::string bert =
      "apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {name: bert}\nspec: {memberOf: [a]}\n";
  const std::string squad =
      "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: a}\nspec: {type: stream-aligned, children: "
      "[]}\n";
  const auto known = load({{"org/a.yaml", squad}, {"org/bert.yaml", bert}});
  ASSERT_EQ(document::listed(known.problems), "");
  const std::vector<document::Source> without_squad{{"org/bert.yaml", bert}};
  EXPECT_NE(document::listed(load(without_squad).problems), "");
  EXPECT_EQ(document::listed(load(without_squad, known.model).problems),
            document::listed(load(without_squad).problems));
}

// ODCS leaves the status open: what its examples write is no mistake, a misspelt one is.
TEST(Load, TakesEveryStatusOfTheOfficialContracts) {
  const auto problems_of = [](const std::string& status) {
    return document::listed(
        load({{"contracts/a.odcs.yaml",
               "apiVersion: v3.1.0\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: " + status + "\n"}})
            .problems);
  };
  for (const char* status : {"active", "development", "in development", "production"}) {
    EXPECT_EQ(problems_of(status), "");
  }
  EXPECT_THAT(problems_of("in developement"), HasSubstr("5:9: status \"in developement\" is unknown"));
}

// A field that may be left out, but not written and empty: whoever wrote it meant somebody.
TEST(Load, NamesGroupsThatAreEmpty) {
  const auto problems_of = [](const std::string& kind, const std::string& spec) {
    return document::listed(load({{"myelin/a.yaml", "apiVersion: myelin.dev/v1alpha1\nkind: " + kind +
                                                        "\nmetadata: {name: a}\nspec: " + spec + "\n"}})
                                .problems);
  };
  EXPECT_EQ(problems_of("Policy", "{platform_group: ''}"),
            "myelin/a.yaml:4:24: spec.platform_group is empty; expected a Group's name, or leave it out\n");
  EXPECT_EQ(problems_of("Policy", "{platform_group: 'group:default/'}"),
            "myelin/a.yaml:4:24: \"group:default/\" names nothing; expected Group:NAME or NAME\n");
  EXPECT_THAT(problems_of("AccountabilityModel", "{central: ''}"), HasSubstr("a.yaml:4:17: spec.central is empty"));
}

TEST(Load, TakesAnEmptyModel) {
  const Loaded loaded = load({});
  EXPECT_TRUE(loaded.ok());
  EXPECT_THAT(loaded.model.topics, IsEmpty());
  EXPECT_EQ(loaded.model.policy.undeclared_topics, UndeclaredTopics::Closed);
}

TEST(Load, RefusesAFileThatNoFolderOfTheModelHolds) {
  EXPECT_EQ(document::listed(load({{"notes/a.yaml", "a: 1\n"}}).problems),
            "notes/a.yaml: lies outside org/, contracts/, products/, grants/ and myelin/\n");
}

TEST(LoadFolder, SaysWhenItIsNotAModel) {
  const auto missing = load_folder("/nonexistent");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, Code::NotFound);
  const auto none = load_folder(kSource / "examples");
  ASSERT_FALSE(none.has_value());
  EXPECT_THAT(none.error().message, HasSubstr("expected one of the folders org, contracts"));
}

}  // namespace
}  // namespace myelin::model
