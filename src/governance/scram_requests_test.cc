#include "governance/scram_requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "base/base64.h"
#include "engine/memory_internal_log.h"
#include "kafka/error_code.h"
#include "state/state_store.h"

namespace myelin::governance {
namespace {

using kafka::ErrorCode;
using Request = kafka::AlterUserScramCredentialsRequest;

constexpr std::int8_t kSha256 = 1;  // Kafka's numbers
constexpr std::int8_t kSha512 = 2;

// Password "pencil", the salt of RFC 7677, 4096 iterations: by another implementation of PBKDF2.
const std::string kSalt = *base64_decode("W22ZaJ0SNY7soEsUEjb6gQ==");
const std::string kSalted256 = *base64_decode("xKSVEDI6tPlSysH6mUQZOeeOp01r6B3fcJbodRPcYV0=");
const std::string kSalted512 =
    *base64_decode("8W7+G+Z/HQlQLr1e2SYv3f+6Wjd6tPC2h+XtW6D1Boa4pK4WZHbairO5UdL6kji2OZj0VGG8M6RkgUlJzsljHQ==");

class ScramRequestsTest : public testing::Test {
 protected:
  ScramRequestsTest() { restart(); }
  void restart() {
    credentials_.reset();
    store_ = state::StateStore::open(log_).value();
    credentials_ = Credentials::open(*store_, clock_).value();
  }

  static Request::ScramCredentialUpsertion pencil(const std::string& user, std::int8_t mechanism) {
    Request::ScramCredentialUpsertion asked;
    asked.name = user;
    asked.mechanism = mechanism;
    asked.iterations = 4096;
    asked.salt = SharedBytes::copy_of(as_bytes(kSalt));
    asked.salted_password = SharedBytes::copy_of(as_bytes(mechanism == kSha512 ? kSalted512 : kSalted256));
    return asked;
  }

  // (user, code) of each result.
  using Codes = std::vector<std::pair<std::string, ErrorCode>>;
  Codes alter(std::vector<std::pair<std::string, std::int8_t>> removed,
              std::vector<Request::ScramCredentialUpsertion> set) {
    Request request;
    for (auto& [user, mechanism] : removed) {
      auto& deletion = request.deletions.emplace_back();
      deletion.name = user;
      deletion.mechanism = mechanism;
    }
    request.upsertions = std::move(set);
    Codes codes;
    for (const auto& result : alter_scram(*credentials_, request).results) {
      EXPECT_EQ(result.error_code != 0, result.error_message.has_value());
      codes.emplace_back(result.user, static_cast<ErrorCode>(result.error_code));
    }
    return codes;
  }
  ErrorCode code_of_setting(const Request::ScramCredentialUpsertion& asked) { return alter({}, {asked}).at(0).second; }

  // (user, code, (mechanism, iterations) of each) of each result; no users: all.
  using Described = std::vector<std::tuple<std::string, ErrorCode, std::vector<std::pair<int, int>>>>;
  Described describe(const std::vector<std::string>& users) {
    kafka::DescribeUserScramCredentialsRequest request;
    request.users.emplace();
    for (const auto& user : users) request.users->emplace_back().name = user;
    Described described;
    for (const auto& result : describe_scram(*credentials_, request).results) {
      std::vector<std::pair<int, int>> infos;
      for (const auto& info : result.credential_infos) infos.emplace_back(info.mechanism, info.iterations);
      described.emplace_back(result.user, static_cast<ErrorCode>(result.error_code), infos);
    }
    return described;
  }

  PasswordNumber number(ScramHash hash) { return credentials_->verifiers(till_, hash).at(0).password; }

