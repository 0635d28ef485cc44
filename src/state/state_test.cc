#include <gtest/gtest.h>

#include "engine/memory_internal_log.h"
#include "state/audit_log.h"
#include "state/fields.h"
#include "state/state_store.h"

namespace myelin::state {
namespace {

using engine::MemoryInternalLog;

TEST(StateStore, AReopenedStoreKnowsTheLastValueOfEachKey) {
  MemoryInternalLog log;
  {
    auto store = StateStore::open(log);
    ASSERT_TRUE(store);
    ASSERT_TRUE((*store)->put_and_wait({{Table::Credentials, "till-app", "one"}, {Table::Credentials, "scan", "x"}}));
    ASSERT_TRUE((*store)->put_and_wait({{Table::Credentials, "till-app", "two"}}));
    ASSERT_TRUE((*store)->put_and_wait({{Table::Credentials, "scan", std::nullopt}}));
  }
  auto store = StateStore::open(log);
  ASSERT_TRUE(store);
  EXPECT_EQ((*store)->get(Table::Credentials, "till-app"), "two");
  EXPECT_EQ((*store)->get(Table::Credentials, "scan"), std::nullopt);
}

TEST(StateStore, TablesDoNotSeeEachOthersKeys) {
  MemoryInternalLog log;
  auto store = StateStore::open(log);
  ASSERT_TRUE(store);
  ASSERT_TRUE((*store)->put_and_wait({{Table::Credentials, "a", "1"}, {Table::Clients, "a", "2"}}));
  std::vector<std::string> seen;
  (*store)->each(Table::Clients,
                 [&](const std::string& key, const std::string& value) { seen.push_back(key + value); });
  EXPECT_EQ(seen, std::vector<std::string>{"a2"});
}

TEST(StateStore, AWriteThatIsNotDurableIsReported) {
  MemoryInternalLog log;
  auto store = StateStore::open(log);
  ASSERT_TRUE(store);
  log.fail_appends = true;
  const auto written = (*store)->put_and_wait({{Table::Credentials, "a", "1"}});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Code::Io);
}

TEST(AuditLog, KeepsIntentAndOutcomeUnderOneId) {
  MemoryInternalLog log;
  ManualClock clock;
  auto audit = AuditLog::open(log, clock);
  ASSERT_TRUE(audit);
  AuditRecord intent{.principal = "mira", .operation = "create topic", .resource = "topic stores.sales"};
  std::uint64_t id = 0;
  (*audit)->intend(intent, [&](Result<std::uint64_t> written) { id = written.value(); });
  ASSERT_NE(id, 0u);
  (*audit)->conclude(id, intent, "done");
  const auto newest = (*audit)->newest(10);
  ASSERT_EQ(newest.size(), 2u);
  EXPECT_EQ(newest[0].kind, AuditKind::Outcome);
  EXPECT_EQ(newest[0].id, id);
  EXPECT_EQ(newest[0].result, "done");
  EXPECT_EQ(newest[1].kind, AuditKind::Intent);
}

TEST(AuditLog, ClosesAnOrphanIntentWhenReopened) {
  MemoryInternalLog log;
  ManualClock clock;
  {
    auto audit = AuditLog::open(log, clock);
    ASSERT_TRUE(audit);
    (*audit)->intend({.principal = "mira", .operation = "delete topic", .resource = "topic x"}, [](auto) {});
  }
  auto audit = AuditLog::open(log, clock);
  ASSERT_TRUE(audit);
  const auto newest = (*audit)->newest(1);
  ASSERT_EQ(newest.size(), 1u);
  EXPECT_EQ(newest[0].kind, AuditKind::Outcome);
  EXPECT_EQ(newest[0].result, "unknown: the process ended in between");
}

TEST(AuditLog, CountsActsOfWhatWasDoneForEverAndOfNothingElse) {
  MemoryInternalLog log;
  ManualClock clock;
  AuditRecord change{.principal = "mira", .operation = "apply", .resource = "plan 7"};
  change.acts = {{"orders", "sustain", "build", "shop", "central"}, {"orders", "sustain", "approve", "shop", "shop"}};
  {
    auto audit = AuditLog::open(log, clock).value();
    for (const char* result : {"done", "disk full", "done"}) {
      std::uint64_t id = 0;
      audit->intend(change, [&](Result<std::uint64_t> written) { id = written.value(); });
      audit->conclude(id, change, result);
    }
    audit->intend(change, [](auto) {});  // never concluded
    // What the newest records forget, the count does not.
    for (int denial = 0; denial < 10'001; ++denial) {
      audit->note({.kind = AuditKind::SignIn, .principal = "mira", .result = "signed in"});
    }
  }
  const auto acts = AuditLog::open(log, clock).value()->acts();
  EXPECT_EQ(acts.left_out, 0);
  ASSERT_EQ(acts.counted.size(), 2u);
  EXPECT_EQ(acts.counted[0].act, change.acts[1]);
  EXPECT_EQ(acts.counted[0].operation, "apply");
  EXPECT_EQ(acts.counted[0].count, 2);
  EXPECT_EQ(acts.counted[1].act, change.acts[0]);
  EXPECT_EQ(acts.counted[1].count, 2);
}

TEST(AuditLog, SaysHowManyActsItHadNoRoomToTellApart) {
  MemoryInternalLog log;
  ManualClock clock;
  auto audit = AuditLog::open(log, clock).value();
  AuditRecord change{.principal = "mira", .operation = "apply"};
  for (int product = 0; product < 10'002; ++product) {
    change.acts.push_back({std::to_string(product), "growth", "build", "shop", "shop"});
  }
  audit->conclude(1, change, "done");
  EXPECT_EQ(audit->acts().counted.size(), 10'000u);
  EXPECT_EQ(audit->acts().left_out, 2);
}

TEST(AuditLog, WritesARepeatedDenialOncePerMinute) {
  MemoryInternalLog log;
  ManualClock clock;
  auto audit = AuditLog::open(log, clock);
  ASSERT_TRUE(audit);
  const AuditRecord denial{
      .kind = AuditKind::Denial, .principal = "scan", .operation = "read", .resource = "topic x", .result = "no grant"};
  (*audit)->note(denial);
  (*audit)->note(denial);
  EXPECT_EQ(log.records("__myelin_audit").size(), 1u);
  clock.advance(std::chrono::seconds(61));
  (*audit)->note(denial);
  EXPECT_EQ(log.records("__myelin_audit").size(), 2u);
  ASSERT_EQ((*audit)->denied().size(), 1u);
  EXPECT_EQ((*audit)->denied()[0].count, 2);
}

TEST(AuditLog, WritesSixtyRefusedSignInsOfAnAddressAMinuteAndSaysHowManyAreMissing) {
  MemoryInternalLog log;
  ManualClock clock;
  auto audit = AuditLog::open(log, clock).value();
  const auto refuse = [&](const std::string& name, const std::string& peer) {
    audit->note({.kind = AuditKind::RefusedSignIn, .principal = name, .result = "wrong password", .peer = peer});
  };
  for (int attempt = 0; attempt < 1'000; ++attempt) refuse("guess-" + std::to_string(attempt), "10.0.0.1");
  EXPECT_EQ(log.records("__myelin_audit").size(), 60u);
  refuse("ada", "10.0.0.2");  // others are heard
  EXPECT_EQ(audit->newest(1)[0].principal, "ada");
  clock.advance(std::chrono::seconds(60));
  refuse("one more", "10.0.0.1");
  EXPECT_EQ(audit->newest(1)[0].result, "wrong password (940 more before it were not recorded)");
  refuse("and another", "10.0.0.1");
  EXPECT_EQ(audit->newest(1)[0].result, "wrong password");
  audit->note({.kind = AuditKind::SignIn, .principal = "ada", .result = "signed in", .peer = "10.0.0.1"});
  EXPECT_EQ(audit->newest(1)[0].kind, AuditKind::SignIn);
}

TEST(AuditLog, WritesSixtyDenialsOfAPrincipalAMinuteWhateverItAsksFor) {
  MemoryInternalLog log;
  ManualClock clock;
  auto audit = AuditLog::open(log, clock).value();
  const auto deny = [&](const std::string& who, int topic) {
    audit->note({.kind = AuditKind::Denial,
                 .principal = who,
                 .operation = "read",
                 .resource = "topic " + std::to_string(topic),
                 .result = "no grant"});
  };
  for (int topic = 0; topic < 100; ++topic) deny("scan", topic);
  deny("till", 1);
  EXPECT_EQ(log.records("__myelin_audit").size(), 61u);
  clock.advance(std::chrono::seconds(61));
  deny("scan", 100);
  EXPECT_EQ(audit->newest(1)[0].result, "no grant (40 more before it were not recorded)");
}

TEST(AuditLog, CutsLongTextsOfWhatItNotesBetweenTwoCharacters) {
  MemoryInternalLog log;
  ManualClock clock;
  auto audit = AuditLog::open(log, clock).value();
  audit->note(
      {.kind = AuditKind::RefusedSignIn, .principal = std::string(511, 'x') + "\u00e9" + std::string(100, 'y')});
  EXPECT_EQ(audit->newest(1)[0].principal, std::string(511, 'x') + " (102 more bytes)");
  audit->note({.kind = AuditKind::Denial, .principal = "scan", .resource = std::string(512, 'x')});
  EXPECT_EQ(audit->newest(1)[0].resource, std::string(512, 'x'));
}

TEST(AuditLog, AsManyAddressesAsThereAreTakeNothingFromTheDenialsOfPrincipals) {
  MemoryInternalLog log;
  ManualClock clock;
  auto audit = AuditLog::open(log, clock).value();
  for (std::size_t guess = 0; guess < AuditBudget::kPartiesMax + AuditBudget::kPerMinute + 1; ++guess) {
    audit->note({.kind = AuditKind::RefusedSignIn, .principal = "ada", .peer = std::to_string(guess)});
  }
  audit->note({.kind = AuditKind::Denial, .principal = "scan", .operation = "read", .resource = "topic x"});
  EXPECT_EQ(audit->newest(1)[0].principal, "scan");
}

TEST(AuditLog, SaysHowManyRecordsOfOthersAreMissing) {
  MemoryInternalLog log;
  ManualClock clock;
  auto audit = AuditLog::open(log, clock).value();
  const auto refuse = [&](const std::string& peer) {
    audit->note({.kind = AuditKind::RefusedSignIn, .result = "wrong password", .peer = peer});
  };
  for (int attempt = 0; attempt < 100; ++attempt) refuse("10.0.0.1");
  clock.advance(std::chrono::seconds(60));
  refuse("10.0.0.2");
  EXPECT_EQ(audit->newest(1)[0].result, "wrong password (40 more of others before it were not recorded)");
}

using LeftOut = AuditBudget::LeftOut;

// Takes a whole minute's budget, and asks for `refused` records more.
void use_up(AuditBudget& budget, const std::string& party, MonotonicTime now, int refused) {
  for (int record = 0; record < AuditBudget::kPerMinute; ++record) ASSERT_TRUE(budget.take(party, now));
  for (int record = 0; record < refused; ++record) ASSERT_EQ(budget.take(party, now), std::nullopt);
}

TEST(AuditBudget, PartiesBeyondItsRoomShareOneBudgetForTheirMinute) {
  AuditBudget budget;
  const auto now = ManualClock().monotonic();
  for (std::size_t party = 0; party < AuditBudget::kPartiesMax; ++party) {
    ASSERT_EQ(budget.take(std::to_string(party), now), LeftOut());
  }
  use_up(budget, "late", now, 0);
  EXPECT_EQ(budget.take("later", now), std::nullopt);
  const auto afterwards = now + std::chrono::minutes(1);
  EXPECT_EQ(budget.take("later", afterwards), (LeftOut{.of_others = 1}));
}

TEST(AuditBudget, ForgetsPartiesWhoseMinuteIsOverAndTellsWhatWasLeftOutOfThem) {
  AuditBudget budget;
  const auto now = ManualClock().monotonic();
  for (std::size_t party = 0; party < AuditBudget::kPartiesMax; ++party) {
    use_up(budget, std::to_string(party), now, 2);
  }
  const auto afterwards = now + std::chrono::minutes(1);
  EXPECT_EQ(budget.take("7", afterwards), (LeftOut{.of_party = 2, .of_others = 2 * (AuditBudget::kPartiesMax - 1)}));
  use_up(budget, "first of its minute", afterwards, 1);
  EXPECT_EQ(budget.take("second of its minute", afterwards), LeftOut());
}

TEST(AuditLog, RefusesADamagedRecord) {
  MemoryInternalLog log;
  ManualClock clock;
  log.records("__myelin_audit").push_back({"1", std::string("\x01\x02", 2), clock.wall()});
  const auto audit = AuditLog::open(log, clock);
  ASSERT_FALSE(audit);
  EXPECT_EQ(audit.error().code, Code::Corrupt);
}

TEST(Fields, RoundTrip) {
  FieldWriter writer(3);
  writer.number(-5);
  writer.text("naïve");
  writer.number(INT64_MAX);
  const auto bytes = writer.finish();
  FieldReader reader(bytes, 3);
  EXPECT_EQ(reader.number(), -5);
  EXPECT_EQ(reader.text(), "naïve");
  EXPECT_EQ(reader.number(), INT64_MAX);
  EXPECT_TRUE(reader.complete());
}

TEST(Fields, EveryTruncationIsNoticed) {
  FieldWriter writer(1);
  writer.text("hello");
  writer.number(300);
  const auto bytes = writer.finish();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    FieldReader reader(std::string_view(bytes).substr(0, size), 1);
    (void)reader.text();
    (void)reader.number();
    EXPECT_FALSE(reader.complete()) << size;
  }
}

TEST(Fields, AnotherVersionIsRefused) {
  FieldWriter writer(2);
  const auto bytes = writer.finish();
  EXPECT_FALSE(FieldReader(bytes, 1).complete());
}

}  // namespace
}  // namespace myelin::state
