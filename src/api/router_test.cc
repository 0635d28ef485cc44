#include "api/router.h"

#include <gtest/gtest.h>

namespace myelin::api {
namespace {

Router example() {
  return Router({{"GET", "/principals", RouteAccess::SignedIn, {}},
                 {"POST", "/principals/enrol", RouteAccess::Open, {}},
                 {"POST", "/principals/{name}", RouteAccess::SignedIn, {}},
                 {"DELETE", "/principals/{name}", RouteAccess::SignedIn, {}},
                 {"GET", "/who/{kind}/{name}", RouteAccess::SignedIn, {}}});
}

TEST(Router, FindsARouteAndItsParameters) {
  const Router router = example();
  const auto found = router.find("GET", {"who", "topic", "a/b"});
  const auto* match = std::get_if<Router::Match>(&found);
  ASSERT_NE(match, nullptr);
  EXPECT_EQ(match->route->pattern, "/who/{kind}/{name}");
  EXPECT_EQ(match->parameters.at("kind"), "topic");
  EXPECT_EQ(match->parameters.at("name"), "a/b");
}

TEST(Router, PrefersAFixedPathOverAParameter) {
  const Router router = example();
  const auto found = router.find("POST", {"principals", "enrol"});
  const auto* match = std::get_if<Router::Match>(&found);
  ASSERT_NE(match, nullptr);
  EXPECT_EQ(match->route->pattern, "/principals/enrol");
}

TEST(Router, AnswersHeadByGet) {
  const Router router = example();
  EXPECT_TRUE(std::holds_alternative<Router::Match>(router.find("HEAD", {"principals"})));
}

TEST(Router, NamesTheMethodsOfAPath) {
  const Router router = example();
  const auto found = router.find("PUT", {"principals"});
  ASSERT_TRUE(std::holds_alternative<Router::WrongMethod>(found));
  EXPECT_EQ(std::get<Router::WrongMethod>(found).allow, "GET, HEAD");
}

TEST(Router, KnowsNothingElse) {
  const Router router = example();
  for (const std::vector<std::string>& path :
       {std::vector<std::string>{}, {"who"}, {"who", "topic"}, {"who", "topic", "a", "b"}, {"who", "topic", ""}}) {
    EXPECT_TRUE(std::holds_alternative<Router::NoSuchPath>(router.find("GET", path))) << path.size();
  }
}

}  // namespace
}  // namespace myelin::api
