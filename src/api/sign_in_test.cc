#include "api/sign_in.h"

#include <gtest/gtest.h>

#include "base/base64.h"

namespace myelin::api {
namespace {

struct Desk {
  ManualClock clock;
  std::string password = "correct horse";
  std::uint64_t held = 7;  // the number of the password that is valid
  std::uint64_t version = 1;
  int checks = 0;
  HttpSignIn sign_in{{.accepts =
                          [this](const PrincipalName& name, std::string_view given) {
                            ++checks;
                            return name.text() == "ada" && given == password ? std::optional(held) : std::nullopt;
                          },
                      .holds = [this](const Identity& identity) { return identity.password == held; },
                      .version = [this] { return version; }},
                     clock};

  static net::HttpRequest with_basic(const std::string& pair) {
    net::HttpRequest request;
    request.headers.add("Authorization", "Basic " + base64_encode(pair));
    return request;
  }
  static net::HttpRequest with_cookie(const std::string& set_cookie) {
    net::HttpRequest request;
    request.headers.add("Cookie", "other=1; " + set_cookie.substr(0, set_cookie.find(';')));
    return request;
  }
  [[nodiscard]] Identity ada() const { return {PrincipalName("ada"), held}; }
  [[nodiscard]] Login login() const { return {PrincipalName("ada"), "correct horse"}; }
};

TEST(BasicLogin, ReadsNameAndPassword) {
  const auto login = basic_login("Basic " + base64_encode("ada:with:colon"));
  ASSERT_TRUE(login.has_value());
  EXPECT_EQ(login->principal, PrincipalName("ada"));
  EXPECT_EQ(login->password, "with:colon");
}

TEST(BasicLogin, RefusesWhatIsNotWellFormed) {
  for (const std::string& header :
       {std::string(""), std::string("Basic"), std::string("Basic ***"), std::string("Bearer abc"),
        "Basic " + base64_encode("nocolon"), "Basic " + base64_encode(":noname"),
        "Basic " + base64_encode(std::string(201, 'a') + ":too long a name")}) {
    EXPECT_FALSE(basic_login(header).has_value()) << header;
  }
}

TEST(HttpSignIn, RemembersAVerifiedLoginForFiveMinutes) {
  Desk desk;
  const auto request = Desk::with_basic("ada:correct horse");
  EXPECT_EQ(desk.sign_in.known(request), std::nullopt);
  EXPECT_EQ(desk.sign_in.check(desk.login()), desk.ada());
  EXPECT_EQ(desk.sign_in.known(request), desk.ada());
  EXPECT_EQ(desk.checks, 1);
  desk.clock.advance(std::chrono::minutes(5));
  EXPECT_EQ(desk.sign_in.known(request), std::nullopt);
}

TEST(HttpSignIn, ForgetsALoginWhenItsPasswordIsRevokedThoughTheSameOneBeSetAgain) {
  Desk desk;
  EXPECT_EQ(desk.sign_in.check(desk.login()), desk.ada());
  ++desk.version;
  EXPECT_EQ(desk.sign_in.known(Desk::with_basic("ada:correct horse")), desk.ada()) << "somebody else's changed";
  ++desk.version;
  ++desk.held;
  EXPECT_EQ(desk.sign_in.known(Desk::with_basic("ada:correct horse")), std::nullopt);
}

TEST(HttpSignIn, DoesNotTakeAnotherPasswordForAVerifiedOne) {
  Desk desk;
  EXPECT_EQ(desk.sign_in.check(desk.login()), desk.ada());
  EXPECT_EQ(desk.sign_in.check({PrincipalName("ada"), "wrong"}), std::nullopt);
  EXPECT_EQ(desk.sign_in.known(Desk::with_basic("ada:wrong")), std::nullopt);
}

TEST(HttpSignIn, KnowsABrowserByItsCookieUntilItSignsOut) {
  Desk desk;
  const std::string cookie = desk.sign_in.open_session(desk.ada(), true);
  EXPECT_NE(cookie.find("HttpOnly; SameSite=Strict"), std::string::npos);
  EXPECT_NE(cookie.find("; Secure"), std::string::npos);
  EXPECT_EQ(desk.sign_in.known(Desk::with_cookie(cookie)), desk.ada());
  EXPECT_NE(desk.sign_in.close_session(Desk::with_cookie(cookie)).find("Max-Age=0"), std::string::npos);
  EXPECT_EQ(desk.sign_in.known(Desk::with_cookie(cookie)), std::nullopt);
}

TEST(HttpSignIn, EndsASessionWhenItsPasswordIsRevoked) {
  Desk desk;
  const std::string cookie = desk.sign_in.open_session(desk.ada(), false);
  ++desk.version;
  EXPECT_EQ(desk.sign_in.known(Desk::with_cookie(cookie)), desk.ada()) << "somebody else's credentials changed";
  ++desk.version;
  ++desk.held;
  EXPECT_EQ(desk.sign_in.known(Desk::with_cookie(cookie)), std::nullopt);
}

TEST(HttpSignIn, BadCredentialsBesideAGoodCookieAreRefused) {
  Desk desk;
  auto request = Desk::with_cookie(desk.sign_in.open_session(desk.ada(), false));
  request.headers.add("Authorization", "Basic nonsense!");
  EXPECT_EQ(desk.sign_in.known(request), std::nullopt);
}

TEST(HttpSignIn, KeepsAtMostItsBoundOfSessions) {
  Desk desk;
  const std::string oldest = desk.sign_in.open_session(desk.ada(), false);
  for (std::size_t index = 0; index < HttpSignIn::kRemembered; ++index) {
    desk.clock.advance(std::chrono::milliseconds(1));
    (void)desk.sign_in.open_session(desk.ada(), false);
  }
  EXPECT_EQ(desk.sign_in.known(Desk::with_cookie(oldest)), std::nullopt);
}

}  // namespace
}  // namespace myelin::api
