// Kafka's ACLs as they are told, against the decisions that are made.
#include "governance/acls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <tuple>

#include "document/problem.h"
#include "engine/memory_internal_log.h"
#include "governance/access.h"
#include "governance/acl_changes.h"
#include "governance/adoption.h"
#include "kafka/error_code.h"
#include "model/load.h"
#include "model/timestamp.h"

namespace myelin::governance {
namespace {

using kafka::ErrorCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Kafka's numbers.
constexpr std::int8_t kTopic = 2, kGroup = 3, kClusterType = 4, kTransactionalId = 5;
constexpr std::int8_t kLiteral = 3, kPrefixed = 4;
constexpr std::int8_t kAll = 2, kRead = 3, kWrite = 4, kCreate = 5, kDelete = 6, kAlter = 7, kDescribe = 8;
constexpr std::int8_t kDescribeConfigs = 10, kAlterConfigs = 11;
constexpr std::int8_t kDeny = 2, kAllow = 3;

constexpr const char* kPlatform = "ada.okafor";
constexpr const char* kOwner = "storefront-api";  // of the squad web-shop, which owns online.order
constexpr const char* kStranger = "legacy-etl";   // in no document
constexpr const char* kDay = "2026-11-21";

using Asked = kafka::DescribeAclsRequest;
Asked everything() {
  Asked asked;
  asked.resource_type_filter = asked.pattern_type_filter = asked.operation = asked.permission_type = AclFilter::kAny;
  asked.resource_name_filter = asked.principal_filter = asked.host_filter = std::nullopt;
  return asked;
}

using Creation = kafka::CreateAclsRequest::AclCreation;
Creation creation(std::int8_t type, std::string name, std::string principal, std::int8_t operation) {
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

kafka::CreateAclsRequest request_of(std::vector<Creation> creations) {
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
std::vector<Question> questions() {
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
std::vector<std::string> names_of(const model::Model& model) {
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

std::vector<std::string> principals_of(const model::Model& model) {
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

TEST_F(AclsOfQuokka, AllowWhatTheDecisionsAllowAndNothingElse) {
  using enum model::UndeclaredTopics;
  const std::vector<policy::Settings> all{{.undeclared_topics = Closed, .platform_principals = {PrincipalName("root")}},
                                          {.undeclared_topics = Report},
                                          {.authorise = policy::Authorise::Report, .undeclared_topics = Closed},
                                          {.authorise = policy::Authorise::Report, .undeclared_topics = Report}};
  for (const auto& with : all) {
    settings(with);
    const auto whole = describe(everything());
    for (const auto& name : names_of(snapshot_->model())) {
      // What nobody owns is told when it is asked for.
      auto of_somebody = questions();
      std::vector<Question> of_nobody;
      std::erase_if(of_somebody, [&](const Question& question) {
        const bool is_nobodys = this->is_nobodys({question.kind, name});
        if (is_nobodys) of_nobody.push_back(question);
        return is_nobodys;
      });
      expect_as_decided(Kafka(whole, name), name, of_somebody);
      if (of_nobody.empty()) continue;
      auto asked = everything();
      asked.resource_name_filter = name;
      asked.pattern_type_filter = AclFilter::kMatch;
      expect_as_decided(Kafka(describe(asked), name), name, of_nobody);
    }
  }
}

TEST_F(AclsOfQuokka, OfGrantsMadeByApiAllowWhatTheDecisionsAllow) {
  is_writable_ = true;
  const auto of = [](std::int8_t type, const char* name, std::int8_t pattern, const char* principal,
                     std::int8_t operation) {
    auto asked = creation(type, name, principal, operation);
    asked.resource_pattern_type = pattern;
    return asked;
  };
  const auto created = change<kafka::CreateAclsResponse>(
      request_of({of(kTopic, "online.order", kLiteral, "User:marketing-insights", kWrite),
                  of(kTopic, "online.order", kLiteral, "User:marketing-insights", kCreate),
                  of(kTopic, "storefront.", kPrefixed, "User:marketing-insights", kAll),
                  of(kTopic, "online.order", kLiteral, "User:storefront-api", kRead),  // its squad owns it
                  of(kTopic, "legacy", kPrefixed, "User:sales-unifier", kDescribeConfigs),
                  of(kGroup, "storefront", kPrefixed, "User:marketing-insights", kRead),
                  of(kTransactionalId, "storefront-1", kLiteral, "User:marketing-insights", kWrite)}));
  for (const auto& result : created.results) EXPECT_EQ(result.error_code, 0) << result.error_message.value_or("");
  const auto whole = describe(everything());
  for (const auto& name : names_of(snapshot_->model())) {
    auto asked = questions();
    std::erase_if(asked, [&](const Question& question) { return is_nobodys({question.kind, name}); });
    expect_as_decided(Kafka(whole, name), name, asked);
  }
  EXPECT_TRUE(snapshot_
                  ->decide(snapshot_->subject(PrincipalName("marketing-insights")), policy::Operation::Write,
                           {policy::ResourceKind::Topic, "online.order"}, day(kDay))
                  .allowed);
}

TEST_F(AclsOfQuokka, MadeByApiAreKeptAndForgottenOnceDeclared) {
  is_writable_ = true;
  EXPECT_EQ(change<kafka::CreateAclsResponse>(
                request_of({creation(kTopic, "online.order", "User:marketing-insights", kWrite),
                            creation(kTopic, "online.order", "User:marketing-insights", kRead)}))
                .results.size(),
            2U);
  restart();
  ASSERT_EQ(grants_->all()->size(), 2U);
  const auto& first = grants_->all()->front();
  EXPECT_EQ(model::described(first.right), "read topic online.order");
  EXPECT_EQ(first.made_by, PrincipalName(kPlatform));
  EXPECT_EQ(first.made_at, day(kDay));
  auto declared = *grants_->all();
  declared.pop_back();
  EXPECT_EQ(grants_->drop_declared(declared).value(), 1U);
  restart();
  ASSERT_EQ(grants_->all()->size(), 1U);
  EXPECT_EQ(model::described(grants_->all()->front().right), "write topic online.order");
}

TEST_F(AclsOfQuokka, MadeByApiAreAdoptedAsDocuments) {
  is_writable_ = true;
  auto prefix = creation(kGroup, "a \"b\"", "User:marketing-insights", kRead);
  prefix.resource_pattern_type = kPrefixed;
  (void)change<kafka::CreateAclsResponse>(
      request_of({creation(kTopic, "online.order", "User:marketing-insights", kWrite),
                  creation(kTopic, "online.order", "User:marketing-insights", kRead), prefix}));
  const auto adoption = adopted(*snapshot_);
  EXPECT_EQ(adoption.grants, 3U);
  EXPECT_EQ(adoption.documents, 2U);
  EXPECT_EQ(adoption.yaml,
            "---\n"
            "# read: made by API by ada.okafor at 2026-11-21\n"
            "# write: made by API by ada.okafor at 2026-11-21\n"
            "apiVersion: myelin.dev/v1alpha1\n"
            "kind: DirectGrant\n"
            "metadata: {name: \"marketing-insights-topic-online.order\"}\n"
            "spec:\n"
            "  principal: \"marketing-insights\"\n"
            "  resource: topic\n"
            "  name: \"online.order\"\n"
            "  pattern: literal\n"
            "  operations: [read, write]\n"
            "---\n"
            "# read: made by API by ada.okafor at 2026-11-21\n"
            "apiVersion: myelin.dev/v1alpha1\n"
            "kind: DirectGrant\n"
            "metadata: {name: \"marketing-insights-group-a--b-\"}\n"
            "spec:\n"
            "  principal: \"marketing-insights\"\n"
            "  resource: group\n"
            "  name: \"a \\\"b\\\"\"\n"
            "  pattern: prefixed\n"
            "  operations: [read]\n");
}

TEST_F(AclsOfQuokka, OfAPrincipalThatNoDocumentKnowsAnyMoreDoNothingAndAreDeleted) {
  is_writable_ = true;
  const model::Right right{PrincipalName(kStranger), model::RightResource::Topic, "online.order", false,
                           model::RightOperation::Read};
  ASSERT_TRUE(grants_->add({{right, {}, {}, PrincipalName(kPlatform), day(kDay)}}, *policy_));
  snapshot_ = policy_->current();
  const auto subject = snapshot_->subject(PrincipalName(kStranger));
  EXPECT_FALSE(
      snapshot_->decide(subject, policy::Operation::Read, {policy::ResourceKind::Topic, "online.order"}, day(kDay))
          .allowed);
  EXPECT_EQ(adopted(*snapshot_).yaml, "");
  EXPECT_THAT(adopted(*snapshot_).unknown, ElementsAre(PrincipalName(kStranger)));
  kafka::DeleteAclsRequest request;
  auto& filter = request.filters.emplace_back();
  filter.resource_type_filter = filter.pattern_type_filter = filter.operation = filter.permission_type =
      AclFilter::kAny;
  filter.resource_name_filter = filter.host_filter = std::nullopt;
  filter.principal_filter = "User:legacy-etl";
  EXPECT_EQ(change<kafka::DeleteAclsResponse>(request).filter_results.at(0).matching_acls.size(), 1U);
  EXPECT_THAT(*grants_->all(), IsEmpty());
}

TEST_F(AclsOfQuokka, OfTheClusterAreThePlatforms) {
  auto asked = everything();
  asked.resource_type_filter = kClusterType;
  EXPECT_THAT(
      listed(asked),
      ElementsAre("4 kafka-cluster 3: User:ada.okafor 7 User:ada.okafor 8 User:ada.okafor 10 User:ada.okafor 11 "
                  "User:jun.park 7 User:jun.park 8 User:jun.park 10 User:jun.park 11"));
}

TEST_F(AclsOfQuokka, AreFilteredAsKafkaFiltersThem) {
  auto asked = everything();
  asked.resource_type_filter = kGroup;
  asked.principal_filter = "User:storefront-api";
  asked.operation = kDelete;
  asked.resource_name_filter = "storefront-7";
  asked.pattern_type_filter = AclFilter::kMatch;
  EXPECT_THAT(listed(asked), ElementsAre("3 storefront- 4: User:storefront-api 6"));
  asked.pattern_type_filter = AclFilter::kAny;
  EXPECT_THAT(listed(asked), IsEmpty());
  asked.resource_name_filter = "storefront";
  EXPECT_THAT(listed(asked), ElementsAre("3 storefront 3: User:storefront-api 6"));
  asked.resource_name_filter = "storefront-";
  EXPECT_THAT(listed(asked), ElementsAre("3 storefront- 4: User:storefront-api 6"));
  asked.pattern_type_filter = kLiteral;
  EXPECT_THAT(listed(asked), IsEmpty());
  asked.pattern_type_filter = kPrefixed;
  EXPECT_THAT(listed(asked), ElementsAre("3 storefront- 4: User:storefront-api 6"));
  asked.host_filter = "10.0.0.1";
  EXPECT_THAT(listed(asked), IsEmpty());
  asked.host_filter = "*";
  asked.permission_type = kDeny;
  EXPECT_THAT(listed(asked), IsEmpty());
  asked.permission_type = kAllow;
  EXPECT_THAT(listed(asked), ElementsAre("3 storefront- 4: User:storefront-api 6"));
  asked.principal_filter = "storefront-api";
  EXPECT_THAT(listed(asked), IsEmpty());
}

TEST_F(AclsOfQuokka, OfAGrantEndWithIt) {
  auto asked = everything();
  asked.principal_filter = "User:campaign-runner";
  asked.resource_name_filter = "customer.profile";
  const auto& grants = snapshot_->model().grants;
  const auto grant = std::ranges::find(grants, "customer-profiles-for-campaign-runner", &model::Grant::id);
  ASSERT_NE(grant, grants.end());
  ASSERT_TRUE(grant->end);
  EXPECT_THAT(listed(asked), ElementsAre("2 customer.profile 3: User:campaign-runner 3 User:campaign-runner 8 "
                                         "User:campaign-runner 10"));
  EXPECT_THAT(listed(asked, "2036-01-01"), IsEmpty());
}

TEST_F(AclsOfQuokka, AreToldToThePlatformOnly) {
  for (const char* principal : {kOwner, kStranger}) {
    const auto refused = describe(everything(), principal);
    EXPECT_EQ(refused.error_code, kafka::code_of(ErrorCode::ClusterAuthorizationFailed)) << principal;
    EXPECT_THAT(refused.resources, IsEmpty());
  }
}

TEST_F(AclsOfQuokka, OfTypesThatKafkaDoesNotKnowAreInvalid) {
  for (const int unknown : {0, 99, -1}) {
    for (const auto field :
         {&Asked::resource_type_filter, &Asked::pattern_type_filter, &Asked::operation, &Asked::permission_type}) {
      auto asked = everything();
      asked.*field = static_cast<std::int8_t>(unknown);
      EXPECT_EQ(describe(asked).error_code, kafka::code_of(ErrorCode::InvalidRequest)) << unknown;
    }
  }
}

TEST_F(AclsOfQuokka, AreNotCreatedAndTheAnswerNamesWhatWouldGiveThem) {
  const auto why = [&](Creation asked) {
    const auto response = answer<kafka::CreateAclsResponse>(request_of({std::move(asked)}));
    EXPECT_EQ(response.results.at(0).error_code, kafka::code_of(ErrorCode::PolicyViolation));
    return response.results.at(0).error_message.value_or("");
  };
  EXPECT_EQ(
      why(creation(kTopic, "online.order", "User:marketing-insights", kRead)),
      "access is declared in the model, by an AccessAgreement: marketing-insights of squad marketing may not read "
      "topic online.order: no grant; ask squad web-shop for one on product online-orders "
      "(products/online-orders.odps.yaml:4:7)");
  EXPECT_THAT(
      why(creation(kTopic, "online.order", "User:marketing-insights", kWrite)),
      HasSubstr("by who owns what: marketing-insights of squad marketing may not write topic online.order: squad "
                "web-shop owns it (products/online-orders.odps.yaml:4:7)"));
  EXPECT_THAT(why(creation(kTopic, "online.order", "User:sales-unifier", kAll)),
              HasSubstr("may read topic online.order: grant online-orders-for-sales-unifier (grants/"));
  EXPECT_THAT(why(creation(kGroup, "storefront", "User:legacy-etl", kRead)), HasSubstr("squad web-shop owns it (org/"));
  EXPECT_THAT(why(creation(kClusterType, "kafka-cluster", "User:legacy-etl", kAlter)), HasSubstr("role platform only"));
  EXPECT_THAT(why(creation(6, "token", "User:legacy-etl", kDescribe)), HasSubstr("no such resource"));
}

TEST_F(AclsOfQuokka, AreRefusedOneByOne) {
  auto unknown = creation(kTopic, "online.order", "User:x", kRead);
  unknown.operation = 0;
  const auto request = request_of({creation(kTopic, "online.order", "User:x", kRead), unknown});
  const auto codes = [&](const char* principal) {
    std::vector<std::int16_t> found;
    for (const auto& result : answer<kafka::CreateAclsResponse>(request, principal).results)
      found.push_back(result.error_code);
    return found;
  };
  EXPECT_THAT(codes(kPlatform),
              ElementsAre(kafka::code_of(ErrorCode::PolicyViolation), kafka::code_of(ErrorCode::InvalidRequest)));
  const auto refused = kafka::code_of(ErrorCode::ClusterAuthorizationFailed);
  EXPECT_THAT(codes(kOwner), ElementsAre(refused, refused));
}

TEST_F(AclsOfQuokka, AreNotDeletedAndTheAnswerNamesWhatGivesThem) {
  kafka::DeleteAclsRequest::DeleteAclsFilter filter;
  filter.resource_type_filter = kTopic;
  filter.pattern_type_filter = kLiteral;
  filter.operation = filter.permission_type = AclFilter::kAny;
  filter.principal_filter = filter.host_filter = std::nullopt;
  const auto result = [&](const char* topic, const char* principal = kPlatform) {
    filter.resource_name_filter = topic;
    kafka::DeleteAclsRequest request;
    request.filters.push_back(filter);
    return answer<kafka::DeleteAclsResponse>(request, principal).filter_results.at(0);
  };
  const auto held = result("customer.profile");
  EXPECT_EQ(held.error_code, kafka::code_of(ErrorCode::PolicyViolation));
  EXPECT_THAT(held.matching_acls, IsEmpty());
  filter.principal_filter = "User:campaign-runner";
  EXPECT_THAT(result("customer.profile").error_message.value_or(""),
              HasSubstr("access is declared in the model, to be changed there: campaign-runner: grant "
                        "customer-profiles-for-campaign-runner until "));
  EXPECT_THAT(result("customer.profile").error_message.value_or(""),
              HasSubstr(" (grants/customer-profiles-for-campaign-runner.yaml:"));
  EXPECT_EQ(result("absent").error_code, 0);
  EXPECT_EQ(result("absent", kOwner).error_code, kafka::code_of(ErrorCode::ClusterAuthorizationFailed));
}

TEST_F(AclsOfQuokka, AreDisabledInDevModeLikeWithoutAnAuthorizer) {
  settings({.dev_mode = true});
  const auto disabled = kafka::code_of(ErrorCode::SecurityDisabled);
  EXPECT_EQ(describe(everything(), kStranger).error_code, disabled);
  const auto request = request_of({creation(kTopic, "online.order", "User:x", kRead)});
  EXPECT_EQ(answer<kafka::CreateAclsResponse>(request).results.at(0).error_code, disabled);
}

}  // namespace
}  // namespace myelin::governance
