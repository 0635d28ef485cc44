#pragma once
// For tests: the example company with its policy, what it answers to Kafka's ACL requests, and Kafka's authorizer to
// hold it against.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "document/problem.h"
#include "engine/memory_internal_log.h"
#include "governance/access.h"
#include "governance/acl_changes.h"
#include "governance/acls.h"
#include "kafka/error_code.h"
#include "model/load.h"
#include "model/timestamp.h"

namespace myelin::governance {

using kafka::ErrorCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Kafka's numbers.
inline constexpr std::int8_t kTopic = 2, kGroup = 3, kClusterType = 4, kTransactionalId = 5;
inline constexpr std::int8_t kLiteral = 3, kPrefixed = 4;
inline constexpr std::int8_t kAll = 2, kRead = 3, kWrite = 4, kCreate = 5, kDelete = 6, kAlter = 7, kDescribe = 8;
inline constexpr std::int8_t kDescribeConfigs = 10, kAlterConfigs = 11;
inline constexpr std::int8_t kDeny = 2, kAllow = 3;

inline constexpr const char* kPlatform = "ada.okafor";
inline constexpr const char* kOwner = "storefront-api";  // of the squad web-shop, which owns online.order
inline constexpr const char* kStranger = "legacy-etl";   // in no document
inline constexpr const char* kDay = "2026-11-21";

using Asked = kafka::DescribeAclsRequest;
inline Asked everything() {
  Asked asked;
  asked.resource_type_filter = asked.pattern_type_filter = asked.operation = asked.permission_type = AclFilter::kAny;
  asked.resource_name_filter = asked.principal_filter = asked.host_filter = std::nullopt;
  return asked;
}

using Creation = kafka::CreateAclsRequest::AclCreation;
inline Creation creation(std::int8_t type, std::string name, std::string principal, std::int8_t operation) {
  Creation asked;
  asked.resource_type = type;
  asked.resource_name = std::move(name);
  asked.resource_pattern_type = kLiteral;
  asked.principal = std::move(principal);
  asked.host = "*";
  asked.operation = operation;
  asked.permission_type = kAllow;
  return asked;
}

inline kafka::CreateAclsRequest request_of(std::vector<Creation> creations) {
  kafka::CreateAclsRequest request;
  request.creations = std::move(creations);
  return request;
}

// What a broker with these ACLs would decide about one name, as Kafka's authorizer does.
class Kafka {
 public:
  Kafka(const kafka::DescribeAclsResponse& acls, const std::string& name) {
    for (const auto& resource : acls.resources) {
      const bool is_literal = resource.pattern_type == kLiteral;
      const bool is_taken_in = is_literal ? resource.resource_name == name || resource.resource_name == "*"
                                          : name.starts_with(resource.resource_name);
      if (!is_taken_in) continue;
      for (const auto& entry : resource.acls) {
        auto& told = entry.permission_type == kDeny ? denied_ : allowed_;
        told.emplace(entry.principal, resource.resource_type, entry.operation);
      }
    }
  }
  [[nodiscard]] bool allows(const std::string& principal, std::int8_t type, std::int8_t operation) const {
    const auto tells = [&](const Told& told, bool is_taken_in) {
      // What Kafka's authorizer takes in. Beside it, whoever may describe a topic here may describe its configs.
      std::vector<std::int8_t> words{operation, kAll};
      if (is_taken_in && (operation == kDescribe || operation == kDescribeConfigs))
        words.insert(words.end(), {kRead, kWrite, kDelete, kAlter, kDescribe, kDescribeConfigs});
      return std::ranges::any_of(words, [&](std::int8_t word) {
        return told.contains({"User:" + principal, type, word}) || told.contains({"User:*", type, word});
      });
    };
    return tells(allowed_, true) && !tells(denied_, false);
  }

