#include "model/who.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "model/load.h"
#include "model/timestamp.h"

namespace myelin::model {
namespace {

const std::filesystem::path kSource = MYELIN_SOURCE_DIR;

const Model& quokka() {
  static const Model model = [] {
    auto loaded = load_folder(kSource / "examples/quokka");
    EXPECT_TRUE(loaded.has_value() && loaded->ok());
    return std::move(loaded->model);
  }();
  return model;
}

std::string answer(std::string_view thing, std::string_view day = "2026-11-21") {
  const auto answers = who(quokka(), thing, *parse_timestamp(day, DateMeans::StartOfDay));
  return answers ? rendered(*answers) : answers.error().message + "\n";
}

// src/model/golden/who.txt: each question as "$ who THING", its answer below.
TEST(WhoGolden, AnswersForEveryKindOfThing) {
  std::string asked;
  for (const char* thing :
       {"online.order", "payments.authorisation", "pos-ingest-eu", "mara.silva", "order-picker", "fraud-screen-rebuild",
        "unified-sales", "marketing", "customer", "legacy-etl", "unified-sale"}) {
    asked += std::string("$ who ") + thing + "\n" + answer(thing) + "\n";
  }
  std::ifstream stream(kSource / "src/model/golden/who.txt", std::ios::binary);
  ASSERT_TRUE(stream.is_open());
  EXPECT_EQ(asked, std::string(std::istreambuf_iterator<char>(stream), {}));
}

TEST(Who, CountsAGrantOnlyWhileItIsLive) {
  const auto readers = [](std::string_view day) {
    const auto answers = who(quokka(), "customer.profile", *parse_timestamp(day, DateMeans::StartOfDay));
    return answers->at(0).readers.back().application;
  };
  EXPECT_EQ(readers("2027-12-31"), ApplicationName("campaign-runner"));
  EXPECT_NE(readers("2028-01-01"), ApplicationName("campaign-runner"));
  EXPECT_NE(readers("2024-12-31"), ApplicationName("campaign-runner"));
}

TEST(Who, KnowsEveryKindOfTheSameName) {
  const auto answers = who(quokka(), "mobile-app", *parse_timestamp("2026-11-21", DateMeans::StartOfDay));
  ASSERT_TRUE(answers.has_value());
  std::vector<std::string> kinds;
  for (const Who& each : *answers) kinds.emplace_back(name_of(each.kind));
  EXPECT_EQ(kinds, (std::vector<std::string>{"principal", "application", "squad"}));
}

}  // namespace
}  // namespace myelin::model
