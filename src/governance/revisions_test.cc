#include "governance/revisions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/memory_internal_log.h"
#include "governance/proposals.h"

namespace myelin::governance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<document::Source> kFirst{{"grants/a.yaml", "id: a\n"}, {"grants/b.yaml", "id: b\n"}};
const std::vector<document::Source> kSecond{{"grants/a.yaml", "id: a # again\n"}, {"grants/b.yaml", "id: b\n"}};

Revision by(const char* author, std::uint64_t restores = 0) {
  Revision revision;
  revision.time = from_unix_milliseconds(1'790'000'000'000);
  revision.author = PrincipalName(author);
  revision.message = "why";
  revision.commit = "abc";
  revision.plan = "0123";
  revision.restores = restores;
  return revision;
}

std::vector<std::string> texts_of(const std::vector<document::Source>& sources) {
  std::vector<std::string> texts;
  for (const auto& source : sources) texts.push_back(source.file + "=" + source.text);
  return texts;
}

class RevisionsTest : public testing::Test {
 protected:
  RevisionsTest() { restart(); }
  void restart() { store_ = state::StateStore::open(log_).value(); }
  [[nodiscard]] std::unique_ptr<Revisions> revisions() { return Revisions::open(*store_).value(); }
  [[nodiscard]] std::unique_ptr<Proposals> proposals() { return Proposals::open(*store_).value(); }
  std::vector<std::string> keys(state::Table table) {
    std::vector<std::string> keys;
    store_->each(table, [&](const std::string& key, const std::string&) { keys.push_back(key); });
    return keys;
  }

  engine::MemoryInternalLog log_;
  std::unique_ptr<state::StateStore> store_;
};

TEST_F(RevisionsTest, NothingWasAppliedAtFirst) {
  EXPECT_EQ(revisions()->head(), 0U);
  EXPECT_THAT(revisions()->at(1).error().message, HasSubstr("nothing was applied yet"));
}

TEST_F(RevisionsTest, AreKeptOverARestartByteForByte) {
  EXPECT_EQ(revisions()->add(by("petra"), kFirst).value(), 1U);
  EXPECT_EQ(revisions()->add(by("olga", 1), kSecond).value(), 2U);
  restart();
  const auto again = revisions();
  EXPECT_EQ(again->head(), 2U);
  const auto second = again->at(2).value();
  EXPECT_EQ(second.author.text(), "olga");
  EXPECT_EQ(second.message, "why");
  EXPECT_EQ(second.commit, "abc");
  EXPECT_EQ(second.plan, "0123");
  EXPECT_EQ(second.restores, 1U);
  EXPECT_EQ(second.time, by("olga").time);
  EXPECT_EQ(texts_of(again->documents_of(1).value()), texts_of(kFirst));
  EXPECT_EQ(texts_of(again->documents_of(2).value()), texts_of(kSecond));
  EXPECT_THAT(again->at(3).error().message, HasSubstr("the last one is 2"));
}

TEST_F(RevisionsTest, KeepWhoSignedByWhichKeyAndForWhom) {
  auto signed_one = by("bert");
  signed_one.signers = {{PrincipalName("olga"), "SHA256:abc", {SquadName("orders"), SquadName()}},
                        {PrincipalName("petra"), "SHA256:def", {SquadName()}}};
  ASSERT_TRUE(revisions()->add(signed_one, kFirst).has_value());
  ASSERT_TRUE(revisions()->add(by("petra"), kSecond).has_value());
  restart();
  const auto signers = revisions()->at(1).value().signers;
  ASSERT_EQ(signers.size(), 2U);
  EXPECT_EQ(signers[0].principal.text(), "olga");
  EXPECT_EQ(signers[0].key, "SHA256:abc");
  EXPECT_THAT(signers[0].squads, ElementsAre(SquadName("orders"), SquadName()));
  EXPECT_EQ(signers[1].principal.text(), "petra");
  EXPECT_TRUE(revisions()->at(2).value().signers.empty());
  EXPECT_EQ(revisions()->documents_of(1).value().size(), 2U);
}

TEST_F(RevisionsTest, KeepATextOnceHoweverOftenItIsApplied) {
  const auto all = revisions();
  ASSERT_TRUE(all->add(by("petra"), kFirst).has_value());
  ASSERT_TRUE(all->add(by("petra"), kSecond).has_value());
  ASSERT_TRUE(all->add(by("petra"), kFirst).has_value());
  EXPECT_EQ(keys(state::Table::Documents).size(), 3U);
  EXPECT_THAT(keys(state::Table::Revisions), ElementsAre("0000000001", "0000000002", "0000000003"));
}

TEST_F(RevisionsTest, WithAMissingTextDoNotOpen) {
  ASSERT_TRUE(revisions()->add(by("petra"), kFirst).has_value());
  const auto digest = keys(state::Table::Documents).front();
  ASSERT_TRUE(store_->put_and_wait({{state::Table::Documents, digest, std::nullopt}}).has_value());
  const auto opened = Revisions::open(*store_);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().code, Code::Corrupt);
  EXPECT_THAT(opened.error().message, HasSubstr("is missing"));
}

TEST_F(RevisionsTest, ThatAreNotWhatWasAppliedAreNotGivenOut) {
  ASSERT_TRUE(revisions()->add(by("petra"), kFirst).has_value());
  const auto digest = keys(state::Table::Documents).front();
  ASSERT_TRUE(store_->put_and_wait({{state::Table::Documents, digest, "id: other\n"}}).has_value());
  const auto documents = revisions()->documents_of(1);
  ASSERT_FALSE(documents.has_value());
  EXPECT_EQ(documents.error().code, Code::Corrupt);
}

