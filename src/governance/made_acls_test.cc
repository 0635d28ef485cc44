// ACLs that were made by Kafka's API: what they allow, what is kept of them, and how they become documents.
#include "adopt/made_grants.h"
#include "governance/acls_fixture.h"

namespace myelin::governance {
namespace {

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
  const auto adoption = adopt::made_grants(*snapshot_);
  EXPECT_EQ(adoption.grants, 3U);
  EXPECT_EQ(adoption.documents, 2U);
  EXPECT_EQ(adoption.yaml,
            "---\n"
            "# read: made by API by ada.okafor at 2026-11-21\n"
            "# write: made by API by ada.okafor at 2026-11-21\n"
            "apiVersion: myelin.dev/v1alpha1\n"
            "kind: DirectGrant\n"
            "metadata: {name: marketing-insights-topic-online.order}\n"
            "spec:\n"
            "  principal: marketing-insights\n"
            "  resource: topic\n"
            "  name: online.order\n"
            "  pattern: literal\n"
            "  operations: [read, write]\n"
            "---\n"
            "# read: made by API by ada.okafor at 2026-11-21\n"
            "apiVersion: myelin.dev/v1alpha1\n"
            "kind: DirectGrant\n"
            "metadata: {name: marketing-insights-group-a--b-}\n"
            "spec:\n"
            "  principal: marketing-insights\n"
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
  EXPECT_EQ(adopt::made_grants(*snapshot_).yaml, "");
  EXPECT_THAT(adopt::made_grants(*snapshot_).unknown, ElementsAre(PrincipalName(kStranger)));
  kafka::DeleteAclsRequest request;
  auto& filter = request.filters.emplace_back();
  filter.resource_type_filter = filter.pattern_type_filter = filter.operation = filter.permission_type =
      AclFilter::kAny;
  filter.resource_name_filter = filter.host_filter = std::nullopt;
  filter.principal_filter = "User:legacy-etl";
  EXPECT_EQ(change<kafka::DeleteAclsResponse>(request).filter_results.at(0).matching_acls.size(), 1U);
  EXPECT_THAT(*grants_->all(), IsEmpty());
}

}  // namespace
}  // namespace myelin::governance
