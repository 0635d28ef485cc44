#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transfer/source_connection.h"

namespace myelin::transfer {
namespace {

using testing::HasSubstr;

TEST(SourceOptions, TakeAnAddressAloneForPlaintext) {
  const auto options = SourceOptions::parse("kafka-1:9092");
  ASSERT_TRUE(options.has_value());
  EXPECT_EQ(options->server.text(), "kafka-1:9092");
  EXPECT_FALSE(options->tls.has_value());
  EXPECT_FALSE(options->login.has_value());
}

TEST(SourceOptions, TellTlsAndSignInFromTheProtocol) {
  EXPECT_TRUE(SourceOptions::parse("ssl://kafka-1:9092")->tls.has_value());
  EXPECT_FALSE(SourceOptions::parse("ssl://kafka-1:9092")->login.has_value());
  EXPECT_FALSE(SourceOptions::parse("sasl_plaintext://kafka-1:9092")->tls.has_value());
  EXPECT_TRUE(SourceOptions::parse("sasl_plaintext://kafka-1:9092")->login.has_value());
  EXPECT_TRUE(SourceOptions::parse("sasl_ssl://kafka-1:9092")->tls.has_value());
  EXPECT_TRUE(SourceOptions::parse("sasl_ssl://kafka-1:9092")->login.has_value());
}

TEST(SourceOptions, SayWhatIsWrong) {
  EXPECT_THAT(SourceOptions::parse("http://kafka-1:9092").error().message, HasSubstr("plaintext, ssl, sasl_plaintext"));
  EXPECT_FALSE(SourceOptions::parse("ssl://kafka-1").has_value());
  EXPECT_FALSE(SourceOptions::parse("").has_value());
  EXPECT_THAT(parse_mechanism("GSSAPI").error().message, HasSubstr("SCRAM-SHA-512"));
}

}  // namespace
}  // namespace myelin::transfer