 private:
  using Told = std::set<std::tuple<std::string, std::int8_t, std::int8_t>>;
  Told allowed_, denied_;
};

struct Question {
  std::int8_t type;
  policy::ResourceKind kind;
  std::int8_t number;
  policy::Operation operation;
};
inline std::vector<Question> questions() {
  using enum policy::Operation;
  constexpr auto kTopics = policy::ResourceKind::Topic;
  return {
      {kTopic, kTopics, kRead, Read},
      {kTopic, kTopics, kWrite, Write},
      {kTopic, kTopics, kCreate, Create},
      {kTopic, kTopics, kDelete, Delete},
      {kTopic, kTopics, kAlter, Alter},
      {kTopic, kTopics, kDescribe, Describe},
      {kTopic, kTopics, kDescribeConfigs, Describe},
      {kTopic, kTopics, kAlterConfigs, Alter},
      {kGroup, policy::ResourceKind::Group, kRead, Read},
      {kGroup, policy::ResourceKind::Group, kDelete, Delete},
      {kGroup, policy::ResourceKind::Group, kDescribe, Describe},
      {kTransactionalId, policy::ResourceKind::TransactionalId, kWrite, Write},
      {kTransactionalId, policy::ResourceKind::TransactionalId, kDescribe, Describe},
  };
}

// Every topic, names in and around every prefix, internal ones, and what nobody owns.
inline std::vector<std::string> names_of(const model::Model& model) {
  std::vector<std::string> names{"__consumer_offsets", "__", "_", "legacy.export", "*x"};
  for (const auto& [name, topic] : model.topics) {
    names.push_back(name.text());
    names.push_back(name.text() + "x");
  }
  for (const auto& [name, application] : model.applications) {
    for (const auto& prefix : application.prefixes) {
      for (const char* rest : {"", "x", "-7"}) names.push_back(prefix + rest);
    }
  }
  return names;
}

inline std::vector<std::string> principals_of(const model::Model& model) {
  std::vector<std::string> principals{kStranger, "root"};
  for (const auto& [name, application] : model.principals) principals.push_back(name.text());
  for (const auto& [name, user] : model.users) principals.push_back(name.text());
  return principals;
}

class AclsOfQuokka : public testing::Test {
 protected:
  void SetUp() override { settings({.undeclared_topics = model::UndeclaredTopics::Closed}); }
  void settings(const policy::Settings& with) {
    auto loaded = model::load_folder(MYELIN_SOURCE_DIR "/examples/quokka");
    ASSERT_TRUE(loaded.has_value());
    ASSERT_EQ(document::listed(loaded->problems), "");
    policy_ = std::make_unique<PolicyHolder>(std::make_shared<const model::Model>(std::move(loaded->model)), with);
    snapshot_ = policy_->current();
  }
  // Opens what is stored again.
  void restart() { grants_ = MadeGrants::open(*store_).value(); }

  AccessPtr access(const char* principal, const char* on = kDay) const {
    return std::make_shared<Access>(snapshot_, snapshot_->subject(PrincipalName(principal)), day(on));
  }
  static WallTime day(const char* date) { return *model::parse_timestamp(date, model::DateMeans::StartOfDay); }

  template <typename Response, typename Request>
  Response answer(Request request, const char* principal = kPlatform, const char* on = kDay) const {
    const auto as = access(principal, on);
    auto ruling = rule_on_api(as, request);
    if (ruling.answer) return std::get<Response>(*ruling.answer);
    AclChanges changes(*grants_, *policy_, is_writable_);
    if constexpr (requires { changes.create(*as, request); }) {
      return changes.create(*as, request);
    } else if constexpr (requires { changes.remove(*as, request); }) {
      return changes.remove(*as, request);
    }
    return {};
  }
  // Answers that change something do so for what is asked next.
  template <typename Response, typename Request>
  Response change(Request request) {
    auto response = answer<Response>(std::move(request));
    snapshot_ = policy_->current();
    return response;
  }
  kafka::DescribeAclsResponse describe(const Asked& asked, const char* principal = kPlatform,
                                       const char* on = kDay) const {
    return answer<kafka::DescribeAclsResponse>(asked, principal, on);
  }
  // "type name pattern: principal operation, ..." for each resource.
  std::vector<std::string> listed(const Asked& asked, const char* on = kDay) const {
    std::vector<std::string> lines;
    for (const auto& resource : describe(asked, kPlatform, on).resources) {
      std::string line = std::to_string(resource.resource_type) + " " + resource.resource_name + " " +
                         std::to_string(resource.pattern_type) + ":";
      for (const auto& entry : resource.acls) line += " " + entry.principal + " " + std::to_string(entry.operation);
      lines.push_back(std::move(line));
    }
    return lines;
  }

  bool is_nobodys(policy::Resource resource) const {
    const auto decision =
        snapshot_->decide(snapshot_->subject(PrincipalName(kStranger)), policy::Operation::Read, resource, day(kDay));
    return decision.reason == policy::Reason::Undeclared || decision.reason == policy::Reason::ReportedUndeclared;
  }

  void expect_as_decided(const Kafka& kafka, const std::string& name, const std::vector<Question>& asked) const {
    for (const auto& principal : principals_of(snapshot_->model())) {
      const auto subject = snapshot_->subject(PrincipalName(principal));
      for (const auto& [type, kind, number, operation] : asked) {
        EXPECT_EQ(kafka.allows(principal, type, number),
                  snapshot_->decide(subject, operation, {kind, name}, day(kDay)).allowed)
            << principal << " " << policy::name_of(kind) << " " << name << " " << static_cast<int>(number);
      }
    }
  }

  bool is_writable_ = false;
  engine::MemoryInternalLog log_;
  std::unique_ptr<state::StateStore> store_ = state::StateStore::open(log_).value();
  std::unique_ptr<MadeGrants> grants_ = MadeGrants::open(*store_).value();
  std::unique_ptr<PolicyHolder> policy_;
  std::shared_ptr<const policy::Snapshot> snapshot_;
};

}  // namespace myelin::governance
