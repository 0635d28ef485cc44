#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "engine/memory_internal_log.h"
#include "governance/access_table.h"
#include "governance/credentials.h"
#include "governance/enrolment.h"
#include "governance/measurement.h"
#include "governance/sign_in.h"
#include "governance/throttle.h"
#include "state/state_store.h"

namespace myelin::governance {
namespace {

using engine::MemoryInternalLog;

class CredentialsTest : public testing::Test {
 protected:
  CredentialsTest() { restart(); }
  void restart() {
    credentials_.reset();
    store_ = state::StateStore::open(log_).value();
    credentials_ = Credentials::open(*store_, clock_).value();
  }
  const PrincipalName till_{"till-app"};
  MemoryInternalLog log_;
  ManualClock clock_;
  std::unique_ptr<state::StateStore> store_;
  std::unique_ptr<Credentials> credentials_;
};

TEST_F(CredentialsTest, APasswordSurvivesARestartAndIsNotStored) {
  ASSERT_TRUE(credentials_->add(till_, "correct horse"));
  restart();
  EXPECT_TRUE(credentials_->accepts(till_, "correct horse"));
  EXPECT_FALSE(credentials_->accepts(till_, "correct horsf"));
  EXPECT_FALSE(credentials_->accepts(till_, std::string_view("correct horse\0", 14)));
  store_->each(state::Table::Credentials, [](const std::string&, const std::string& value) {
    EXPECT_EQ(value.find("correct horse"), std::string::npos);
  });
}

TEST_F(CredentialsTest, WhatUnknownUsersAreShownIsTheSameAfterARestart) {
  const auto pepper = credentials_->pepper();
  EXPECT_EQ(pepper.size(), 32u);
  restart();
  EXPECT_EQ(credentials_->pepper(), pepper);
}

TEST_F(CredentialsTest, APepperThatIsNotWholeStopsTheStart) {
  for (const std::string& stored : {std::string("\1\6abc"), std::string("\1\20abcdefgh"), std::string(32, 'x')}) {
    ASSERT_TRUE(store_->put_and_wait({{state::Table::Secrets, "pepper", stored}}));
    const auto opened = Credentials::open(*store_, clock_);
    ASSERT_FALSE(opened) << stored;
    EXPECT_EQ(opened.error().code, Code::Corrupt);
    EXPECT_THAT(opened.error().message, testing::HasSubstr("pepper"));
  }
}

TEST_F(CredentialsTest, APepperThatCannotBeKeptStopsTheStart) {
  MemoryInternalLog empty;
  const auto store = state::StateStore::open(empty).value();
  empty.fail_appends = true;
  const auto opened = Credentials::open(*store, clock_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::Io);
}

TEST_F(CredentialsTest, BothPasswordsAreValidUntilARotationIsConfirmed) {
  ASSERT_TRUE(credentials_->add(till_, "the old one"));
  ASSERT_TRUE(credentials_->rotate(till_, "the new one"));
  EXPECT_TRUE(credentials_->accepts(till_, "the old one"));
  EXPECT_TRUE(credentials_->accepts(till_, "the new one"));
  restart();
  ASSERT_TRUE(credentials_->confirm(till_));
  EXPECT_FALSE(credentials_->accepts(till_, "the old one"));
  EXPECT_TRUE(credentials_->accepts(till_, "the new one"));
}

TEST_F(CredentialsTest, ARemovedPrincipalIsUnknownAndTheVersionGrows) {
  ASSERT_TRUE(credentials_->add(till_, "correct horse"));
  const auto version = credentials_->version();
  ASSERT_TRUE(credentials_->remove(till_));
  EXPECT_GT(credentials_->version(), version);
  EXPECT_FALSE(credentials_->knows(till_));
  EXPECT_FALSE(credentials_->accepts(till_, "correct horse"));
}

TEST_F(CredentialsTest, APasswordThatWasRemovedIsNotHeldThoughTheSameOneBeAddedAgain) {
  ASSERT_TRUE(credentials_->add(till_, "correct horse"));
  const auto first = credentials_->accepts(till_, "correct horse").value();
  EXPECT_TRUE(credentials_->holds(till_, first));
  ASSERT_TRUE(credentials_->remove(till_));
  EXPECT_FALSE(credentials_->holds(till_, first));
  ASSERT_TRUE(credentials_->add(till_, "correct horse"));
  EXPECT_FALSE(credentials_->holds(till_, first));
  EXPECT_TRUE(credentials_->holds(till_, credentials_->accepts(till_, "correct horse").value()));
}

TEST_F(CredentialsTest, ARotatedPasswordIsHeldUntilTheRotationIsConfirmed) {
  ASSERT_TRUE(credentials_->add(till_, "the old one"));
  const auto old = credentials_->accepts(till_, "the old one").value();
  ASSERT_TRUE(credentials_->rotate(till_, "the new one"));
  const auto fresh = credentials_->accepts(till_, "the new one").value();
  EXPECT_TRUE(credentials_->holds(till_, old));
  EXPECT_TRUE(credentials_->holds(till_, fresh));
  ASSERT_TRUE(credentials_->confirm(till_));
  EXPECT_FALSE(credentials_->holds(till_, old));
  EXPECT_TRUE(credentials_->holds(till_, fresh));
}

TEST_F(CredentialsTest, EveryPasswordHasANumberOfItsOwnAlsoAfterARestart) {
  ASSERT_TRUE(credentials_->add(till_, "correct horse"));
  ASSERT_TRUE(credentials_->add(PrincipalName("scan-app"), "correct horse"));
  restart();
  const auto till = credentials_->accepts(till_, "correct horse").value();
  ASSERT_TRUE(credentials_->rotate(till_, "the new one"));
  EXPECT_NE(till, credentials_->accepts(PrincipalName("scan-app"), "correct horse").value());
  EXPECT_NE(till, credentials_->accepts(till_, "the new one").value());
}

TEST_F(CredentialsTest, RefusesWhatCouldNotWork) {
  EXPECT_EQ(credentials_->add(till_, "short").error().code, Code::Invalid);
  EXPECT_EQ(credentials_->add(till_, "pässwort lang").error().code, Code::Invalid);
  EXPECT_EQ(credentials_->add(PrincipalName("(anonymous)"), "long enough").error().code, Code::Invalid);
  EXPECT_EQ(credentials_->rotate(till_, "long enough").error().code, Code::NotFound);
  ASSERT_TRUE(credentials_->add(till_, "long enough"));
  EXPECT_EQ(credentials_->add(till_, "long enough").error().code, Code::Exists);
}

TEST_F(CredentialsTest, PlainChecksThePasswordAndNobodyActsForAnother) {
  ASSERT_TRUE(credentials_->add(till_, "correct horse"));
  const auto attempt = [&](std::string message) {
    SignIn sign_in(*credentials_, Mechanism::Plain, "pepper");
    return sign_in.next(message);
  };
  const auto right = attempt(std::string("\0till-app\0correct horse", 23));
  ASSERT_TRUE(right);
  EXPECT_EQ(right->signed_in, till_);
  EXPECT_FALSE(attempt(std::string("\0till-app\0wrong", 15)));
  EXPECT_FALSE(attempt(std::string("ada\0till-app\0correct horse", 26)));
  EXPECT_FALSE(attempt("no separators"));
}

TEST_F(CredentialsTest, ANameThatNobodyCanHaveIsNotRemembered) {
  const std::string name(kPrincipalLengthMax + 1, 'x');
  SignIn plain(*credentials_, Mechanism::Plain, "pepper");
  EXPECT_EQ(plain.next('\0' + name + std::string("\0password", 9)).error().message, "wrong user name or password");
  EXPECT_EQ(plain.claimed(), "");
  SignIn scram(*credentials_, Mechanism::ScramSha256, "pepper");
  EXPECT_EQ(scram.next("n,,n=" + name + ",r=abc").error().message, "wrong user name or password");
  EXPECT_EQ(scram.claimed(), "");
}

TEST(Mechanisms, PlainIsOfferedOverTlsOnly) {
  EXPECT_EQ(offered_mechanisms(false), (std::vector{Mechanism::ScramSha512, Mechanism::ScramSha256}));
  EXPECT_EQ(offered_mechanisms(true), (std::vector{Mechanism::ScramSha512, Mechanism::ScramSha256, Mechanism::Plain}));
}

class EnrolmentTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(::mkdtemp(directory_.data()), nullptr); }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string token() const {
    std::ifstream file(directory_ + "/enrol");
    std::string text;
    file >> text;
    return text;
  }
  std::string directory_ = testing::TempDir() + "enrolment-XXXXXX";
  SystemClock clock_;
};

