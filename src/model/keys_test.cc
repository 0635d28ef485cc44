// Keys by which people sign plans, as Users declare them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/load.h"

namespace myelin::model {
namespace {

// Made by ssh-keygen.
const std::string kFirst = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP9ixHzy0zADHmqPjsxZi5euoRnRd5JX+tLvktXgGx4e";
const std::string kSecond = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g";

document::Source user(const std::string& name, const std::string& keys) {
  return {"org/" + name + ".yaml", "apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata:\n  name: " + name +
                                       "\n  annotations:\n    myelin.dev/signing-keys: " + keys +
                                       "\nspec: {memberOf: []}\n"};
}

std::string problems_of(std::vector<document::Source> sources) {
  return document::listed(load(std::move(sources)).problems);
}

TEST(Keys, AreReadOneALine) {
  const auto loaded = load({user("olga", "|\n      " + kFirst + " olga@home\n\n      " + kSecond + "\t\n")});
  EXPECT_EQ(document::listed(loaded.problems), "");
  const auto& keys = loaded.model.users.at(PrincipalName("olga")).keys;
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0].fingerprint(), "SHA256:Q/wRumwrgqo+CTY0eGFTxUYDoDKhIbxMFvIvtxO8xWE");
  EXPECT_EQ(keys[1], signature::PublicKey::parse(kSecond).value());
}

TEST(Keys, StandOnTheLineOfTheirNameToo) {
  const auto loaded = load({user("olga", "\"" + kFirst + " olga@home\"")});
  EXPECT_EQ(document::listed(loaded.problems), "");
  EXPECT_EQ(loaded.model.users.at(PrincipalName("olga")).keys.size(), 1U);
}

TEST(Keys, ThatAreNoneAreNamedWithTheirLine) {
  EXPECT_EQ(
      problems_of({user("olga", "|\n      " + kFirst + "\n      ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB olga@home\n")}),
      "org/olga.yaml:8:7: key of User \"olga\" is of type \"ssh-rsa\"; expected ssh-ed25519\n");
  EXPECT_EQ(problems_of({user("olga", "SHA256:Q/wRumwrgqo")}),
            "org/olga.yaml:6:30: key of User \"olga\" begins with \"SHA256:Q/wRumwrgqo\"; expected a line of a .pub "
            "file, \"ssh-ed25519 AAAA... comment\"\n");
}

TEST(Keys, BelongToOnePerson) {
  EXPECT_EQ(problems_of({user("bert", kFirst + " bert@home"), user("olga", kFirst)}),
            "org/olga.yaml:6:30: key SHA256:Q/wRumwrgqo+CTY0eGFTxUYDoDKhIbxMFvIvtxO8xWE already belongs to User "
            "\"bert\" at org/bert.yaml:6:30; a key belongs to one person, and stands there once\n");
}

TEST(Keys, AreAtMostSixteen) {
  std::string lines = "|\n";
  for (char letter = 'a'; letter < 'a' + 17; ++letter) {
    auto line = kFirst;
    line[line.size() - 4] = letter;
    lines += "      " + line + "\n";
  }
  EXPECT_EQ(problems_of({user("olga", lines)}),
            "org/olga.yaml:7:1: myelin.dev/signing-keys of User \"olga\" has 17 keys, expected 1 to 16, one a line\n");
  EXPECT_EQ(problems_of({user("olga", "\" \"")}),
            "org/olga.yaml:6:30: myelin.dev/signing-keys of User \"olga\" has 0 keys, expected 1 to 16, one a line\n");
}

TEST(Keys, AreOfUsersOnly) {
  EXPECT_THAT(problems_of({{"org/a.yaml",
                            "apiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: {name: a, annotations: "
                            "{myelin.dev/signing-keys: x}}\n"}}),
              testing::HasSubstr("annotation myelin.dev/signing-keys is unknown; this kind has none"));
}

}  // namespace
}  // namespace myelin::model
