// Groups and people of an LDAP directory.
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "directory/gather.h"
#include "directory/ldif.h"

namespace myelin::directory {
namespace {

std::string lower(std::string_view text) {
  std::string small(text);
  std::ranges::transform(small, small.begin(),
                         [](char letter) { return letter >= 'A' && letter <= 'Z' ? char(letter | 0x20) : letter; });
  return small;
}

// Blanks around ',' and '=' and the case of letters don't count in a distinguished name.
std::string key_of_dn(std::string_view dn) {
  std::string key = "dn:";
  for (const char letter : lower(dn)) {
    if (letter == ' ' && (key.ends_with(',') || key.ends_with('=') || key.ends_with(':'))) continue;
    while ((letter == ',' || letter == '=') && key.ends_with(' ')) key.pop_back();
    key += letter;
  }
  return key;
}

// Active Directory's ids are 16 bytes, the first three parts with the lowest byte first.
std::string id_text(const std::string& value) {
  constexpr std::array<std::size_t, 16> kOrder{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  const bool is_text = std::ranges::all_of(value, [](char letter) { return letter > ' ' && letter < 0x7f; });
  if (is_text || value.size() != kOrder.size()) return value;
  std::string text;
  for (std::size_t i = 0; i < kOrder.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", static_cast<unsigned char>(value[kOrder[i]]));
  }
  return text;
}

class LdifTeams {
 public:
  LdifTeams(Entries& entries, document::Problems& problems) : entries_(entries), problems_(problems) {}

  void read(const LdifEntry& entry) {
    constexpr std::array<std::string_view, 5> kTeams{"groupofnames", "groupofuniquenames", "posixgroup", "group",
                                                     "groupofmembers"};
    constexpr std::array<std::string_view, 3> kPeople{"inetorgperson", "posixaccount", "user"};
    if (is_one_of(entry, kTeams)) return team(entry);
    if (is_one_of(entry, kPeople)) return person(entry);
  }

 private:
  static bool is_one_of(const LdifEntry& entry, const auto& classes) {
    return std::ranges::any_of(entry.values, [&](const LdifValue& value) {
      return value.attribute == "objectclass" && std::ranges::find(classes, lower(value.value)) != classes.end();
    });
  }

  void note(const document::Place& place, std::string message) { problems_.push_back({place, std::move(message)}); }

  // The first of the attributes that the entry has, empty without one; noted when it is no text.
  std::string first_of(const LdifEntry& entry, std::initializer_list<std::string_view> attributes) {
    for (const auto attribute : attributes) {
      const auto* value = entry.find(attribute);
      if (value == nullptr || value->value.empty()) continue;
      if (utf8_prefix(value->value) == value->value.size()) return value->value;
      note(value->place, fmt::format("the value of {} is not UTF-8", attribute));
    }
    return {};
  }

  static std::string id_of(const LdifEntry& entry) {
    for (const auto* attribute : {"entryuuid", "objectguid", "ipauniqueid", "nsuniqueid"}) {
      if (const auto* value = entry.find(attribute)) return id_text(value->value);
    }
    return {};
  }

  static bool is_active(const LdifEntry& entry) {
    constexpr unsigned kDisabled = 2;  // of Active Directory's userAccountControl
    if (const auto* lock = entry.find("nsaccountlock"); lock != nullptr && lower(lock->value) == "true") return false;
    const auto* control = entry.find("useraccountcontrol");
    return control == nullptr || (static_cast<unsigned>(std::atoi(control->value.c_str())) & kDisabled) == 0;
  }

  void person(const LdifEntry& entry) {
    PersonEntry made;
    const auto uid = first_of(entry, {"uid", "samaccountname", "mail"});
    made.person = {id_of(entry), person_name(uid), first_of(entry, {"displayname", "cn"}), is_active(entry),
                   entry.place};
    if (made.person.name.empty()) return note(entry.place, "a person without uid; export that attribute too");
    made.keys = {key_of_dn(entry.dn), "uid:" + lower(uid)};
    entries_.people.push_back(std::move(made));
  }

  void team(const LdifEntry& entry) {
    TeamEntry made;
    made.team.id = id_of(entry);
    made.team.title = first_of(entry, {"displayname", "cn"});
    made.team.name = team_name(made.team.title);
    made.team.place = entry.place;
    if (made.team.name.empty()) return note(entry.place, "a group without cn; export that attribute too");
    made.keys = {key_of_dn(entry.dn)};
    for (const auto& value : entry.values) {
      if (value.attribute == "member" || value.attribute == "uniquemember") {
        made.members.push_back({key_of_dn(value.value), value.place});
      } else if (value.attribute == "memberuid") {
        made.members.push_back({"uid:" + lower(value.value), value.place});
      }
    }
    entries_.teams.push_back(std::move(made));
  }

  Entries& entries_;
  document::Problems& problems_;
};

}  // namespace

void read_ldif(const document::Source& file, Entries& entries, document::Problems& problems) {
  auto parsed = parse_ldif(file);
  std::ranges::move(parsed.problems, std::back_inserter(problems));
  LdifTeams teams(entries, problems);
  for (const auto& entry : parsed.entries) teams.read(entry);
}

}  // namespace myelin::directory
