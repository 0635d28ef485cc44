// Backstage catalog entities. Fields that are not read here are kept in the document and ignored.
#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "document/nearest.h"
#include "model/drafts.h"
#include "model/rules.h"

namespace myelin::model {
namespace {

// What every entity has.
struct Entity {
  Fields document;
  Fields metadata;
  std::optional<Fields> spec;
  Text name;
  std::string title;
  std::string description;
};

std::optional<Entity> read_entity(const Fields& document) {
  static const std::array<std::string, 2> kVersions{"backstage.io/v1alpha1", "backstage.io/v1beta1"};
  if (!document.required_text("apiVersion").empty()) static_cast<void>(document.choice("apiVersion", kVersions));
  const auto metadata = document.required_map("metadata");
  if (!metadata) return std::nullopt;
  const Text name = metadata->required_text("name");
  if (name.empty()) return std::nullopt;
  if (const auto wrong = wrong_entity_name(name.value)) {
    document.note(name.place, fmt::format("metadata.name \"{}\": {}", name.value, *wrong));
    return std::nullopt;
  }
  const auto name_space = metadata->text("namespace");
  if (name_space && name_space->value != "default") {
    document.note(name_space->place,
                  fmt::format("metadata.namespace is \"{}\"; only \"default\" is read", name_space->value));
  }
  Entity entity{document,
                *metadata,
                document.map("spec"),
                name,
                metadata->text_or_empty("title"),
                metadata->text_or_empty("description")};
  if (entity.title.empty()) entity.title = name.value;
  return entity;
}

// Our annotations; any other key that starts with myelin.dev/ is noted.
std::optional<Text> annotation(const Entity& entity, std::string_view key) {
  const auto annotations = entity.metadata.map("annotations");
  return annotations ? annotations->text(key) : std::nullopt;
}

// Of an entity that was imported; an empty one is noted.
std::optional<Text> directory_id(const Entity& entity) {
  auto id = annotation(entity, "myelin.dev/directory-id");
  if (!id || !id->empty()) return id;
  entity.document.note(id->place, "annotation myelin.dev/directory-id is empty; write the id, or leave it out");
  return std::nullopt;
}

std::vector<Text> former_names(const Entity& entity) {
  std::vector<Text> names;
  const auto declared = annotation(entity, "myelin.dev/formerly");
  if (!declared) return names;
  for (std::string& name : words_of(declared->value)) {
    if (const auto wrong = wrong_entity_name(name)) {
      entity.document.note(declared->place, fmt::format("former name \"{}\": {}", name, *wrong));
    } else {
      names.push_back({std::move(name), declared->place});
    }
  }
  return names;
}

void allow_only_annotations(const Entity& entity, std::span<const std::string> known) {
  const auto annotations = entity.metadata.map("annotations");
  if (!annotations) return;
  for (const document::Member& member : annotations->node().members) {
    if (!member.key.starts_with("myelin.dev/") || std::ranges::find(known, member.key) != known.end()) continue;
    const std::string use = known.empty() ? "; this kind has none" : "; use " + alternatives(known);
    entity.document.note(
        {entity.name.place.file, member.key_position},
        fmt::format("annotation {} is unknown{}{}", member.key, use, document::suggestion(member.key, known)));
  }
}

std::optional<Text> reference(const Entity& entity, std::string_view key, std::string_view kind) {
  auto text = entity.spec ? entity.spec->text(key) : std::nullopt;
  if (!text) return std::nullopt;
  Text referred = entity_reference(entity.document, std::move(*text), kind);
  if (referred.empty()) return std::nullopt;
  return referred;
}

Text required_reference(const Entity& entity, std::string_view key, std::string_view kind) {
  if (!entity.spec) {
    entity.document.note(entity.document.place(), fmt::format("spec.{} is missing; expected a {}", key, kind));
    return {};
  }
  Text text = entity.spec->required_text(key);
  return text.empty() ? Text{} : entity_reference(entity.document, std::move(text), kind);
}

std::vector<Text> references(const Entity& entity, std::string_view key, std::string_view kind) {
  std::vector<Text> referred;
  if (!entity.spec) return referred;
  for (Text& text : entity.spec->texts(key)) {
    Text name = entity_reference(entity.document, std::move(text), kind);
    if (!name.empty()) referred.push_back(std::move(name));
  }
  return referred;
}

std::vector<Channel> read_channels(const Entity& entity) {
  std::vector<Channel> channels;
  for (const Fields& link : entity.metadata.maps("links")) {
    const Text url = link.required_text("url");
    const std::string title = link.text_or_empty("title");
    channels.push_back({title.empty() ? url.value : title, url.value, link.text_or_empty("type")});
  }
  const auto profile = entity.spec ? entity.spec->map("profile") : std::nullopt;
  const std::string email = profile ? profile->text_or_empty("email") : std::string();
  if (!email.empty()) channels.push_back({email, "mailto:" + email, "email"});
  return channels;
}

// A profile's displayName is what Backstage shows; the title is the fallback.
std::string display_name(const Entity& entity) {
  const auto profile = entity.spec ? entity.spec->map("profile") : std::nullopt;
  std::string name = profile ? profile->text_or_empty("displayName") : std::string();
  return name.empty() ? entity.title : name;
}

void read_domain(const Entity& entity, Drafts& drafts) {
  allow_only_annotations(entity, {});
  drafts.domains.push_back({entity.name, entity.title, entity.description, reference(entity, "owner", "Group")});
}

void read_group(const Entity& entity, Drafts& drafts) {
  static const std::array<std::string, 3> kAnnotations{"myelin.dev/directory-id", "myelin.dev/domain",
                                                       "myelin.dev/formerly"};
  allow_only_annotations(entity, kAnnotations);
  GroupDraft group;
  group.name = entity.name;
  group.title = display_name(entity);
  group.description = entity.description;
  if (entity.spec) {
    group.type = entity.spec->required_text("type");
  } else {
    entity.document.note(entity.document.place(), "spec.type is missing; expected \"team\" for a squad");
  }
  group.parent = reference(entity, "parent", "Group");
  group.members = references(entity, "members", "User");
  group.channels = read_channels(entity);
  if (auto domain = annotation(entity, "myelin.dev/domain")) {
    group.domain = entity_reference(entity.document, std::move(*domain), "Domain");
  }
  group.directory_id = directory_id(entity);
  group.formerly = former_names(entity);
  drafts.groups.push_back(std::move(group));
}

void read_user(const Entity& entity, Drafts& drafts) {
  static const std::array<std::string, 2> kAnnotations{std::string(kKeysAnnotation), "myelin.dev/directory-id"};
  allow_only_annotations(entity, kAnnotations);
  if (const auto wrong = wrong_principal(entity.name.value)) {
    entity.document.note(entity.name.place,
                         fmt::format("User \"{}\" can't be a principal: {}", entity.name.value, *wrong));
  }
  const auto annotations = entity.metadata.map("annotations");
  drafts.users.push_back({entity.name, display_name(entity), references(entity, "memberOf", "Group"),
                          annotations ? read_keys(*annotations, entity.name.value) : std::vector<UserDraft::Key>(),
                          directory_id(entity)});
}

void read_system(const Entity& entity, Drafts& drafts) {
  allow_only_annotations(entity, {});
  drafts.systems.push_back(
      {entity.name, entity.title, required_reference(entity, "owner", "Group"), reference(entity, "domain", "Domain")});
}

std::vector<Text> read_principals(const Entity& entity) {
  std::vector<Text> principals;
  const auto declared = annotation(entity, "myelin.dev/principals");
  if (!declared) return principals;
  for (std::string& name : words_of(declared->value)) {
    if (const auto wrong = wrong_principal(name)) {
      entity.document.note(declared->place, fmt::format("principal \"{}\": {}", name, *wrong));
    } else {
      principals.push_back({std::move(name), declared->place});
    }
  }
  return principals;
}

std::vector<Text> read_prefixes(const Entity& entity) {
  const auto declared = annotation(entity, "myelin.dev/prefixes");
  if (!declared) return {entity.name};
  std::vector<Text> prefixes;
  for (std::string& prefix : words_of(declared->value)) {
    if (const auto wrong = wrong_topic(prefix)) {
      entity.document.note(declared->place, fmt::format("prefix \"{}\": {}", prefix, *wrong));
    } else {
      prefixes.push_back({std::move(prefix), declared->place});
    }
  }
  return prefixes;
}

void read_component(const Entity& entity, Drafts& drafts) {
  static const std::array<std::string, 2> kAnnotations{"myelin.dev/principals", "myelin.dev/prefixes"};
  allow_only_annotations(entity, kAnnotations);
  drafts.components.push_back({entity.name, entity.title, entity.description,
                               required_reference(entity, "owner", "Group"), reference(entity, "system", "System"),
                               read_principals(entity), read_prefixes(entity)});
}

struct KindReader {
  std::string_view kind;
  void (*read)(const Entity&, Drafts&);
};
constexpr std::array<KindReader, 5> kReaders{{{"Component", read_component},
                                              {"Domain", read_domain},
                                              {"Group", read_group},
                                              {"System", read_system},
                                              {"User", read_user}}};

}  // namespace

void read_org(const Fields& document, Drafts& drafts) {
  // What comes after User is Backstage's own business: kept, not read.
  static const std::array<std::string, 11> kKinds{"Component",  "Domain",      "Group",    "System",   "User",    "API",
                                                  "AiResource", "Environment", "Location", "Resource", "Template"};
  if (document.required_text("kind").empty()) return;
  const auto kind = document.choice("kind", kKinds);
  if (!kind) return;
  for (const KindReader& reader : kReaders) {
    if (reader.kind != kind->value) continue;
    if (const auto entity = read_entity(document)) reader.read(*entity, drafts);
  }
}

}  // namespace myelin::model
