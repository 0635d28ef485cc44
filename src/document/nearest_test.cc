#include "document/nearest.h"

#include <gtest/gtest.h>

#include <array>

namespace myelin::document {
namespace {

const std::array<std::string, 4> kModes{"growth", "optimise", "sustain", "consumption"};

TEST(Nearest, ForgivesLettersMissingAddedReplacedAndSwapped) {
  EXPECT_EQ(nearest("grow", kModes), "growth");
  EXPECT_EQ(nearest("optimize", kModes), "optimise");
  EXPECT_EQ(nearest("sutsain", kModes), "sustain");
  EXPECT_EQ(nearest("consumptions", kModes), "consumption");
}

TEST(Nearest, IgnoresCase) { EXPECT_EQ(nearest("GROWTH", kModes), "growth"); }

TEST(Nearest, DoesNotGuessWhatIsTooFarAway) {
  EXPECT_EQ(nearest("banana", kModes), std::nullopt);
  EXPECT_EQ(nearest("", kModes), std::nullopt);
  EXPECT_EQ(nearest("x", std::array<std::string, 1>{"y"}), std::nullopt);
  EXPECT_EQ(nearest("growth", {}), std::nullopt);
}

TEST(Nearest, WordsASuggestion) {
  EXPECT_EQ(suggestion("grow", kModes), "; did you mean \"growth\"?");
  EXPECT_EQ(suggestion("banana", kModes), "");
}

}  // namespace
}  // namespace myelin::document
