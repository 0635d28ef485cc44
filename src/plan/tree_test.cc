#include "plan/tree.h"

#include <gtest/gtest.h>

#include "model/load.h"
#include "plan/digest.h"

namespace myelin::plan {
namespace {

const std::string kShop = "apiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: {name: shop}\n";
const std::string kTwo = kShop + "---\n" + "apiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: {name: other}\n";

model::Model model_of(std::vector<document::Source> sources) {
  auto loaded = model::load(std::move(sources));
  EXPECT_EQ(document::listed(loaded.problems), "");
  return std::move(loaded.model);
}

// The text as docs/formats/plan-signature.md tells, written by hand.
TEST(Tree, IsTheHashOfEachFileBeforeAndAfter) {
  const auto before = model_of({{"org/a.yaml", kShop}});
  const auto after = model_of({{"org/a.yaml", kTwo}, {"org/b.yaml", "# x\n" + std::string("kind: API\n")}});
  const auto text = "myelin tree 1\nrevision 7\n" + sha256(kShop) + " 10 org/a.yaml\nbecomes\n" + sha256(kTwo) +
                    " 10 org/a.yaml\n" + sha256("# x\nkind: API\n") + " 10 org/b.yaml\n";
  EXPECT_EQ(tree_hash(7, before, after), sha256(text));
}

TEST(Tree, ChangesWithTheRevisionWithWhatWasAndWithWhatIsToBe) {
  const auto one = model_of({{"org/a.yaml", kShop}});
  const auto two = model_of({{"org/a.yaml", kTwo}});
  const auto reworded = model_of({{"org/a.yaml", kTwo + "# said otherwise\n"}});
  const auto moved = model_of({{"org/b.yaml", kTwo}});
  const auto tree = tree_hash(1, one, two);
  EXPECT_EQ(tree, tree_hash(1, one, two));
  EXPECT_NE(tree, tree_hash(2, one, two));
  EXPECT_NE(tree, tree_hash(1, reworded, two));
  EXPECT_NE(tree, tree_hash(1, one, reworded));
  EXPECT_NE(tree, tree_hash(1, one, moved));
  EXPECT_NE(tree, tree_hash(1, two, one));
}

// A name with a line break must not pass for two files.
TEST(Tree, KeepsNamesApart) {
  const auto model = model_of({{"org/a.yaml", kShop}, {"org/b.yaml", "kind: API\n"}});
  const auto named = model_of({{"org/a.yaml\n" + sha256("kind: API\n") + " 10 org/b.yaml", kShop}});
  EXPECT_NE(tree_hash(1, {}, model), tree_hash(1, {}, named));
}

TEST(Tree, IsSignedAsOneLine) { EXPECT_EQ(text_to_sign("0123"), "myelin plan 0123\n"); }

}  // namespace
}  // namespace myelin::plan
