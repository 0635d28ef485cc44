// Kafka's ACLs as they are told, against the decisions that are made.
#include "governance/acls_fixture.h"

namespace myelin::governance {
namespace {

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