TEST_F(RevisionsTest, CutShortOrUnderAWrongNumberDoNotOpen) {
  ASSERT_TRUE(revisions()->add(by("petra"), kFirst).has_value());
  const auto stored = store_->get(state::Table::Revisions, "0000000001").value();
  for (std::size_t length = 0; length < stored.size(); ++length) {
    ASSERT_TRUE(store_->put_and_wait({{state::Table::Revisions, "0000000001", stored.substr(0, length)}}).has_value());
    EXPECT_FALSE(Revisions::open(*store_).has_value()) << length;
  }
  ASSERT_TRUE(store_->put_and_wait({{state::Table::Revisions, "0000000001", std::nullopt}}).has_value());
  ASSERT_TRUE(store_->put_and_wait({{state::Table::Revisions, "0000000002", stored}}).has_value());
  EXPECT_THAT(Revisions::open(*store_).error().message, HasSubstr("says it is 1"));
}

KeptProposal proposal_by(const char* author) {
  KeptProposal proposal;
  proposal.time = from_unix_milliseconds(1'790'000'000'000);
  proposal.author = PrincipalName(author);
  proposal.message = "please";
  proposal.allow_delete = true;
  proposal.needed = {{SquadName("orders"), "grant a is its own"}, {SquadName(), "principal b is new"}};
  return proposal;
}

KeptProposal claim_by(const char* author) {
  auto proposal = proposal_by(author);
  proposal.claim = ClaimSubject{TopicName("legacy.basket"),
                                SquadName("orders"),
                                SquadName("billing"),
                                {{SquadName("tills"), "wrote 25 %"}, {SquadName("stores"), "wrote 5 %"}}};
  return proposal;
}

TEST_F(RevisionsTest, ProposalsAreKeptOverARestart) {
  const auto id = proposals()->add(proposal_by("bert"), kFirst).value();
  EXPECT_EQ(id.size(), 12U);
  auto changed = proposals()->at(id).value();
  changed.agreed = {{SquadName("orders"), PrincipalName("olga"), from_unix_milliseconds(1'790'000'001'000)}};
  changed.ended = Say{{}, PrincipalName("petra"), from_unix_milliseconds(1'790'000'002'000)};
  changed.state = ProposalState::Rejected;
  changed.reason = "no";
  ASSERT_TRUE(proposals()->replace(changed).has_value());
  restart();
  const auto read = proposals()->at(id).value();
  EXPECT_EQ(read.author.text(), "bert");
  EXPECT_TRUE(read.allow_delete);
  EXPECT_EQ(read.needed, proposal_by("bert").needed);
  EXPECT_EQ(read.agreed.front().principal.text(), "olga");
  EXPECT_EQ(read.ended->principal.text(), "petra");
  EXPECT_EQ(read.state, ProposalState::Rejected);
  EXPECT_EQ(read.reason, "no");
  EXPECT_EQ(texts_of(proposals()->documents_of(read).value()), texts_of(kFirst));
}

TEST_F(RevisionsTest, AProposalCutShortDoesNotOpen) {
  for (const auto& proposal : {proposal_by("bert"), claim_by("olga")}) {
    const auto id = proposals()->add(proposal, kFirst).value();
    const auto stored = store_->get(state::Table::Proposals, id).value();
    for (std::size_t length = 0; length < stored.size(); ++length) {
      ASSERT_TRUE(store_->put_and_wait({{state::Table::Proposals, id, stored.substr(0, length)}}).has_value());
      EXPECT_FALSE(Proposals::open(*store_).has_value()) << length;
    }
    ASSERT_TRUE(store_->put_and_wait({{state::Table::Proposals, id, stored}}).has_value());
  }
}

TEST_F(RevisionsTest, AClaimIsKeptOverARestart) {
  const auto id = proposals()->add(claim_by("olga"), kFirst).value();
  restart();
  const auto read = proposals()->at(id).value();
  EXPECT_FALSE(read.access);
  ASSERT_TRUE(read.claim);
  EXPECT_EQ(read.claim->topic.text(), "legacy.basket");
  EXPECT_EQ(read.claim->squad.text(), "orders");
  EXPECT_EQ(read.claim->settler.text(), "billing");
  ASSERT_EQ(read.claim->told.size(), 2U);
  EXPECT_EQ(read.claim->told.back().why, "wrote 5 %");
  EXPECT_TRUE(read.claim->tells({SquadName("other"), SquadName("tills")}));
  EXPECT_FALSE(read.claim->tells({SquadName("orders"), SquadName()}));
  EXPECT_EQ(texts_of(proposals()->documents_of(read).value()), texts_of(kFirst));
}

TEST_F(RevisionsTest, TooManyOpenProposalsAreRefusedUntilOneEnds) {
  const auto all = proposals();
  std::string last;
  for (std::size_t number = 0; number < Proposals::kOpenMax; ++number) {
    auto proposal = proposal_by("bert");
    proposal.message = std::to_string(number);
    last = all->add(std::move(proposal), kFirst).value();
  }
  EXPECT_EQ(all->add(proposal_by("bert"), kFirst).error().code, Code::Unavailable);
  auto ended = all->at(last).value();
  ended.state = ProposalState::Withdrawn;
  ASSERT_TRUE(all->replace(ended).has_value());
  EXPECT_TRUE(all->add(proposal_by("bert"), kFirst).has_value());
}

}  // namespace
}  // namespace myelin::governance
