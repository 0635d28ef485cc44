// Answers have the members that docs/reference/openapi.json gives their schemas, no more and no fewer: a member that is
// sent and not described is one that no generated client has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "api/plan_json.h"
#include "api/recertify_json.h"
#include "document/parse.h"

namespace myelin::api {
namespace {

using document::Node;
using Members = std::set<std::string>;

class Described : public testing::Test {
 protected:
  Described() {
    const std::ifstream file(MYELIN_SOURCE_DIR "/docs/reference/openapi.json");
    std::stringstream text;
    text << file.rdbuf();
    openapi_ = document::parse_json(text.str()).value();
  }

  static Members members_of(const Node& node) {
    Members members;
    for (const auto& member : node.members) members.insert(member.key);
    return members;
  }
  // Those that are there only when asked for are described and not required.
  void expect(const Node& sent, const std::string& schema, const Members& optional = {}) const {
    SCOPED_TRACE(schema);
    const auto& described = *openapi_.find("components")->find("schemas")->find(schema);
    Members required;
    for (const auto& one : described.find("required")->items) required.insert(one.text);
    EXPECT_EQ(members_of(sent), required);
    required.insert(optional.begin(), optional.end());
    EXPECT_EQ(members_of(*described.find("properties")), required);
  }

  Node openapi_;
};

TEST_F(Described, PlansAndWhatTheyHold) {
  governance::PlanAnswer answer;
  answer.signers.emplace_back();
  answer.plan.missing.emplace_back();
  answer.plan.entities.emplace_back().fields.emplace_back();
  answer.plan.topics.emplace_back();
  answer.plan.hits.emplace_back();
  const auto plan = plan_json(answer);
  const auto first = [](const Node& node, std::string_view member) { return node.find(member)->items.at(0); };
  expect(plan, "Plan", {"what_if"});
  expect(first(plan, "signed_by"), "Signer");
  expect(first(plan, "missing_consents"), "Consent");
  expect(first(plan, "entities"), "EntityChange");
  expect(first(first(plan, "entities"), "fields"), "FieldChange");
  expect(first(plan, "topics"), "TopicChange");
  expect(first(plan, "hits"), "Hit");
}

TEST_F(Described, WhatWasApplied) {
  const auto applied = applied_json({});
  expect(applied, "Applied");
  expect(*applied.find("plan"), "PlanCore");
  expect(revision_json({}), "Revision");
  expect(revision_json({}, {}), "RevisionDocuments");
}

TEST_F(Described, ProposalsAndWhatTheyAreAbout) {
  governance::KeptProposal kept;
  kept.agreed.emplace_back();
  kept.access.emplace();
  kept.claim.emplace();
  expect(kept_proposal_json(kept), "KeptProposal");
  const auto proposed = proposal_json({kept, std::nullopt, std::nullopt});
  expect(proposed, "Proposed");
  expect(proposed.find("agreed")->items.at(0), "Say");
  expect(*proposed.find("access"), "AccessSubject");
  expect(*proposed.find("claim"), "ClaimSubject");
}

TEST_F(Described, GrantsToConfirm) {
  governance::RecertifyDesk::Item item;
  item.standing.confirmed.emplace();
  const auto standing = recertification_json(item);
  expect(standing, "GrantStanding");
  expect(*standing.find("confirmed"), "Confirmation");
}

}  // namespace
}  // namespace myelin::api
