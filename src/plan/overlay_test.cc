#include "plan/overlay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/load.h"

namespace myelin::plan {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string domain(const std::string& name) {
  return "apiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: {name: " + name + "}\n---\n";
}

model::Model in_force() {
  auto loaded = model::load({{"org/a.yaml", domain("food") + domain("toys")}, {"org/b.yaml", domain("books")}});
  EXPECT_EQ(document::listed(loaded.problems), "");
  return std::move(loaded.model);
}

bool nothing_may_go(const EntityName& /*entity*/) { return false; }

// "FILE" for each source, with " new" where it is not the text that is in force.
std::vector<std::string> files_of(const Overlay& overlay) {
  std::map<std::string, std::string> known;
  const auto model = in_force();
  for (const auto& document : model.documents) known[document.source->file] = document.source->text;
  std::vector<std::string> files;
  for (const auto& source : overlay.sources) {
    files.push_back(source.file + (known[source.file] == source.text ? "" : " new"));
  }
  return files;
}

TEST(Overlay, KeepsFilesThatTheFolderLeavesOut) {
  const auto overlay = overlaid(in_force(), {{"org/b.yaml", domain("novels")}}, nothing_may_go);
  EXPECT_THAT(files_of(overlay), ElementsAre("org/a.yaml", "org/b.yaml new"));
  EXPECT_THAT(overlay.left_out, ElementsAre("org/a.yaml"));
}

TEST(Overlay, KeepsEverythingBesideAnEmptyFolder) {
  const auto overlay = overlaid(in_force(), {}, nothing_may_go);
  EXPECT_THAT(files_of(overlay), ElementsAre("org/a.yaml", "org/b.yaml"));
  EXPECT_THAT(overlay.left_out, ElementsAre("org/a.yaml", "org/b.yaml"));
}

TEST(Overlay, TakesTheFolderAsItIsWhereNothingIsInForce) {
  const auto overlay = overlaid({}, {{"org/z.yaml", domain("food")}, {"org/c.yaml", domain("toys")}}, nothing_may_go);
  EXPECT_THAT(files_of(overlay), ElementsAre("org/c.yaml new", "org/z.yaml new"));
  EXPECT_THAT(overlay.left_out, IsEmpty());
}

TEST(Overlay, LetsAFileGoWhoseEveryEntityTheFolderDeclaresElsewhere) {
  const auto overlay =
      overlaid(in_force(), {{"org/c.yaml", domain("food")}, {"org/d.yaml", domain("toys")}}, nothing_may_go);
  EXPECT_THAT(files_of(overlay), ElementsAre("org/b.yaml", "org/c.yaml new", "org/d.yaml new"));
  EXPECT_THAT(overlay.left_out, ElementsAre("org/b.yaml"));
}

TEST(Overlay, KeepsAFileOfWhichTheFolderDeclaresOnlyAPart) {
  const auto overlay = overlaid(in_force(), {{"org/c.yaml", domain("food")}}, nothing_may_go);
  EXPECT_THAT(files_of(overlay), ElementsAre("org/a.yaml", "org/b.yaml", "org/c.yaml new"));
  EXPECT_EQ(document::listed(model::load(overlay.sources).problems),
            "org/c.yaml:3:18: Domain \"food\" is declared twice; the first stands at org/a.yaml:3:18\n");
}

TEST(Overlay, LetsAFileGoWhenAllThatItDeclaresMayGo) {
  const auto overlay = overlaid(in_force(), {}, [](const EntityName& entity) { return entity.name != "toys"; });
  EXPECT_THAT(files_of(overlay), ElementsAre("org/a.yaml"));
  EXPECT_THAT(overlay.left_out, ElementsAre("org/a.yaml"));
}

TEST(Overlay, LetsAFileGoOfWhichAPartWasMovedAndTheRestMayGo) {
  const auto overlay = overlaid(in_force(), {{"org/c.yaml", domain("food")}},
                                [](const EntityName& entity) { return entity.name == "toys"; });
  EXPECT_THAT(files_of(overlay), ElementsAre("org/b.yaml", "org/c.yaml new"));
}

TEST(Overlay, KeepsWhatHoldsNothingThatIsReadEvenWhenEverythingMayGo) {
  auto loaded = model::load(
      {{"org/api.yaml", "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {name: orders}\nspec: {}\n"}});
  const auto overlay = overlaid(loaded.model, {}, [](const EntityName& /*entity*/) { return true; });
  EXPECT_THAT(overlay.left_out, ElementsAre("org/api.yaml"));
}

TEST(Overlay, LeavesAnUnreadableFileForTheLoaderToReport) {
  const auto overlay = overlaid(in_force(), {{"org/b.yaml", "kind: [\n"}}, nothing_may_go);
  EXPECT_THAT(files_of(overlay), ElementsAre("org/a.yaml", "org/b.yaml new"));
  EXPECT_FALSE(model::load(overlay.sources).ok());
}

}  // namespace
}  // namespace myelin::plan
