#include "blueprint/blueprint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "model/load.h"

namespace myelin::blueprint {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// The folder of a shop: what was written so far, loaded again.
class Folder {
 public:
  // The error's message; empty when the files are in the folder now.
  std::string add(const Result<Blueprint>& blueprint) {
    if (!blueprint) return blueprint.error().message;
    for (const auto& [file, text] : blueprint->files) files_[file] = text;
    return "";
  }
  void write(const std::string& file, const std::string& text) { files_[file] = text; }
  [[nodiscard]] const std::string& text(const std::string& file) const { return files_.at(file); }

  [[nodiscard]] model::Model model() const {
    std::vector<document::Source> sources;
    for (const auto& [file, text] : files_) {
      if (!file.starts_with("clients/")) sources.push_back({file, text});
    }
    auto loaded = model::load(std::move(sources));
    EXPECT_TRUE(loaded.ok()) << document::listed(loaded.problems);
    return std::move(loaded.model);
  }

 private:
  std::map<std::string, std::string> files_;
};

Folder shop() {
  Folder folder;
  EXPECT_EQ(folder.add(squad_blueprint({}, {.name = "checkout", .domain = "shop", .members = {"olga"}})), "");
  EXPECT_EQ(folder.add(squad_blueprint(folder.model(), {.name = "billing", .members = {"bert", "olga"}})), "");
  EXPECT_EQ(folder.add(product_blueprint(folder.model(), {"orders", "checkout", "shop.order"})), "");
  return folder;
}

NewConsumer invoicing() { return {"invoicing", "orders", "billing", "Write invoices: all of them."}; }

std::vector<std::string> names_of(const Blueprint& blueprint) {
  std::vector<std::string> names;
  for (const auto& file : blueprint.files) names.push_back(file.file);
  return names;
}

TEST(Squad, OfAnEmptyFolderHasADomainOfItsName) {
  Folder folder;
  EXPECT_EQ(folder.add(squad_blueprint({}, {.name = "checkout", .on_call = "#on-call"})), "");
  const auto model = folder.model();
  const auto& squad = model.squads.at(SquadName("checkout"));
  EXPECT_EQ(squad.domain, DomainName("checkout"));
  EXPECT_EQ(model.domains.at(squad.domain).owner, SquadName("checkout"));
  EXPECT_EQ(model.team_profiles.at(squad.name).on_call, "#on-call");
}

TEST(Squad, JoinsTheOnlyDomainAndTakesInWhoIsThereAlready) {
  const auto model = shop().model();
  EXPECT_EQ(model.squads.at(SquadName("billing")).domain, DomainName("shop"));
  EXPECT_THAT(model.users.at(PrincipalName("bert")).squads, ElementsAre(SquadName("billing")));
  EXPECT_THAT(model.users.at(PrincipalName("olga")).squads,
              testing::UnorderedElementsAre(SquadName("checkout"), SquadName("billing")));
}

TEST(Squad, IsAskedForItsDomainWhereThereAreSeveral) {
  auto folder = shop();
  EXPECT_EQ(folder.add(squad_blueprint(folder.model(), {.name = "hr", .domain = "office"})), "");
  EXPECT_EQ(folder.add(squad_blueprint(folder.model(), {.name = "it"})),
            "the folder declares several domains: office, shop; say in which one squad \"it\" is");
}

TEST(Squad, HasANameThatIsFreeAndCanBe) {
  const auto model = shop().model();
  EXPECT_EQ(squad_blueprint(model, {.name = "billing"}).error().code, Code::Exists);
  EXPECT_EQ(squad_blueprint(model, {.name = "bill ing"}).error().code, Code::Invalid);
  EXPECT_EQ(squad_blueprint(model, {.name = "hr", .members = {"b:c"}}).error().code, Code::Invalid);
  EXPECT_EQ(squad_blueprint(model, {.name = "hr", .domain = "b:c"}).error().code, Code::Invalid);
}

TEST(Product, DeclaresItsTopicAndWhatWritesIt) {
  const auto model = shop().model();
  const auto& topic = model.topics.at(TopicName("shop.order"));
  EXPECT_EQ(topic.owner, SquadName("checkout"));
  EXPECT_EQ(topic.product, ProductName("orders"));
  EXPECT_EQ(topic.partitions, 3);
  const auto& application = model.applications.at(ApplicationName("orders-producer"));
  EXPECT_EQ(application.squad, SquadName("checkout"));
  EXPECT_THAT(application.principals, ElementsAre(PrincipalName("orders-producer")));
}

TEST(Product, IsWrittenByAnApplicationThatTheSquadHas) {
  auto folder = shop();
  folder.write(
      "org/till.yaml",
      "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: till, annotations: "
      "{myelin.dev/principals: \"till-eu till-us\"}}\nspec: {type: service, lifecycle: production, owner: checkout}\n");
  const auto blueprint = product_blueprint(folder.model(), {"sales", "checkout", "", "till"});
  ASSERT_TRUE(blueprint) << blueprint.error().message;
  EXPECT_FALSE(blueprint->new_principal);
  EXPECT_EQ(names_of(*blueprint).front(), "contracts/sales.odcs.yaml");
  EXPECT_EQ(folder.add(blueprint), "");
  EXPECT_THAT(folder.text("clients/till/python/settings.py"), HasSubstr("PRINCIPAL = \"till-eu\"\n"));
  EXPECT_THAT(folder.text("clients/till/python/producer.py"), HasSubstr("TOPIC = \"sales\"\n"));
  EXPECT_EQ(product_blueprint(folder.model(), {"bills", "billing", "", "till"}).error().code, Code::Exists);
}

TEST(Product, HasNamesThatAreFreeAndCanBe) {
  auto folder = shop();
  EXPECT_EQ(folder.add(product_blueprint(folder.model(), {"carts", "chekout"})),
            "squad \"chekout\" is not declared in the folder; did you mean \"checkout\"?");
  EXPECT_EQ(product_blueprint(folder.model(), {"orders", "checkout"}).error().code, Code::Exists);
  EXPECT_EQ(product_blueprint(folder.model(), {"carts", "checkout", "shop.order"}).error().code, Code::Exists);
  EXPECT_EQ(product_blueprint(folder.model(), {"carts", "checkout", "__carts"}).error().code, Code::Invalid);
  EXPECT_EQ(product_blueprint(folder.model(), {"carts/", "checkout"}).error().code, Code::Invalid);
  EXPECT_EQ(product_blueprint(folder.model(), {"carts", "checkout", "", "myelin"}).error().code, Code::Invalid);
}

TEST(Product, TakesNoFileOfOtherDocuments) {
  auto folder = shop();
  folder.write("org/carts-producer.yaml",
               "apiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: {name: office}\n");
  EXPECT_THAT(folder.add(product_blueprint(folder.model(), {"carts", "checkout"})),
              HasSubstr("org/carts-producer.yaml is there already"));
}

TEST(Consumer, HasAGrantForItsApplicationAlone) {
  auto folder = shop();
  auto wanted = invoicing();
  wanted.until = "2099-12-31";
  EXPECT_EQ(folder.add(consumer_blueprint(folder.model(), wanted)), "");
  const auto model = folder.model();
  ASSERT_EQ(model.grants.size(), 1U);
  const auto& grant = model.grants.front();
  EXPECT_EQ(grant.id, "orders-for-invoicing");
  EXPECT_EQ(grant.application, ApplicationName("invoicing"));
  EXPECT_EQ(grant.purpose, "Write invoices: all of them.");
  EXPECT_EQ(grant.status, model::GrantStatus::Approved);
  EXPECT_TRUE(grant.end);
  EXPECT_THAT(grant.topics, ElementsAre(TopicName("shop.order")));
  EXPECT_THAT(folder.text("clients/invoicing/go/main.go"), HasSubstr("topics = \"shop.order\"\n"));
}

TEST(Consumer, SaysWhichPortOfAProductItReadsByItsId) {
  auto folder = shop();
  folder.write("products/stock.odps.yaml",
               "apiVersion: v1.0.0\nkind: DataProduct\nid: prd-17\nname: stock\nversion: 1.0.0\nstatus: active\n"
               "team: {name: checkout}\noutputPorts:\n  - {name: level, version: 1.0.0, contractId: level}\n"
               "  - {name: alert, version: 1.0.0}\n");
  folder.write("contracts/level.odcs.yaml",
               "apiVersion: v3.2.0\nkind: DataContract\nid: level\nversion: 1.0.0\nstatus: active\n"
               "schema:\n  - {name: level, physicalName: stock.level, physicalType: topic}\n");
  NewConsumer wanted{"planner", "stock", "billing", "Plan."};
  EXPECT_EQ(folder.add(consumer_blueprint(folder.model(), wanted)),
            "product stock has 2 ports; say which one: level, alert");
  wanted.port = "alert";
  EXPECT_THAT(folder.add(consumer_blueprint(folder.model(), wanted)), HasSubstr("has no topic"));
  wanted.port = "level";
  EXPECT_EQ(folder.add(consumer_blueprint(folder.model(), wanted)), "");
  const auto model = folder.model();
  EXPECT_EQ(model.grants.front().id, "stock-level-for-planner");
  EXPECT_THAT(model.grants.front().topics, ElementsAre(TopicName("stock.level")));
}

TEST(Consumer, OfItsOwnProductNeedsNoGrant) {
  auto folder = shop();
  const auto blueprint = consumer_blueprint(folder.model(), {"dashboard", "orders", "checkout", ""});
  ASSERT_TRUE(blueprint) << blueprint.error().message;
  EXPECT_FALSE(blueprint->has_grant);
  EXPECT_EQ(folder.add(blueprint), "");
  EXPECT_TRUE(folder.model().grants.empty());
}

TEST(Consumer, SaysWhatItReadsAndWhatFor) {
  const auto model = shop().model();
  auto wanted = invoicing();
  wanted.purpose = "";
  EXPECT_THAT(consumer_blueprint(model, wanted).error().message, HasSubstr("what squad \"billing\" reads"));
  wanted = invoicing();
  wanted.product = "order";
  EXPECT_THAT(consumer_blueprint(model, wanted).error().message, HasSubstr("did you mean \"orders\"?"));
  wanted = invoicing();
  wanted.port = "cancelled";
  EXPECT_THAT(consumer_blueprint(model, wanted).error().message, HasSubstr("product orders has no port cancelled"));
  wanted = invoicing();
  wanted.until = "soon";
  EXPECT_THAT(consumer_blueprint(model, wanted).error().message,
              HasSubstr("grants/orders-for-invoicing.yaml:7:15: endTimestamp \"soon\""));
}

TEST(Clients, AreWholeAndOfOneKind) {
  auto folder = shop();
  const auto consumer = consumer_blueprint(folder.model(), invoicing());
  const auto producer = product_blueprint(folder.model(), {"carts", "checkout"});
  ASSERT_TRUE(consumer && producer);
  for (const auto* blueprint : {&*consumer, &*producer}) {
    for (const auto& [file, text] : blueprint->files) {
      for (const auto* placeholder : {"@APPLICATION@", "@PRINCIPAL@", "@TOPIC@", "@TOPICS@", "@CLASS@"}) {
        EXPECT_THAT(text, Not(HasSubstr(placeholder))) << file;
      }
    }
  }
  EXPECT_THAT(names_of(*consumer), testing::Contains("clients/invoicing/java/src/main/java/Consumer.java"));
  EXPECT_THAT(names_of(*consumer), Not(testing::Contains(HasSubstr("roducer"))));
}

}  // namespace
}  // namespace myelin::blueprint
