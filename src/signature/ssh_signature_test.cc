// Signatures were made by `ssh-keygen -Y sign` of OpenSSH 9.2, each over the same text.
#include "signature/ssh_signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.h"

namespace myelin::signature {
namespace {

using testing::HasSubstr;

constexpr const char* kText = "a text\n";
constexpr const char* kFingerprint = "SHA256:Q/wRumwrgqo+CTY0eGFTxUYDoDKhIbxMFvIvtxO8xWE";

const std::string kBySha512 =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg/2LEfPLTMAMeao+OzFmLl66hGd\n"
    "F3klf60u+S1eAbHh4AAAALbXllbGluLXBsYW4AAAAAAAAABnNoYTUxMgAAAFMAAAALc3No\n"
    "LWVkMjU1MTkAAABAgUGxMoulfjN/uYk9FM2KpSL9e76dmvDXxiVE7QfsSFHt/H8MB86k0k\n"
    "ZPcDod8Pudytjc20n5XUWEw4/9vSwVCQ==\n"
    "-----END SSH SIGNATURE-----\n";
// -O hashalg=sha256
const std::string kBySha256 =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg/2LEfPLTMAMeao+OzFmLl66hGd\n"
    "F3klf60u+S1eAbHh4AAAALbXllbGluLXBsYW4AAAAAAAAABnNoYTI1NgAAAFMAAAALc3No\n"
    "LWVkMjU1MTkAAABA93FRbgJnBC1MjuHSyM/bZP9lTgVv9lFHOwQdiH9xIhlP+AzK7N8jEe\n"
    "sq9M3di8f8Sg6E0Ob9v5kULp8w0jUQCw==\n"
    "-----END SSH SIGNATURE-----\n";
// -n git
const std::string kForGit =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg/2LEfPLTMAMeao+OzFmLl66hGd\n"
    "F3klf60u+S1eAbHh4AAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5\n"
    "AAAAQAhLk10JG3i7D4j5QX4jGTruv5QAThFBHVcpB/0N52sr11nL/br+jQJn8CXiYUf9B7\n"
    "8FhW2bzdrHrebF1Sj2cQQ=\n"
    "-----END SSH SIGNATURE-----\n";
// ssh-keygen -t ecdsa
const std::string kByEcdsa =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAAGgAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAAhuaXN0cDI1NgAAAE\n"
    "EE0XDEP3/hvosRWNexzyOW/Dw5a14kPxC9QPYArzAvx5hnyorUF2YKL4aAQSeBzSrXNtfB\n"
    "QVoWEO7TaVeqvYhrcAAAAAtteWVsaW4tcGxhbgAAAAAAAAAGc2hhNTEyAAAAZAAAABNlY2\n"
    "RzYS1zaGEyLW5pc3RwMjU2AAAASQAAACA0tgA2hvz4YeFasqCC5q3lojqM8JPOgEJUyzUr\n"
    "ESnyngAAACEA4iJQSJQFb2ubyDDpQgZus7C1rAN178l21JEkpMu/jgw=\n"
    "-----END SSH SIGNATURE-----\n";

std::string refusal_of(const std::string& armoured) {
  const auto signature = parse_signature(armoured);
  return signature ? "none" : signature.error().message;
}

std::string blob_of(const std::string& armoured) {
  std::string base64;
  for (std::size_t at = armoured.find('\n') + 1; armoured[at] != '-';) {
    const auto end = armoured.find('\n', at);
    base64 += armoured.substr(at, end - at);
    at = end + 1;
  }
  return base64_decode(base64).value();
}

std::string armoured(const std::string& blob) {
  return "-----BEGIN SSH SIGNATURE-----\n" + base64_encode(blob) + "\n-----END SSH SIGNATURE-----\n";
}

TEST(SshSignature, SaysByWhichKeyAndWhatFor) {
  const auto signature = parse_signature(kBySha512).value();
  EXPECT_EQ(signature.key.fingerprint(), kFingerprint);
  EXPECT_EQ(signature.name_space, "myelin-plan");
  EXPECT_EQ(signature.hash, "sha512");
  EXPECT_EQ(parse_signature(kBySha256).value().hash, "sha256");
  EXPECT_EQ(parse_signature(kForGit).value().name_space, "git");
}

TEST(SshSignature, IsOverItsTextAndNoOther) {
  for (const auto& each : {kBySha512, kBySha256, kForGit}) {
    const auto signature = parse_signature(each).value();
    EXPECT_TRUE(is_over(signature, kText));
    EXPECT_FALSE(is_over(signature, "a text"));
    EXPECT_FALSE(is_over(signature, "another text\n"));
    EXPECT_FALSE(is_over(signature, ""));
  }
}

TEST(SshSignature, IsForItsNamespaceHashAndKeyAlone) {
  const auto signature = parse_signature(kForGit).value();
  auto renamed = signature;
  renamed.name_space = "myelin-plan";
  EXPECT_FALSE(is_over(renamed, kText));
  auto rehashed = signature;
  rehashed.hash = "sha256";
  EXPECT_FALSE(is_over(rehashed, kText));
  auto reserved = signature;
  reserved.reserved = "x";
  EXPECT_FALSE(is_over(reserved, kText));
  auto taken = signature;
  taken.key =
      PublicKey::parse("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g").value();
  EXPECT_FALSE(is_over(taken, kText));
}

TEST(SshSignature, WithAnyBitTurnedIsRefusedOrOverNothing) {
  const auto blob = blob_of(kBySha512);
  for (std::size_t bit = 0; bit < blob.size() * 8; ++bit) {
    auto turned = blob;
    turned[bit / 8] = static_cast<char>(turned[bit / 8] ^ (1 << bit % 8));
    const auto signature = parse_signature(armoured(turned));
    EXPECT_FALSE(signature && is_over(*signature, kText)) << "bit " << bit;
  }
}

TEST(SshSignature, CutAnywhereIsRefused) {
  const auto blob = blob_of(kBySha512);
  for (std::size_t size = 0; size < blob.size(); ++size) {
    EXPECT_FALSE(parse_signature(armoured(blob.substr(0, size))).has_value()) << size;
  }
  EXPECT_THAT(refusal_of(armoured(blob + "x")), HasSubstr("is not whole"));
}

TEST(SshSignature, ByAKeyOfAnotherTypeIsRefusedByName) {
  EXPECT_EQ(refusal_of(kByEcdsa), "is made with a key that is of type \"ecdsa-sha2-nistp256\"; expected ssh-ed25519");
}

TEST(SshSignature, SaysWhatATextThatIsNoneLacks) {
  const std::string expected = "; expected what `ssh-keygen -Y sign` writes";
  EXPECT_EQ(refusal_of(""), "does not begin with -----BEGIN SSH SIGNATURE-----" + expected);
  EXPECT_EQ(refusal_of("-----BEGIN PGP SIGNATURE-----\n"),
            "does not begin with -----BEGIN SSH SIGNATURE-----" + expected);
  EXPECT_EQ(refusal_of(kBySha512.substr(0, kBySha512.find("-----END"))),
            "does not end with -----END SSH SIGNATURE-----" + expected);
  EXPECT_EQ(refusal_of(kBySha512 + kBySha256), "goes on behind its end; give each signature by itself");
  EXPECT_EQ(refusal_of("-----BEGIN SSH SIGNATURE-----\n!\n-----END SSH SIGNATURE-----\n"), "is no base64" + expected);
  EXPECT_EQ(refusal_of(armoured("SSHKEY")), "is no SSH signature" + expected);
  EXPECT_EQ(refusal_of(armoured(std::string("SSHSIG\0\0\0\2", 10))), "is of version 2; 1 is read");
  EXPECT_EQ(refusal_of(kBySha512 + std::string(4096, ' ')), "is longer than 4096 bytes" + expected);
}

TEST(SshSignature, IsTakenWithTheLineEndsOfOtherSystems) {
  std::string text;
  for (const char letter : kBySha512) text += letter == '\n' ? "\r\n" : std::string(1, letter);
  EXPECT_TRUE(is_over(parse_signature(text + " \n\n").value(), kText));
}

}  // namespace
}  // namespace myelin::signature
