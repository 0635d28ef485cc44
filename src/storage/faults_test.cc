// Disks that refuse: the Nth sync fails, the Nth write finds no room.
#include <gmock/gmock.h>

#include <set>

#include "storage/storage_fixture.h"
#include "storage/transactions_fixture.h"

namespace myelin::storage {
namespace {

void expect_covered(const TestStorage& storage) {
  const auto faults = storage.directory->check_provenance();
  ASSERT_TRUE(faults.has_value());
  EXPECT_TRUE(faults->empty());
}

// Appends 40 batches; returns how many were acknowledged before the first refusal, and checks that none is after it.
int append_until_refused(TestStorage& storage, AppendFailure expected) {
  int acknowledged = 0;
  bool refused = false;
  for (int i = 0; i < 40; ++i) {
    const auto outcome = storage.append(*storage.orders(), batch_of({std::to_string(i)}));
    if (outcome) {
      EXPECT_FALSE(refused);
      ++acknowledged;
    } else {
      EXPECT_EQ(outcome.error().failure, expected);
      refused = true;
    }
  }
  return acknowledged;
}

// R7
TEST(SyncFailure, AcknowledgesNothingMoreAndKeepsWhatWas) {
  for (std::uint64_t nth = 1; nth <= 90; ++nth) {
    TestStorage storage;
    storage.open();
    storage.create();
    storage.files->set_fault(DiskFault{.calls = {DiskCall::Sync}, .nth = nth});
    const auto acknowledged = append_until_refused(storage, AppendFailure::ReadOnly);
    EXPECT_EQ(storage.orders()->high_watermark(), acknowledged);
    // Two syncs per batch, log and journal; the failed one was not tried again.
    if (nth <= 80) EXPECT_EQ(acknowledged, static_cast<int>((nth - 1) / 2)) << nth;
    storage.files->set_fault(std::nullopt);
    storage.cut_power_and_reopen();
    EXPECT_GE(storage.orders()->high_watermark(), acknowledged);
    EXPECT_TRUE(storage.orders()->quarantined().empty());
    EXPECT_TRUE(storage.append(*storage.orders(), batch_of({"after"})).has_value());
    expect_covered(storage);
  }
}

// R8
struct FullDiskCase {
  std::uint64_t nth = 0;
  bool writes_half = false;
  std::uint32_t write_ahead_bytes = 0;
};
void meet_a_full_disk(const FullDiskCase& at) {
  TestStorage storage;
  storage.options().journal_write_ahead_bytes = at.write_ahead_bytes;
  storage.open();
  LogConfig config;
  config.segment_bytes = 500;
  storage.create(config);
  storage.files->set_fault(DiskFault{.calls = {DiskCall::Write, DiskCall::Create},
                                     .nth = at.nth,
                                     .code = Code::Unavailable,
                                     .persistent = true,
                                     .writes_half = at.writes_half});
  std::vector<std::string> acknowledged;
  for (int i = 0; i < 60; ++i) {
    if (i == 40) storage.files->set_fault(std::nullopt);
    auto value = std::to_string(i);
    const auto outcome = storage.append(*storage.orders(), batch_of({value}));
    if (outcome) {
      EXPECT_EQ(outcome->base_offset, static_cast<std::int64_t>(acknowledged.size()));
      acknowledged.push_back(std::move(value));
    } else {
      EXPECT_EQ(outcome.error().failure, AppendFailure::DiskFull);
    }
    if (i >= 40) EXPECT_TRUE(outcome.has_value());
  }
  EXPECT_EQ(headers_in(read_all(*storage.orders())).size(), acknowledged.size());
  expect_covered(storage);
  at.nth % 2 == 0 ? storage.kill_and_reopen() : storage.cut_power_and_reopen();
  EXPECT_EQ(headers_in(read_all(*storage.orders())).size(), acknowledged.size());
  EXPECT_TRUE(storage.orders()->quarantined().empty());
  expect_covered(storage);
}

TEST(FullDisk, RefusesRetriablyAndTakesUpWorkWhenThereIsRoom) {
  for (const bool writes_half : {false, true}) {
    for (const std::uint32_t write_ahead_bytes : {0U, 300U}) {
      for (std::uint64_t nth = 1; nth <= 60; ++nth) meet_a_full_disk({nth, writes_half, write_ahead_bytes});
    }
  }
}

TEST(FullDisk, KeepsAReserveForInternalTopics) {
  TestStorage storage;
  storage.open();
  const auto orders = storage.create();
  LogConfig internal;
  internal.uses_disk_reserve = true;
  const auto offsets = storage.create(internal, {TopicName("__offsets"), 0});
  storage.must_append(*orders, batch_of({"a"}));
  storage.files->set_space({.free_bytes = (1U << 30) - 1, .total_bytes = std::uint64_t{100} << 30});
  storage.directory->housekeep();
  EXPECT_EQ(storage.append(*orders, batch_of({"b"})).error().failure, AppendFailure::DiskFull);
  EXPECT_TRUE(storage.append(*offsets, batch_of({"c"})).has_value());
  EXPECT_EQ(orders->read({0})->next_offset, 1);
  storage.files->set_space({.free_bytes = 1U << 30, .total_bytes = std::uint64_t{100} << 30});
  storage.directory->housekeep();
  EXPECT_TRUE(storage.append(*orders, batch_of({"b"})).has_value());
}

TEST(WriteFailure, StopsThePartitionAndLosesNothing) {
  for (std::uint64_t nth = 1; nth <= 80; ++nth) {
    TestStorage storage;
    storage.options().journal_write_ahead_bytes = nth <= 40 ? 0 : 300;
    storage.open();
    storage.create();
    storage.files->set_fault(
        DiskFault{.calls = {DiskCall::Write, DiskCall::Truncate}, .nth = (nth - 1) % 40 + 1, .writes_half = true});
    std::int64_t acknowledged = 0;
    for (int i = 0; i < 30; ++i) {
      if (storage.append(*storage.orders(), batch_of({std::to_string(i)}))) ++acknowledged;
    }
    storage.files->set_fault(std::nullopt);
    storage.kill_and_reopen();
    EXPECT_EQ(storage.orders()->high_watermark(), acknowledged) << nth;
    expect_covered(storage);
  }
}

// Every call of a scripted run fails once, whatever it was: the next start finds what was acknowledged.
TEST(AnyFailure, LeavesADirectoryThatOpens) {
  const std::set<DiskCall> all{DiskCall::Write,  DiskCall::Sync,   DiskCall::Truncate,     DiskCall::Rename,
                               DiskCall::Remove, DiskCall::Create, DiskCall::SyncDirectory};
  // The first round counts the calls and fails none.
  std::uint64_t calls = 0;
  for (std::uint64_t nth = 0; nth <= calls; ++nth) {
    TestStorage storage;
    LogConfig config;
    config.segment_bytes = 400;
    storage.options().config_of = [config](const TopicName&) { return config; };
    storage.files->set_fault(DiskFault{.calls = all, .nth = nth});
    std::int64_t acknowledged = 0;
    auto opened = LogDirectory::open("data", *storage.files, storage.clock, storage.executor, storage.options());
    if (opened) {
      storage.directory = std::move(*opened);
      const auto created = storage.directory->create(kOrders, storage.topic_id, config);
      for (int i = 0; created && i < 20; ++i) {
        if (storage.append(**created, batch_of({std::to_string(i)}))) ++acknowledged;
      }
      std::ignore = storage.directory->close();
    }
    calls = std::max(calls, storage.files->fault_calls());
    storage.files->set_fault(std::nullopt);
    storage.cut_power_and_reopen();
    const auto log = storage.orders();
    if (acknowledged > 0) {
      ASSERT_TRUE(log != nullptr) << nth;
      EXPECT_GE(log->high_watermark(), acknowledged) << nth;
      EXPECT_TRUE(log->quarantined().empty()) << nth;
      EXPECT_GE(static_cast<std::int64_t>(headers_in(read_all(*log)).size()), acknowledged) << nth;
      expect_covered(storage);
    }
  }
  EXPECT_GT(calls, 100U);
}

// A kill behind every single call.
TEST(AnyKill, LeavesADirectoryThatOpens) {
  const std::set<DiskCall> all{DiskCall::Write,  DiskCall::Sync,   DiskCall::Truncate,     DiskCall::Rename,
                               DiskCall::Remove, DiskCall::Create, DiskCall::SyncDirectory};
  // The first round counts the calls and fails none.
  std::uint64_t calls = 0;
  for (std::uint64_t nth = 0; nth <= calls; ++nth) {
    TestStorage storage;
    LogConfig config;
    config.segment_bytes = 400;
    config.cleanup = {.remove = true, .compact = true};
    storage.options().config_of = [config](const TopicName&) { return config; };
    storage.options().cleanup_interval = std::chrono::milliseconds(1);
    // From the nth call on nothing reaches the disk any more.
    storage.files->set_fault(DiskFault{.calls = all, .nth = nth, .persistent = true, .writes_half = true});
    std::int64_t acknowledged = 0;
    auto opened = LogDirectory::open("data", *storage.files, storage.clock, storage.executor, storage.options());
    if (opened) {
      storage.directory = std::move(*opened);
      const auto created = storage.directory->create(kOrders, storage.topic_id, config);
      for (int i = 0; created && i < 30; ++i) {
        const TestBatch batch{.records = {{std::to_string(i % 3), "v"}, {"k", std::nullopt}}};
        if (storage.append(**created, encode_batch(batch))) ++acknowledged;
        storage.clock.advance(std::chrono::milliseconds(2));
        storage.directory->housekeep();
        storage.executor.run_all();
      }
      if (created) std::ignore = storage.directory->remove(kOrders);
    }
    calls = std::max(calls, storage.files->fault_calls());
    storage.files->set_fault(std::nullopt);
    nth % 2 == 0 ? storage.kill_and_reopen() : storage.cut_power_and_reopen();
    if (const auto log = storage.orders()) {
      EXPECT_TRUE(log->quarantined().empty()) << nth;
      EXPECT_GE(log->high_watermark(), 2 * acknowledged) << nth;
      headers_in(read_all(*log, log->log_start_offset()));
      expect_covered(storage);
    }
  }
  EXPECT_GT(calls, 100U);
}

// Transactions of two records; from the nth call on nothing reaches the disk any more. Afterwards the coordinator
// aborts what is open: of each transaction a reader sees both records or none, and all of those whose commit was
// acknowledged.
void kill_among_transactions(std::uint64_t nth, std::uint64_t& calls) {
  LogConfig config;
  config.segment_bytes = 500;
  TransactionalStorage storage(config);
  storage.files->set_fault(DiskFault{.calls = {DiskCall::Write, DiskCall::Sync, DiskCall::Truncate, DiskCall::Create,
                                               DiskCall::Rename, DiskCall::SyncDirectory},
                                     .nth = nth,
                                     .persistent = true,
                                     .writes_half = true});
  std::set<std::string> committed;
  std::set<std::string> never;
  for (int i = 0; i < 8; ++i) {
    const std::array values{"first" + std::to_string(i), "second" + std::to_string(i)};
    const auto producer_id = i % 2;
    bool is_written = true;
    for (const auto& value : values) is_written = storage.try_write(producer_id, value, 0).has_value() && is_written;
    const bool aborts = i % 3 == 0 || !is_written;
    const auto ended = aborts ? storage.try_abort(producer_id) : storage.try_commit(producer_id);
    if (aborts) never.insert(values.begin(), values.end());
    if (!aborts && ended) committed.insert(values.begin(), values.end());
  }
  calls = std::max(calls, storage.files->fault_calls());
  storage.files->set_fault(std::nullopt);
  nth % 2 == 0 ? storage.kill_and_reopen() : storage.cut_power_and_reopen();
  for (const auto& producer : storage.orders()->producers()) {
    if (producer.transaction_start >= 0) storage.abort(producer.producer_id);
  }
  EXPECT_EQ(storage.orders()->last_stable_offset(), storage.orders()->high_watermark());
  const auto values = committed_values(*storage.orders());
  const std::set<std::string> seen(values.begin(), values.end());
  EXPECT_TRUE(std::ranges::includes(seen, committed)) << nth;
  for (const auto& value : never) EXPECT_FALSE(seen.contains(value)) << nth << ": " << value;
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(seen.contains("first" + std::to_string(i)), seen.contains("second" + std::to_string(i))) << nth;
  }
  expect_covered(storage);
}

TEST(AnyKill, LeavesTransactionsWhole) {
  std::uint64_t calls = 0;
  for (std::uint64_t nth = 0; nth <= calls && !testing::Test::HasFailure(); ++nth) kill_among_transactions(nth, calls);
  EXPECT_GT(calls, 80U);
}

}  // namespace
}  // namespace myelin::storage
