#include "governance/scram.h"

#include <gtest/gtest.h>

#include "base/base64.h"

namespace myelin::governance {
namespace {

// RFC 7677 section 3: user "user", password "pencil".
constexpr const char* kClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
constexpr const char* kServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
constexpr const char* kServerFirst =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr const char* kClientFinal =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
constexpr const char* kServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

ScramVerifier rfc_verifier() {
  return make_verifier(ScramHash::Sha256, "pencil", *base64_decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
}

TEST(Scram, SpeaksTheExampleOfRfc7677) {
  ScramExchange exchange(ScramHash::Sha256, kServerNonce);
  const auto user = exchange.read_client_first(kClientFirst);
  ASSERT_TRUE(user);
  EXPECT_EQ(*user, "user");
  EXPECT_EQ(exchange.server_first({rfc_verifier()}, "pepper"), kServerFirst);
  const auto success = exchange.finish(kClientFinal);
  ASSERT_TRUE(success);
  EXPECT_EQ(success->server_final, kServerFinal);
  EXPECT_FALSE(success->outdated_nonce);
}

TEST(Scram, SignsInElsewhereWithTheExampleOfRfc7677) {
  ScramClient client(ScramHash::Sha256, {.user = "user", .password = "pencil"}, "rOprNGfwEbeRWgbNEkqO");
  EXPECT_EQ(client.client_first(), kClientFirst);
  EXPECT_EQ(client.client_final(kServerFirst).value_or(""), kClientFinal);
  EXPECT_TRUE(client.check_server(kServerFinal).has_value());
  EXPECT_FALSE(client.check_server("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=").has_value());
}

TEST(Scram, AClientTrustsNoChallengeThatIsNotForIt) {
  ScramClient client(ScramHash::Sha256, {.user = "user", .password = "pencil"}, "rOprNGfwEbeRWgbNEkqO");
  EXPECT_FALSE(client.client_final("r=another,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096").has_value());
  EXPECT_FALSE(client.client_final("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1").has_value());
  EXPECT_FALSE(client.client_final("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4x").has_value());
  EXPECT_FALSE(client.client_final("").has_value());
  EXPECT_FALSE(client.check_server("v=").has_value());
}

TEST(Scram, RefusesAWrongPassword) {
  ScramExchange exchange(ScramHash::Sha256, kServerNonce);
  ASSERT_TRUE(exchange.read_client_first(kClientFirst));
  auto other = make_verifier(ScramHash::Sha256, "pen", *base64_decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
  (void)exchange.server_first({other}, "pepper");
  const auto refused = exchange.finish(kClientFinal);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::Unauthenticated);
}

TEST(Scram, RefusesAForgedNonceLikeAWrongPassword) {
  ScramExchange exchange(ScramHash::Sha256, "another-server-nonce");
  ASSERT_TRUE(exchange.read_client_first(kClientFirst));
  (void)exchange.server_first({rfc_verifier()}, "pepper");
  const auto refused = exchange.finish(kClientFinal);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "wrong user name or password");
}

TEST(Scram, AcceptsEitherOfTwoPasswordsWhileOneIsRotated) {
  const auto salt = *base64_decode("W22ZaJ0SNY7soEsUEjb6gQ==");
  ScramExchange exchange(ScramHash::Sha256, kServerNonce);
  ASSERT_TRUE(exchange.read_client_first(kClientFirst));
  (void)exchange.server_first({make_verifier(ScramHash::Sha256, "old", salt, 4096), rfc_verifier()}, "pepper");
  const auto success = exchange.finish(kClientFinal);
  ASSERT_TRUE(success);
  EXPECT_EQ(success->verifier, 1u);
}

TEST(Scram, AnUnknownUserGetsAChallengeThatStaysTheSameAndIsRefusedAtTheEnd) {
  ScramExchange exchange(ScramHash::Sha512, kServerNonce);
  ASSERT_TRUE(exchange.read_client_first("n,,n=nobody,r=abc"));
  const auto first = exchange.server_first({}, "pepper");
  ScramExchange again(ScramHash::Sha512, kServerNonce);
  ASSERT_TRUE(again.read_client_first("n,,n=nobody,r=abc"));
  EXPECT_EQ(again.server_first({}, "pepper"), first);
  EXPECT_TRUE(first.ends_with(",i=8192"));
  const auto proof = base64_encode(std::string(64, 'x'));
  const auto refused = exchange.finish("c=biws,r=abc" + std::string(kServerNonce) + ",p=" + proof);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "wrong user name or password");
}

TEST(Scram, ReadsEscapedUserNames) {
  ScramExchange exchange(ScramHash::Sha256, kServerNonce);
  const auto user = exchange.read_client_first("n,,n=a=2Cb=3Dc,r=abc");
  ASSERT_TRUE(user);
  EXPECT_EQ(*user, "a,b=c");
}

TEST(Scram, RefusesMalformedFirstMessages) {
  for (const char* message : {"", "n", "n,", "n,,", "n,,n=user", "n,,r=abc", "p=tls-unique,,n=user,r=abc",
                              "n,,m=x,n=user,r=abc", "n,,n=us=er,r=abc", "n,a=other,n=user,r=abc", "n,,n=,r=abc"}) {
    ScramExchange exchange(ScramHash::Sha256, kServerNonce);
    EXPECT_FALSE(exchange.read_client_first(message)) << message;
  }
}

TEST(Scram, RefusesMalformedFinalMessages) {
  for (const char* message : {"", "c=biws", "c=biws,r=x", "r=x,p=y", "c=biws,r=rOprNGfwEbeRWgbNEkqO,p=!!!!"}) {
    ScramExchange exchange(ScramHash::Sha256, kServerNonce);
    ASSERT_TRUE(exchange.read_client_first(kClientFirst));
    (void)exchange.server_first({rfc_verifier()}, "pepper");
    EXPECT_FALSE(exchange.finish(message)) << message;
  }
}

TEST(Password, MatchesItsVerifierOnly) {
  const auto verifier = make_verifier(ScramHash::Sha512, "correct horse", new_salt(), kScramIterationsMin);
  EXPECT_EQ(which_matches(std::array{verifier}, "correct horse"), 0U);
  EXPECT_EQ(which_matches(std::array{verifier}, "correct horse "), std::nullopt);
  const auto second = make_verifier(verifier.hash, "the new one", verifier.salt, verifier.iterations);
  EXPECT_EQ(which_matches(std::array{verifier, second}, "the new one"), 1U);
}

TEST(RandomToken, HasTheLengthAskedFor) {
  EXPECT_EQ(random_token(40).size(), 40u);
  EXPECT_NE(random_token(40), random_token(40));
}

}  // namespace
}  // namespace myelin::governance
