// Exports as directories write them, and what is wrong with those that can't be read.
#include "directory/export.h"

#include <gtest/gtest.h>

#include "directory/ldif.h"

namespace myelin::directory {
namespace {

// "name (type) < above: member, member" for each team, and each person who is not active.
std::string told(const Read& read) {
  if (!read.problems.empty()) return document::listed(read.problems);
  std::string text;
  for (const auto& team : read.teams.teams) {
    text += team.name + (team.type == "team" ? "" : " (" + team.type + ")") + (team.id.empty() ? "" : " #" + team.id);
    if (team.above) text += " < " + read.teams.teams[*team.above].name;
    text += ":";
    for (const auto member : team.members) text += " " + read.teams.people[member].name;
    text += "\n";
  }
  for (const auto& person : read.teams.people) {
    if (!person.is_active) text += person.name + " is active no more\n";
  }
  return text;
}

std::string scim(const std::string& resources) {
  return told(read_export({{"t.json", "{\"Resources\": [" + resources + "]}"}}, std::nullopt));
}

std::string user(const std::string& id, const std::string& name, const std::string& more = "") {
  return R"({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": ")" + id + R"(", "userName": ")" + name +
         "\"" + more + "}";
}
std::string group(const std::string& id, const std::string& name, const std::string& members) {
  return R"({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": ")" + id + R"(", "displayName": ")" +
         name + R"(", "members": [)" + members + "]}";
}

TEST(Scim, HasGroupsOfPeopleAndOfGroups) {
  EXPECT_EQ(scim(user("u1", "ann@shop.example") + "," + user("u2", "bo", ", \"active\": false") + "," +
                 group("g1", "Web Shop (EU)", R"({"value": "u1"}, {"value": "u2"})") + "," +
                 group("g2", "Retail", R"({"value": "g1"})")),
            "retail (department) #g2:\nweb-shop-eu #g1 < retail: ann\nbo is active no more\n");
}

TEST(Scim, SaysEverythingThatIsWrongAtOnce) {
  EXPECT_EQ(scim(user("u1", "ann") + ",\n" + group("g1", "Web", R"({"value": "u7"}, {"value": 3})") + ",\n" +
                 group("g2", "web", "") + ",\n{\"id\": \"x\"}"),
            "t.json:2:118: \"u7\" is nothing that the export holds; export it too, or take the line out\n"
            "t.json:2:135: value is a number, expected a string\n"
            "t.json:3:1: \"web\" is there twice, the first at t.json:2:1: what has one name would be one document; "
            "export one of them, or give it another name\n"
            "t.json:4:1: schemas is missing: neither a User nor a Group of SCIM\n");
  EXPECT_EQ(
      told(read_export({{"t.json", "{\"Resources\": [}"}}, std::nullopt)),
      "t.json:1:16: not JSON: expected a value: an object, a list, a string in double quotes, a number, true, false "
      "or null\n");
}

TEST(Scim, RefusesPagesOfWhichSomeAreMissing) {
  const auto page = [](int start, const std::string& resource) {
    return "{\"totalResults\": 2, \"startIndex\": " + std::to_string(start) + ", \"Resources\": [" + resource + "]}";
  };
  const document::Source first{"1.json", page(1, user("u1", "ann"))};
  const document::Source second{"2.json", page(2, group("g1", "Web", R"({"value": "u1"})"))};
  EXPECT_EQ(told(read_export({first, second}, std::nullopt)), "web #g1: ann\n");
  EXPECT_EQ(told(read_export({second, first}, Format::Scim)), "web #g1: ann\n");
  EXPECT_EQ(
      told(read_export({first}, std::nullopt)),
      "1.json:1:1: 1 of 2 resources: who stands on the other pages would be gone; export all of them, and give all "
      "files\n");
}

std::string ldif(const std::string& text) { return told(read_export({{"t.ldif", text}}, std::nullopt)); }

TEST(LdifTeams, AreOfEachKindOfGroup) {
  EXPECT_EQ(ldif("version: 1\n"
                 "# people\n"
                 "dn: uid=ann,ou=people,dc=shop\nobjectClass: inetOrgPerson\nuid: ann\ncn: Ann\n\n"
                 "dn: uid=bo,ou=people,dc=shop\nobjectClass: inetOrgPerson\nuid:: Ym8=\nmail: bo@shop.example\n\n"
                 "dn: cn=web,ou=groups,dc=shop\r\nobjectClass: groupOfNames\r\ncn: Web\r\n Shop\r\n"
                 "entryUUID: 1b4e28ba\r\nmember: UID=ann, OU=people,\r\n  dc=shop\r\n\r\n"
                 "dn: cn=tills,ou=groups,dc=shop\nobjectClass: groupOfUniqueNames\ncn: tills\n"
                 "uniqueMember: uid=bo,ou=people,dc=shop\n\n"
                 "dn: cn=ops,ou=groups,dc=shop\nobjectClass: posixGroup\ncn: ops\nmemberUid: ann\nmemberUid: bo\n\n"
                 "dn: ou=groups,dc=shop\nobjectClass: organizationalUnit\nou: groups\n"),
            "ops: ann bo\ntills: bo\nwebshop #1b4e28ba: ann\n");
}

