#pragma once
// For tests: a private key, and signatures as `ssh-keygen -Y sign` makes them.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <memory>
#include <string>

#include "base/base64.h"
#include "signature/ssh_fields.h"
#include "signature/ssh_signature.h"

namespace myelin::signature {

class TestKey {
 public:
  // Another letter is another key.
  explicit TestKey(char letter) {
    const std::string seed(32, letter);
    key_.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                            reinterpret_cast<const unsigned char*>(seed.data()), seed.size()));
    std::string bytes(32, '\0');
    std::size_t size = bytes.size();
    EXPECT_EQ(EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(bytes.data()), &size), 1);
    blob_ = ssh_string(kKeyType) + ssh_string(bytes);
  }

  // As in a .pub file.
  [[nodiscard]] std::string line() const { return std::string(kKeyType) + " " + base64_encode(blob_); }
  [[nodiscard]] std::string fingerprint() const { return PublicKey::parse(line()).value().fingerprint(); }

  [[nodiscard]] SshSignature sign(std::string_view text, const std::string& name_space) const {
    std::string digest(64, '\0');
    unsigned size = 0;
    EXPECT_EQ(EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()), &size, EVP_sha512(),
                         nullptr),
              1);
    const auto message = "SSHSIG" + ssh_string(name_space) + ssh_string("") + ssh_string("sha512") + ssh_string(digest);
    std::string bytes(64, '\0');
    std::size_t signed_size = bytes.size();
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()), 1);
    EXPECT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(bytes.data()), &signed_size,
                             reinterpret_cast<const unsigned char*>(message.data()), message.size()),
              1);
    return {PublicKey::parse(line()).value(), name_space, "", "sha512", bytes};
  }

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_{nullptr, EVP_PKEY_free};
  std::string blob_;
};

}  // namespace myelin::signature