TEST_F(EnrolmentTest, TheTokenIsReadableByItsOwnerOnlyAndWorksOnce) {
  auto enrolment = Enrolment::open(directory_, true, clock_);
  ASSERT_TRUE(enrolment);
  struct stat status{};
  ASSERT_EQ(::stat((directory_ + "/enrol").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const auto right = token();
  EXPECT_EQ(right.size(), 40u);
  EXPECT_FALSE(enrolment->check("wrong"));
  EXPECT_TRUE(enrolment->check(right));
  ASSERT_TRUE(enrolment->complete(PrincipalName("ada")));
  EXPECT_FALSE(enrolment->is_open());
  EXPECT_FALSE(enrolment->check(right));
  EXPECT_EQ(token(), "");
}

TEST_F(EnrolmentTest, TheFirstPrincipalIsRememberedAcrossStarts) {
  ASSERT_TRUE(Enrolment::open(directory_, true, clock_)->complete(PrincipalName("ada")));
  const auto again = Enrolment::open(directory_, false, clock_);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->first_principal(), PrincipalName("ada"));
  EXPECT_FALSE(again->is_open());
}

// An engine whose journal remembers what it is told to.
class JournalEngine final : public engine::Engine {
 public:
  std::vector<engine::ApiRange> served() const override { return {}; }
  void handle(engine::Call, kafka::Request, engine::Reply) override {}
  Result<void> replay_appends(const AppendSink& sink) const override {
    for (const auto& [who, fact] : appends) sink(who, fact);
    return {};
  }
  Result<void> replay_consumed(const ConsumedSink& sink) const override {
    for (const auto& fact : consumed) sink(fact);
    return {};
  }
  std::vector<std::pair<Attribution, engine::AppendFact>> appends;
  std::vector<engine::ConsumedFact> consumed;
};

TEST(Measurement, IsTheSameAfterARestart) {
  MemoryInternalLog log;
  ManualClock clock;
  JournalEngine engine;
  const TopicName sales("stores.sale");
  const auto writer = std::make_shared<const Attribution>(Attribution{PrincipalName("till"), "t1", "lib", "1"});
  const auto reader = std::make_shared<const Attribution>(Attribution{PrincipalName("scan"), "s1", "lib", "2"});
  const engine::AppendFact append{sales, {}, 0, 0, 100, 5000, clock.wall()};
  const GroupName group("g");
  usage::Rows before;
  {
    auto store = state::StateStore::open(log).value();
    auto measurement = Measurement::open(engine, *store, clock).value();
    engine.appends.emplace_back(*writer, append);
    engine.consumed.push_back({group, sales, 0, reader->principal, 100, clock.wall(), clock.wall()});
    measurement->record(writer, {.appended = {append}, .requests = 1, .took = std::chrono::microseconds(40)});
    measurement->record(reader, {.served = {{sales, {}, 0, 0, 100, 5000}},
                                 .committed = {{group, sales, {}, 0, -1, 100, 100, clock.wall()}},
                                 .refused = {{sales, 70}},
                                 .requests = 1,
                                 .is_first_of_connection = true});
    ASSERT_TRUE(measurement->store_changes());
    before = measurement->usage_rows();
    ASSERT_EQ(before.writes.size(), 1u);
    ASSERT_EQ(before.reads.size(), 1u);
    ASSERT_EQ(before.consumers.size(), 1u);
    EXPECT_EQ(before.consumers[0].amount.offsets, 100);
    ASSERT_EQ(before.callers.size(), 3u);
    EXPECT_EQ(before.callers[0].amount, (usage::Asked{.requests = 1, .connections = 1}));
    EXPECT_EQ(before.callers[1].amount, (usage::Asked{.refused_bytes = 70}));
    EXPECT_EQ(before.callers[2].amount, (usage::Asked{.requests = 1, .microseconds = 40}));
  }
  auto store = state::StateStore::open(log).value();
  auto measurement = Measurement::open(engine, *store, clock).value();
  EXPECT_EQ(measurement->usage_rows(), before);
  const auto edges = measurement->edges();
  ASSERT_EQ(edges.triples.size(), 1u);
  EXPECT_EQ(edges.triples[0].producer, PrincipalName("till"));
  EXPECT_EQ(edges.triples[0].consumer, PrincipalName("scan"));
  ASSERT_EQ(edges.reads.size(), 1u);
  EXPECT_EQ(edges.reads[0].groups, std::vector{GroupName("g")});
  EXPECT_EQ(edges.reads[0].library_version, "2");
}

TEST(Measurement, StoresOnlyWhatChanged) {
  MemoryInternalLog log;
  const ManualClock clock;
  const JournalEngine engine;
  const auto store = state::StateStore::open(log).value();
  const auto measurement = Measurement::open(engine, *store, clock).value();
  const auto scan = std::make_shared<const Attribution>(Attribution{PrincipalName("scan"), "s1", "lib", "2"});
  measurement->record(scan, {.served = {{TopicName("stores.sale"), {}, 0, 0, 100, 5000}},
                             .committed = {{GroupName("g"), TopicName("stores.sale"), {}, 0, -1, 100, 100}}});
  ASSERT_TRUE(measurement->store_changes());
  const auto written = log.records("__myelin_state").size();
  EXPECT_GT(written, 0u);
  ASSERT_TRUE(measurement->store_changes());
  EXPECT_EQ(log.records("__myelin_state").size(), written);
}

TEST(Measurement, WithoutAJournalAppendsAndConsumptionAreStoredAndJournalled) {
  MemoryInternalLog log;
  ManualClock clock;
  const JournalEngine engine;
  const TopicName sales("stores.sale");
  const GroupName group("g");
  const auto till = std::make_shared<const Attribution>(Attribution{PrincipalName("till"), "t1", "lib", "1"});
  const auto append_at = [&](std::int64_t offset) {
    return engine::AppendFact{sales, {}, 0, offset, 10, 500, clock.wall()};
  };
  {
    auto store = state::StateStore::open(log).value();
    auto measurement = Measurement::open(engine, *store, clock, usage::Exactness::Journalled).value();
    measurement->record(till,
                        {.appended = {append_at(0)}, .committed = {{group, sales, {}, 3, 0, 7, 7, clock.wall()}}});
    ASSERT_TRUE(measurement->store_changes());
    measurement->record(till, {.appended = {append_at(10)}});
  }
  auto store = state::StateStore::open(log).value();
  auto measurement = Measurement::open(engine, *store, clock, usage::Exactness::Journalled).value();
  measurement->record(till, {.appended = {append_at(20)}});
  const auto rows = measurement->usage_rows();
  EXPECT_EQ(rows.at_best, usage::Exactness::Journalled);
  ASSERT_EQ(rows.writes.size(), 1u);
  EXPECT_EQ(rows.writes[0].amount, (usage::Moved{20, 1000}));
  ASSERT_EQ(rows.consumers.size(), 1u);
  EXPECT_EQ(rows.consumers[0].key, (usage::Consumer{till->principal, group, sales, 3}));
  EXPECT_EQ(rows.consumers[0].amount.offsets, 7);
  const auto writes = measurement->edges().writes;
  ASSERT_EQ(writes.size(), 1u);
  EXPECT_EQ(writes[0].records, 20);
  EXPECT_EQ(writes[0].library_version, "1");
}

// What the store keeps can't be half of what it was: a server that starts on less would bill on less.
TEST(Measurement, AnUnreadableEntryIsAnErrorThatNamesItsTable) {
  using state::Table;
  const ManualClock clock;
  const JournalEngine engine;
  const auto error_of = [&](Table table, std::string key, std::string value) {
    MemoryInternalLog log;
    const auto store = state::StateStore::open(log).value();
    EXPECT_TRUE(store->put_and_wait({{table, std::move(key), std::move(value)}}));
    const auto opened = Measurement::open(engine, *store, clock, usage::Exactness::Journalled);
    return opened ? "" : opened.error().message;
  };
  for (const auto table : {Table::ServedHours, Table::AskedHours, Table::WrittenHours, Table::ConsumedHours,
                           Table::Beginnings, Table::Clients, Table::Commits, Table::Triples}) {
    const auto expected = "an entry of the stored table \"" + std::string(to_text(table)) + "\" can't be read";
    EXPECT_EQ(error_of(table, "no such key", "\1"), expected);
  }
  const std::string key("scan\0s1\0stores.sale\0007", 21);
  EXPECT_EQ(error_of(Table::Beginnings, key, "\x01\x0a"), "");  // version 1, offset 5
  EXPECT_THAT(error_of(Table::Beginnings, key, "\x01\x8a"), testing::HasSubstr("began"));
  EXPECT_THAT(error_of(Table::Beginnings, key, "\x01\x0a\x0a"), testing::HasSubstr("began"));
  EXPECT_THAT(error_of(Table::Beginnings, key, "\x02\x0a"), testing::HasSubstr("began"));
  EXPECT_THAT(error_of(Table::Beginnings, key + "x", "\x01\x0a"), testing::HasSubstr("began"));
}

TEST(Measurement, MeasuresJoinedAppendsLikeTheOnesTheyStandFor) {
  MemoryInternalLog log;
  const ManualClock clock;
  const TopicName sales("stores.sale");
  const Attribution till{PrincipalName("till"), "t1", "lib", "1"};
  const Attribution updated{PrincipalName("till"), "t2", "lib", "2"};
  const auto begin = clock.wall();
  using std::chrono::minutes;
  JournalEngine single;
  single.appends = {{till, {sales, {}, 0, 0, 10, 500, begin}},
                    {updated, {sales, {}, 1, 0, 5, 250, begin + minutes(4)}},
                    {till, {sales, {}, 0, 10, 10, 600, begin + minutes(5)}},
                    {till, {sales, {}, 0, 20, 10, 700, begin + minutes(9)}}};
  JournalEngine joined;
  joined.appends = {{updated, {sales, {}, 1, 0, 5, 250, begin + minutes(4)}},
                    {till, {sales, {}, 0, 0, 30, 1800, begin, minutes(9)}}};
  auto store = state::StateStore::open(log).value();
  const auto expected = Measurement::open(single, *store, clock).value();
  const auto measurement = Measurement::open(joined, *store, clock).value();
  EXPECT_EQ(measurement->usage_rows(), expected->usage_rows());
  EXPECT_EQ(measurement->recomputed_rows(), expected->usage_rows());
  EXPECT_EQ(measurement->edges().writes, expected->edges().writes);
  EXPECT_EQ(measurement->clients(), expected->clients());
  ASSERT_EQ(measurement->edges().writes.size(), 1u);
  const auto edge = measurement->edges().writes[0];
  EXPECT_EQ(edge.records, 35);
  EXPECT_EQ(edge.last_seen, begin + minutes(9));
  EXPECT_EQ(edge.library_version, "1");
}

TEST(Measurement, ReadsThatWereNotStoredAreLostAndNeverDoubled) {
  MemoryInternalLog log;
  ManualClock clock;
  const JournalEngine engine;
  const TopicName sales("stores.sale");
  const auto reader = std::make_shared<const Attribution>(Attribution{PrincipalName("scan"), "s1", "", ""});
  {
    auto store = state::StateStore::open(log).value();
    auto measurement = Measurement::open(engine, *store, clock).value();
    measurement->record(reader, {.served = {{sales, {}, 0, 0, 10, 500}}, .requests = 1});
    ASSERT_TRUE(measurement->store_changes());
    measurement->record(reader, {.served = {{sales, {}, 0, 10, 15, 250}}});
  }
  auto store = state::StateStore::open(log).value();
  auto measurement = Measurement::open(engine, *store, clock).value();
  const auto rows = measurement->usage_rows();
  ASSERT_EQ(rows.reads.size(), 1u);
  EXPECT_EQ(rows.reads[0].amount, (usage::Moved{10, 500}));
  ASSERT_EQ(rows.callers.size(), 1u);
  EXPECT_EQ(rows.callers[0].amount.requests, 1);
}

TEST(ReadStreaks, BeginWhereReadsFollowEachOtherWithoutAJump) {
  ReadStreaks streaks;
  const ReadStreaks::Reader scan{PrincipalName("scan"), "s1", TopicName("stores.sale"), 0};
  EXPECT_EQ(streaks.began(scan), std::nullopt);
  streaks.served(scan, 10, 20);
  streaks.served(scan, 10, 20);
  streaks.served(scan, 20, 30);
  EXPECT_EQ(streaks.began(scan), 10);
  streaks.served(scan, 50, 60);
  EXPECT_EQ(streaks.began(scan), 50);
  streaks.served(scan, 5, 8);
  EXPECT_EQ(streaks.began(scan), 5);
}

TEST(ReadStreaks, AreFoundForAPrincipalThatReadsThePartitionAsOneClient) {
  ReadStreaks streaks;
  const ReadStreaks::Reader producer{PrincipalName("scan"), "writes", TopicName("stores.sale"), 0};
  EXPECT_EQ(streaks.began_by_only_reader(producer), std::nullopt);
  streaks.served({PrincipalName("scan"), "s1", TopicName("stores.sale"), 0}, 10, 20);
  streaks.served({PrincipalName("scan"), "s1", TopicName("stores.sale"), 1}, 30, 40);
  streaks.served({PrincipalName("scanner"), "s1", TopicName("stores.sale"), 0}, 50, 60);
  EXPECT_EQ(streaks.began_by_only_reader(producer), 10);
  streaks.served({PrincipalName("scan"), "s2", TopicName("stores.sale"), 0}, 70, 80);
  EXPECT_EQ(streaks.began_by_only_reader(producer), std::nullopt) << "it is not known for which of the two";
}

TEST(ReadStreaks, GoOnAfterARestart) {
  ReadStreaks before;
  const ReadStreaks::Reader scan{PrincipalName("scan"), "s1", TopicName("stores.sale"), 0};
  before.served(scan, 10, 20);
  const auto stored = before.take_new();
  ASSERT_EQ(stored.size(), 1u);
  before.served(scan, 20, 30);
  EXPECT_TRUE(before.take_new().empty());
  ReadStreaks after;
  after.restore(stored[0]);
  after.served(scan, 30, 40);
  EXPECT_EQ(after.began(scan), 10);
  after.served(scan, 45, 50);
  EXPECT_EQ(after.began(scan), 45);
}

TEST(AccessTable, HasEveryApiThatIsAnsweredBeforeSignIn) {
  EXPECT_TRUE(in_access_table(kafka::ApiKey::ApiVersions));
  EXPECT_TRUE(in_access_table(kafka::ApiKey::SaslHandshake));
  EXPECT_TRUE(in_access_table(kafka::ApiKey::SaslAuthenticate));
  EXPECT_FALSE(in_access_table(static_cast<kafka::ApiKey>(4)));  // LeaderAndIsr, between brokers
}

}  // namespace
}  // namespace myelin::governance
