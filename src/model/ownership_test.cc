#include "model/ownership.h"

#include <gtest/gtest.h>

#include "model/load.h"

namespace myelin::model {
namespace {

Model quokka() {
  auto loaded = load_folder(std::filesystem::path(MYELIN_SOURCE_DIR) / "examples/quokka");
  EXPECT_TRUE(loaded.has_value() && loaded->ok());
  return std::move(loaded->model);
}

// Two squads; one application claims a short and a long prefix and one that ends with a separator.
Model prefixes() {
  auto loaded = load({{"org/a.yaml", R"(
apiVersion: backstage.io/v1alpha1
kind: Domain
metadata: {name: shop}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: tills, annotations: {myelin.dev/domain: shop}}
spec: {type: team}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: till, annotations: {myelin.dev/prefixes: "pos pos.returns raw_"}}
spec: {owner: tills}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: till-returns, annotations: {myelin.dev/prefixes: pos.returns.old}}
spec: {owner: tills}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: silent, annotations: {myelin.dev/prefixes: ""}}
spec: {owner: tills}
)"}});
  EXPECT_EQ(document::listed(loaded.problems), "");
  return std::move(loaded.model);
}

TEST(Prefix, OwnsItselfAndWhatFollowsASeparator) {
  EXPECT_TRUE(has_prefix("pos", "pos"));
  EXPECT_TRUE(has_prefix("pos.sales", "pos"));
  EXPECT_TRUE(has_prefix("pos-sales", "pos"));
  EXPECT_TRUE(has_prefix("pos_sales", "pos"));
  EXPECT_TRUE(has_prefix("raw_x", "raw_"));
  EXPECT_FALSE(has_prefix("postal", "pos"));
  EXPECT_FALSE(has_prefix("po", "pos"));
  EXPECT_FALSE(has_prefix("raw", "raw_"));
  EXPECT_FALSE(has_prefix("anything", ""));
}

TEST(Prefix, GoesToTheLongest) {
  const Model model = prefixes();
  EXPECT_EQ(prefix_owner(model, "pos.sales")->name, ApplicationName("till"));
  EXPECT_EQ(prefix_owner(model, "pos.returns.old.1")->name, ApplicationName("till-returns"));
  EXPECT_EQ(prefix_owner(model, "raw_1")->name, ApplicationName("till"));
  EXPECT_EQ(prefix_owner(model, "till"), nullptr);
  EXPECT_EQ(prefix_owner(model, "silent"), nullptr);
}

TEST(TopicOwner, IsTheProductThenTheContractThenThePrefix) {
  const Model model = quokka();
  const auto by_product = topic_owner(model, TopicName("sales.unified"));
  EXPECT_EQ(by_product->squad, SquadName("central-data"));
  EXPECT_EQ(by_product->through, OwnedThrough::Product);
  EXPECT_EQ(by_product->place.file, "products/unified-sales.odps.yaml");
  const auto by_contract = topic_owner(model, TopicName("payments.authorisation"));
  EXPECT_EQ(by_contract->squad, SquadName("payments-and-fraud"));
  EXPECT_EQ(by_contract->through, OwnedThrough::Contract);
  EXPECT_EQ(by_contract->place.text(), "contracts/payments-authorisation.odcs.yaml:7:14");
  const auto by_prefix = topic_owner(model, TopicName("fraud-screen-KSTREAM-1-changelog"));
  EXPECT_EQ(by_prefix->squad, SquadName("payments-and-fraud"));
  EXPECT_EQ(by_prefix->domain, DomainName("payments"));
  EXPECT_EQ(by_prefix->through, OwnedThrough::Prefix);
  EXPECT_EQ(topic_owner(model, TopicName("legacy.export")), std::nullopt);
}

TEST(Identify, FollowsAPrincipalToItsDomain) {
  const Model model = quokka();
  const Identity application = identify(model, PrincipalName("pos-ingest-us"));
  EXPECT_TRUE(application.known);
  EXPECT_EQ(application.application, ApplicationName("pos-ingest"));
  EXPECT_EQ(application.squads, std::vector{SquadName("central-data")});
  EXPECT_EQ(application.domain, DomainName("central-data"));
  const Identity person = identify(model, PrincipalName("mara.silva"));
  EXPECT_TRUE(person.known);
  EXPECT_EQ(person.application, std::nullopt);
  EXPECT_EQ(person.squads, std::vector{SquadName("web-shop")});
  EXPECT_EQ(person.domain, DomainName("online"));
  const Identity unknown = identify(model, PrincipalName("legacy-etl"));
  EXPECT_FALSE(unknown.known);
  EXPECT_EQ(unknown.domain, std::nullopt);
}

}  // namespace
}  // namespace myelin::model
