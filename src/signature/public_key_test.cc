// Keys were made by ssh-keygen of OpenSSH 9.2; the fingerprint is what `ssh-keygen -l` says.
#include "signature/public_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace myelin::signature {
namespace {

using testing::HasSubstr;

const std::string kBlob = "AAAAC3NzaC1lZDI1NTE5AAAAIP9ixHzy0zADHmqPjsxZi5euoRnRd5JX+tLvktXgGx4e";
const std::string kLine = "ssh-ed25519 " + kBlob;

std::string refusal_of(const std::string& line) {
  const auto key = PublicKey::parse(line);
  return key ? "none" : key.error().message;
}

TEST(PublicKey, HasTheFingerprintThatSshKeygenShows) {
  const auto key = PublicKey::parse(kLine + " olga@shop");
  ASSERT_TRUE(key.has_value()) << key.error().message;
  EXPECT_EQ(key->fingerprint(), "SHA256:Q/wRumwrgqo+CTY0eGFTxUYDoDKhIbxMFvIvtxO8xWE");
  EXPECT_EQ(key->bytes().size(), 32U);
}

TEST(PublicKey, IsTheSameWhateverItsCommentSays) {
  EXPECT_EQ(PublicKey::parse(kLine).value(), PublicKey::parse(kLine + " olga, at home").value());
}

TEST(PublicKey, OfAnotherTypeIsRefusedByName) {
  EXPECT_EQ(refusal_of("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ== r"), "is of type \"ssh-rsa\"; expected ssh-ed25519");
  EXPECT_EQ(refusal_of("ecdsa-sha2-nistp256 AAAAE2VjZHNh e"),
            "is of type \"ecdsa-sha2-nistp256\"; expected ssh-ed25519");
  EXPECT_EQ(refusal_of("sk-ssh-ed25519@openssh.com AAAAGnNr token"),
            "is of type \"sk-ssh-ed25519@openssh.com\"; expected ssh-ed25519");
}

TEST(PublicKey, SaysWhatALineThatIsNoKeyLacks) {
  const std::string expected = "; expected a line of a .pub file, \"ssh-ed25519 AAAA... comment\"";
  EXPECT_EQ(refusal_of("olga"), "begins with \"olga\"" + expected);
  EXPECT_EQ(refusal_of(""), "begins with \"\"" + expected);
  EXPECT_EQ(refusal_of("from=\"10.0.0.1\" " + kLine), "begins with \"from=\"10.0.0.1\"\"" + expected);
  EXPECT_EQ(refusal_of("ssh-ed25519"), "has no base64 behind its type" + expected);
  EXPECT_EQ(refusal_of("ssh-ed25519 AAAA!"), "has no base64 behind its type" + expected);
  EXPECT_EQ(refusal_of("ssh-ed25519 " + kBlob.substr(0, 64)),
            "is not whole: an ssh-ed25519 key has 32 bytes; copy the line again");
  EXPECT_EQ(refusal_of(kLine + std::string(1024, ' ')), "is longer than 1024 bytes" + expected);
}

TEST(PublicKey, DoesNotRepeatAPrivateKey) {
  EXPECT_EQ(refusal_of("-----BEGIN OPENSSH PRIVATE KEY-----"),
            "is a private key: it is no secret any more, make a new one");
}

// The type is said twice, before the base64 and in it.
TEST(PublicKey, IsOfTheTypeThatItsBytesSay) {
  EXPECT_THAT(refusal_of("ssh-ed25519 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAAAA"),
              HasSubstr("is of type \"ecdsa-sha2-nistp256\""));
}

}  // namespace
}  // namespace myelin::signature