TEST(LdifTeams, HaveIdsAndLocksOfActiveDirectory) {
  EXPECT_EQ(ldif("dn: CN=Ann,DC=shop\nobjectClass: user\nsAMAccountName: ann\nuserAccountControl: 514\n\n"
                 "dn: CN=Web,DC=shop\nobjectClass: group\ncn: Web\nmember: CN=Ann,DC=shop\n"
                 "objectGUID:: AAECAwQFBgcICQoLDA0ODw==\n"),
            "web #03020100-0504-0706-0809-0a0b0c0d0e0f:\nann is active no more\n");
}

TEST(LdifTeams, SayEverythingThatIsWrongAtOnce) {
  EXPECT_EQ(ldif("version: 1\n\ndn: cn=web\nobjectClass: groupOfNames\ncn: web\nmember: uid=x\nphoto:< file:///x\n"
                 "cn:: ?\nnonsense\n\ndn: cn=old\nchangetype: delete\n\nsearch: 2\n\n"
                 "dn: uid=ann\nobjectClass: person\nobjectClass: inetOrgPerson\n"),
            "t.ldif:6:1: \"uid=x\" is nothing that the export holds; export it too, or take the line out\n"
            "t.ldif:7:7: the value stands in another file, which is not read; export the value itself\n"
            "t.ldif:8:5: the value of cn is not base64\n"
            "t.ldif:9:1: expected an attribute: a name, a colon and a value\n"
            "t.ldif:12:1: a change of an entry is not read; export the entries as they are, such as with ldapsearch "
            "-LLL\n"
            "t.ldif:14:1: an entry begins with dn; is this an export of entries, as ldapsearch -LLL makes it?\n"
            "t.ldif:16:1: a person without uid; export that attribute too\n");
}

std::string backstage(const std::string& text) { return told(read_export({{"t.yaml", text}}, std::nullopt)); }

TEST(BackstageTeams, AreDeclaredInEitherDirection) {
  EXPECT_EQ(backstage("kind: Group\nmetadata: {name: web}\nspec: {type: team, parent: retail, members: [ann]}\n---\n"
                      "kind: Group\nmetadata: {name: retail}\nspec: {type: department, children: [tills]}\n---\n"
                      "kind: Group\nmetadata: {name: tills, uid: g-7}\nspec: {type: team}\n---\n"
                      "kind: User\nmetadata: {name: ann}\nspec: {memberOf: [\"group:default/tills\"]}\n---\n"
                      "kind: Component\nmetadata: {name: shop}\n"),
            "retail (department):\ntills #g-7 < retail: ann\nweb < retail: ann\n");
  EXPECT_EQ(backstage("kind: Group\nmetadata: {name: a}\nspec: {parent: b}\n---\n"
                      "kind: Group\nmetadata: {name: b}\nspec: {parent: a, members: [x]}\n---\n"
                      "kind: User\nmetadata: {title: nobody}\n"),
            "t.yaml:2:18: \"a\" stands above itself; take one of the groups out of the circle\n"
            "t.yaml:6:18: \"b\" stands above itself; take one of the groups out of the circle\n"
            "t.yaml:7:29: \"x\" is nothing that the export holds; export it too, or take the line out\n"
            "t.yaml:9:1: metadata.name is missing\n");
}

TEST(Exports, AreToldApartByHowTheyBegin) {
  EXPECT_EQ(format_of("\xEF\xBB\xBF \n{\"Resources\""), Format::Scim);
  EXPECT_EQ(format_of("# of today\ndn: cn=web\n"), Format::Ldif);
  EXPECT_EQ(format_of("# of today\n---\nkind: Group\n"), Format::Backstage);
  EXPECT_EQ(format_of("name,team\n"), std::nullopt);
  EXPECT_EQ(told(read_export({{"t.csv", "name,team\n"}}, std::nullopt)),
            "t.csv:1:1: neither SCIM (JSON), LDIF nor a Backstage catalogue (YAML); say which with --format\n");
}

TEST(Exports, HoldSomebody) {
  EXPECT_EQ(scim(""), "t.json: no group in it: an import would leave nobody anywhere; export groups and people\n");
  EXPECT_EQ(scim(group("g1", "Web", "")),
            "t.json: no person in it: an import would leave nobody anywhere; export groups and people\n");
  EXPECT_EQ(told(read_export({{"t.json", std::string(kExportBytesMax + 1, ' ')}}, std::nullopt)),
            "t.json: the export has more than 33554432 bytes; export teams only\n");
}

}  // namespace
}  // namespace myelin::directory
