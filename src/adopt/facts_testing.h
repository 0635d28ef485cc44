#pragma once
// A server for tests of what is adopted: what it saw, in a few words a line.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adopt/folder.h"
#include "model/load.h"
#include "model/timestamp.h"

namespace myelin::adopt {

inline WallTime day(std::string_view text) {
  return model::parse_timestamp(text, model::DateMeans::StartOfDay).value_or(WallTime());
}

class Server {
 public:
  // Without documents; topics that nobody declared may be used by everybody who signs in.
  Server() {
    facts_.now = day("2026-11-23");
    settings.undeclared_topics = model::UndeclaredTopics::Report;
    settings.platform_principals = {PrincipalName("ada.okafor")};
  }

  policy::Settings settings;
  std::vector<document::Source> documents;  // in force

  Server& topic(const char* name, std::int32_t partitions, std::map<std::string, std::string> differing = {}) {
    std::map<std::string, std::string> all{
        {"cleanup.policy", "delete"}, {"myelin.durability", "synced"}, {"retention.ms", "604800000"}};
    for (auto& [setting, value] : differing) all[setting] = value;
    facts_.topics[TopicName(name)] = {partitions, std::move(all)};
    return *this;
  }
  Server& writes(const char* principal, const char* topic, std::int64_t records) {
    facts_.writes.push_back({PrincipalName(principal), TopicName(topic), records, day("2026-11-22")});
    return *this;
  }
  Server& reads(const char* principal, const char* topic, std::int64_t offsets) {
    facts_.reads.push_back({PrincipalName(principal), TopicName(topic), offsets, day("2026-11-21")});
    return *this;
  }
  Server& commits(const char* principal, const char* group) {
    facts_.commits.push_back({PrincipalName(principal), GroupName(group), day("2026-11-21")});
    return *this;
  }

  [[nodiscard]] Facts facts() const {
    auto loaded = model::load(documents);
    EXPECT_TRUE(loaded.ok()) << document::listed(loaded.problems);
    auto facts = facts_;
    facts.policy = policy::Snapshot::build(std::make_shared<const model::Model>(std::move(loaded.model)), settings);
    return facts;
  }

  [[nodiscard]] Folder adopted() const {
    auto folder = folder_of(facts());
    EXPECT_TRUE(folder.has_value()) << folder.error().message;
    return folder ? *std::move(folder) : Folder();
  }

 private:
  Facts facts_;
};

inline std::vector<std::string> paths_of(const Folder& folder) {
  std::vector<std::string> paths;
  for (const auto& file : folder.files) paths.push_back(file.file);
  return paths;
}

inline std::string text_of(const Folder& folder, std::string_view path) {
  for (const auto& file : folder.files) {
    if (file.file == path) return file.text;
  }
  return "there is no such file";
}

}  // namespace myelin::adopt