  const PrincipalName till_{"till"};
  const Codes done_ = {{"till", ErrorCode::None}};
  engine::MemoryInternalLog log_;
  ManualClock clock_;
  std::unique_ptr<state::StateStore> store_;
  std::unique_ptr<Credentials> credentials_;
};

TEST_F(ScramRequestsTest, ThePasswordThatIsSetIsAcceptedAlsoAfterARestart) {
  EXPECT_EQ(alter({}, {pencil("till", kSha256)}), done_);
  restart();
  EXPECT_TRUE(credentials_->accepts(till_, "pencil"));
  EXPECT_FALSE(credentials_->accepts(till_, "pencils"));
  const auto verifiers = credentials_->verifiers(till_, ScramHash::Sha256);
  ASSERT_EQ(verifiers.size(), 1U);
  EXPECT_EQ(base64_encode(verifiers[0].verifier.stored_key), "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=");
  EXPECT_EQ(base64_encode(verifiers[0].verifier.server_key), "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
  EXPECT_TRUE(credentials_->verifiers(till_, ScramHash::Sha512).empty());
}

TEST_F(ScramRequestsTest, TheSaltedPasswordIsNotStored) {
  ASSERT_EQ(alter({}, {pencil("till", kSha256), pencil("till", kSha512)}), done_);
  store_->each(state::Table::Credentials, [](const std::string&, const std::string& value) {
    EXPECT_EQ(value.find(kSalted256), std::string::npos);
    EXPECT_EQ(value.find(kSalted512), std::string::npos);
  });
}

TEST_F(ScramRequestsTest, AMechanismThatIsSetHasAPasswordOfItsOwn) {
  ASSERT_TRUE(credentials_->add(till_, "the old one"));
  const auto old256 = number(ScramHash::Sha256);
  const auto old512 = number(ScramHash::Sha512);
  ASSERT_EQ(alter({}, {pencil("till", kSha256)}), done_);
  EXPECT_FALSE(credentials_->holds(till_, old256));
  EXPECT_TRUE(credentials_->holds(till_, old512));
  EXPECT_TRUE(credentials_->accepts(till_, "the old one"));
  EXPECT_FALSE(credentials_->accepts(till_, "pencil"));
  EXPECT_TRUE(which_matches(std::array{credentials_->verifiers(till_, ScramHash::Sha256).at(0).verifier}, "pencil"));
}

TEST_F(ScramRequestsTest, SettingTheSamePasswordAgainReplacesIt) {
  ASSERT_EQ(alter({}, {pencil("till", kSha256)}), done_);
  const auto first = number(ScramHash::Sha256);
  const auto version = credentials_->version();
  ASSERT_EQ(alter({}, {pencil("till", kSha256)}), done_);
  EXPECT_FALSE(credentials_->holds(till_, first));
  EXPECT_GT(credentials_->version(), version);
}

TEST_F(ScramRequestsTest, ARemovalLeavesTheOtherMechanismAndTheLastOneNobody) {
  ASSERT_TRUE(credentials_->add(till_, "the old one"));
  const auto old256 = number(ScramHash::Sha256);
  const auto old512 = number(ScramHash::Sha512);
  EXPECT_EQ(alter({{"till", kSha512}}, {}), done_);
  EXPECT_FALSE(credentials_->holds(till_, old512));
  EXPECT_TRUE(credentials_->holds(till_, old256));
  EXPECT_TRUE(credentials_->accepts(till_, "the old one"));
  EXPECT_EQ(alter({{"till", kSha256}}, {}), done_);
  EXPECT_FALSE(credentials_->knows(till_));
  restart();
  EXPECT_TRUE(credentials_->empty());
}

TEST_F(ScramRequestsTest, BothMechanismsMayBeAlteredAtOnce) {
  ASSERT_EQ(alter({}, {pencil("till", kSha256)}), done_);
  EXPECT_EQ(alter({{"till", kSha256}}, {pencil("till", kSha512)}), done_);
  EXPECT_EQ(describe({}), (Described{{"till", ErrorCode::None, {{kSha512, 4096}}}}));
}

TEST_F(ScramRequestsTest, WhatIsSetOrRemovedIsNoLongerRotated) {
  ASSERT_TRUE(credentials_->add(till_, "the old one"));
  ASSERT_TRUE(credentials_->rotate(till_, "the new one"));
  ASSERT_EQ(alter({}, {pencil("till", kSha256)}), done_);
  EXPECT_EQ(credentials_->verifiers(till_, ScramHash::Sha256).size(), 1U);
  EXPECT_EQ(credentials_->verifiers(till_, ScramHash::Sha512).size(), 2U);
  const auto pencil_number = number(ScramHash::Sha256);
  ASSERT_TRUE(credentials_->confirm(till_));
  EXPECT_TRUE(credentials_->holds(till_, pencil_number));
  EXPECT_TRUE(credentials_->accepts(till_, "the new one"));
  EXPECT_FALSE(credentials_->accepts(till_, "the old one"));
  ASSERT_TRUE(credentials_->rotate(till_, "the third one"));
  EXPECT_EQ(alter({{"till", kSha256}, {"till", kSha512}}, {}), done_);
  EXPECT_FALSE(credentials_->knows(till_));
}

TEST_F(ScramRequestsTest, ARotationKeepsMechanismSaltAndIterations) {
  ASSERT_EQ(alter({}, {pencil("till", kSha256)}), done_);
  ASSERT_TRUE(credentials_->rotate(till_, "the new one"));
  restart();
  const auto both = credentials_->verifiers(till_, ScramHash::Sha256);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[1].verifier.salt, kSalt);
  EXPECT_EQ(both[1].verifier.iterations, 4096);
  EXPECT_TRUE(credentials_->accepts(till_, "pencil"));
  EXPECT_TRUE(credentials_->accepts(till_, "the new one"));
  EXPECT_TRUE(credentials_->verifiers(till_, ScramHash::Sha512).empty());
}

TEST_F(ScramRequestsTest, RefusesWhatIsOutOfBounds) {
  const auto with = [](auto change) {
    auto asked = pencil("till", kSha256);
    change(asked);
    return asked;
  };
  using enum ErrorCode;
  EXPECT_EQ(code_of_setting(with([](auto& asked) { asked.iterations = 4095; })), UnacceptableCredential);
  EXPECT_EQ(code_of_setting(with([](auto& asked) { asked.iterations = 16384; })), None);
  EXPECT_EQ(code_of_setting(with([](auto& asked) { asked.iterations = 16385; })), UnacceptableCredential);
  EXPECT_EQ(code_of_setting(with([](auto& asked) { asked.mechanism = 0; })), UnsupportedSaslMechanism);
  EXPECT_EQ(code_of_setting(with([](auto& asked) { asked.mechanism = 3; })), UnsupportedSaslMechanism);
  EXPECT_EQ(code_of_setting(with([](auto& asked) { asked.name = ""; })), UnacceptableCredential);
  EXPECT_EQ(code_of_setting(with([](auto& asked) { asked.name = "(anonymous)"; })), UnacceptableCredential);
  EXPECT_EQ(code_of_setting(with([](auto& asked) { asked.name = std::string(201, 'x'); })), UnacceptableCredential);
  EXPECT_EQ(code_of_setting(with([](auto& asked) { asked.salt = {}; })), UnacceptableCredential);
  const auto salt_of = [&](std::size_t size) {
    return code_of_setting(
        with([&](auto& asked) { asked.salt = SharedBytes::copy_of(as_bytes(std::string(size, 's'))); }));
  };
  EXPECT_EQ(salt_of(256), None);
  EXPECT_EQ(salt_of(257), UnacceptableCredential);
  EXPECT_EQ(code_of_setting(with([](auto& asked) { asked.salted_password = {}; })), UnacceptableCredential);
  EXPECT_EQ(code_of_setting(with([](auto& asked) { asked.mechanism = kSha512; })), UnacceptableCredential);
  EXPECT_EQ(alter({{"", kSha256}}, {}), (Codes{{"", UnacceptableCredential}}));
  EXPECT_EQ(alter({{"till", 9}}, {}), (Codes{{"till", UnsupportedSaslMechanism}}));
  EXPECT_EQ(alter({{"till", kSha512}}, {}), (Codes{{"till", ResourceNotFound}}));
  EXPECT_EQ(alter({{"nobody", kSha256}}, {}), (Codes{{"nobody", ResourceNotFound}}));
}

TEST_F(ScramRequestsTest, AMechanismIsAlteredOnceInARequest) {
  const Codes twice = {{"till", ErrorCode::DuplicateResource}};
  EXPECT_EQ(alter({}, {pencil("till", kSha256), pencil("till", kSha256)}), twice);
  EXPECT_EQ(alter({{"till", kSha256}}, {pencil("till", kSha256)}), twice);
  EXPECT_EQ(alter({{"till", kSha256}, {"till", kSha256}}, {}), twice);
  EXPECT_FALSE(credentials_->knows(till_));
}

TEST_F(ScramRequestsTest, OneRefusalRefusesAllOfThatUserAndNothingOfOthers) {
  auto few = pencil("till", kSha512);
  few.iterations = 1;
  EXPECT_EQ(alter({}, {pencil("till", kSha256), few, pencil("scan", kSha256)}),
            (Codes{{"scan", ErrorCode::None}, {"till", ErrorCode::UnacceptableCredential}}));
  EXPECT_EQ(alter({{"till", kSha512}}, {pencil("till", kSha256)}), (Codes{{"till", ErrorCode::ResourceNotFound}}));
  EXPECT_FALSE(credentials_->knows(till_));
  EXPECT_TRUE(credentials_->accepts(PrincipalName("scan"), "pencil"));
}

TEST_F(ScramRequestsTest, AChangeThatIsNotDurableIsNotDone) {
  ASSERT_TRUE(credentials_->add(till_, "the old one"));
  log_.fail_appends = true;
  EXPECT_EQ(alter({{"scan", kSha256}}, {pencil("till", kSha512)}),
            (Codes{{"scan", ErrorCode::ResourceNotFound}, {"till", ErrorCode::KafkaStorageError}}));
  EXPECT_TRUE(credentials_->accepts(till_, "the old one"));
}

TEST_F(ScramRequestsTest, DescribesMechanismsAndIterationsByName) {
  ASSERT_TRUE(credentials_->add(till_, "the old one"));
  ASSERT_EQ(alter({}, {pencil("scan", kSha512)}), (Codes{{"scan", ErrorCode::None}}));
  const Described all = {{"scan", ErrorCode::None, {{kSha512, 4096}}},
                         {"till", ErrorCode::None, {{kSha256, 8192}, {kSha512, 8192}}}};
  EXPECT_EQ(describe({}), all);
  kafka::DescribeUserScramCredentialsRequest null;
  null.users.reset();
  EXPECT_EQ(describe_scram(*credentials_, null).results.size(), 2U);
  EXPECT_EQ(describe({"till", "nobody", "scan", "till", ""}), (Described{{"", ErrorCode::ResourceNotFound, {}},
                                                                         {"nobody", ErrorCode::ResourceNotFound, {}},
                                                                         {"scan", ErrorCode::None, {{kSha512, 4096}}},
                                                                         {"till", ErrorCode::DuplicateResource, {}}}));
}

TEST(ScramMechanismText, NamesWhatThereIs) {
  EXPECT_EQ(scram_mechanism_text(1), "SCRAM-SHA-256");
  EXPECT_EQ(scram_mechanism_text(2), "SCRAM-SHA-512");
  EXPECT_EQ(scram_mechanism_text(-7), "mechanism -7");
}

}  // namespace
}  // namespace myelin::governance
