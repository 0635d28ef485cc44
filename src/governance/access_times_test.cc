#include "governance/access_times.h"

#include <gtest/gtest.h>

#include "model/timestamp.h"
#include "policy/company_testing.h"

namespace myelin::governance {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const WallTime kMonday = *model::parse_timestamp("2026-11-16T09:00:00Z", model::DateMeans::StartOfDay);

KeptProposal asked(const std::string& id, WallTime time, AccessKind kind = AccessKind::Request) {
  KeptProposal proposal;
  proposal.id = id;
  proposal.time = time;
  proposal.access = AccessSubject{kind, ProductName("orders"), ApplicationName("ledger"), "orders-for-ledger"};
  return proposal;
}

KeptProposal ended(KeptProposal proposal, ProposalState state, WallTime time) {
  proposal.state = state;
  proposal.ended = Say{{}, PrincipalName("olga"), time};
  return proposal;
}

lineage::ReadEdge reads(const std::string& principal, WallTime first, WallTime last) {
  lineage::ReadEdge edge;
  edge.topic = TopicName("shop.order");
  edge.principal = PrincipalName(principal);
  edge.first_seen = first;
  edge.last_seen = last;
  return edge;
}

TEST(AccessTimes, RunFromAskingToTheFirstRecordOfTheApplication) {
  const auto granted = kMonday + hours(3);
  const auto times = access_times({ended(asked("a", kMonday), ProposalState::Applied, granted)}, policy::company(),
                                  {reads("ledger", granted + minutes(10), granted + hours(9)),
                                   reads("invoicer", granted + minutes(1), granted + hours(9))});
  const auto& one = times.requests.at(0);
  EXPECT_EQ(one.provider.text(), "orders");
  EXPECT_EQ(one.consumer.text(), "billing");
  EXPECT_EQ(one.decided, granted);
  EXPECT_EQ(one.first_record, granted + minutes(10));
  EXPECT_TRUE(one.is_right_first_time);
  EXPECT_EQ(times.to_decision, hours(3));
  EXPECT_EQ(times.to_first_record, hours(3) + minutes(10));
}

TEST(AccessTimes, CountWhoReadBeforeFromTheMomentOfTheGrant) {
  const auto granted = kMonday + hours(1);
  const auto of = [&](WallTime last) {
    return access_times({ended(asked("a", kMonday), ProposalState::Applied, granted)}, policy::company(),
                        {reads("ledger", kMonday - hours(50), last)});
  };
  EXPECT_EQ(of(granted + hours(2)).requests.at(0).first_record, granted);
  EXPECT_EQ(of(granted - minutes(1)).requests.at(0).first_record, std::nullopt);
}

TEST(AccessTimes, AreNotRightFirstTimeAfterARefusal) {
  const auto times = access_times({ended(asked("b", kMonday + hours(2)), ProposalState::Applied, kMonday + hours(3)),
                                   ended(asked("a", kMonday), ProposalState::Rejected, kMonday + hours(1))},
                                  policy::company(), {});
  EXPECT_EQ(times.decided, 2U);
  EXPECT_EQ(times.right_first_time, 0U);
  EXPECT_EQ(times.to_first_record, std::nullopt);
}

TEST(AccessTimes, CountThePlatformGroupWhereItSpokeForSomebody) {
  auto by_platform = ended(asked("b", kMonday), ProposalState::Applied, kMonday + hours(4));
  by_platform.agreed.push_back({{}, PrincipalName("petra"), kMonday + hours(4)});
  auto by_owner = ended(asked("a", kMonday), ProposalState::Applied, kMonday + hours(2));
  by_owner.agreed.push_back({SquadName("orders"), PrincipalName("olga"), kMonday + hours(2)});
  const auto times = access_times({by_platform, by_owner}, policy::company(), {});
  EXPECT_TRUE(times.requests.at(0).is_touched_by_platform);
  EXPECT_FALSE(times.requests.at(1).is_touched_by_platform);
  EXPECT_EQ(times.touched_by_platform, 1U);
  EXPECT_EQ(times.to_decision, hours(4)) << "of two in the middle the longer";
}

TEST(AccessTimes, LeaveOutOfTheFiguresWhatIsOpenWithdrawnRenewedOrTakenInAnEmergency) {
  KeptProposal documents;
  documents.id = "documents";
  const auto later = kMonday + hours(1);
  const auto times =
      access_times({asked("open", kMonday), ended(asked("withdrawn", kMonday), ProposalState::Withdrawn, later),
                    ended(asked("renewed", kMonday, AccessKind::Renewal), ProposalState::Applied, later),
                    ended(asked("taken", kMonday, AccessKind::BreakGlass), ProposalState::Applied, later), documents},
                   policy::company(), {});
  EXPECT_EQ(times.requests.size(), 4U) << "other proposals ask for no access";
  EXPECT_EQ(times.decided, 0U);
  EXPECT_EQ(times.to_decision, std::nullopt);
}

}  // namespace
}  // namespace myelin::governance
