#include "engine/broker/control_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace myelin::engine::broker {
namespace {

using std::chrono::milliseconds;

TEST(ControlLoop, RunsCommandsInTheOrderInWhichTheyWerePosted) {
  ManualClock clock;
  ControlLoop loop(clock, ControlLoop::Drive::Stepped);
  std::string trace;
  loop.post([&] {
    trace += 'a';
    loop.post([&] { trace += 'c'; });
  });
  loop.post([&] { trace += 'b'; });
  EXPECT_EQ(trace, "");
  loop.run_due();
  EXPECT_EQ(trace, "abc");
}

TEST(ControlLoop, RunsTimersWhenTheClockHasReachedThemEarliestFirst) {
  ManualClock clock;
  ControlLoop loop(clock, ControlLoop::Drive::Stepped);
  std::string trace;
  loop.schedule(clock.monotonic() + milliseconds(20), [&] { trace += 'b'; });
  loop.schedule(clock.monotonic() + milliseconds(10), [&] { trace += 'a'; });
  clock.advance(milliseconds(9));
  loop.run_due();
  EXPECT_EQ(trace, "");
  clock.advance(milliseconds(11));
  loop.run_due();
  EXPECT_EQ(trace, "ab");
}

TEST(ControlLoop, NeverRunsACancelledTimer) {
  ManualClock clock;
  ControlLoop loop(clock, ControlLoop::Drive::Stepped);
  bool ran = false;
  const auto timer = loop.schedule(clock.monotonic(), [&] { ran = true; });
  EXPECT_TRUE(loop.cancel(timer));
  EXPECT_FALSE(loop.cancel(timer));
  loop.run_due();
  EXPECT_FALSE(ran);
}

TEST(ControlLoop, RunsWhatIsQueuedBeforeItStopsAndNothingAfter) {
  SystemClock clock;
  ControlLoop loop(clock, ControlLoop::Drive::Threaded);
  int runs = 0;
  for (int round = 0; round < 100; ++round) loop.post([&] { ++runs; });
  loop.stop();
  EXPECT_EQ(runs, 100);
  loop.post([&] { ++runs; });
  EXPECT_EQ(runs, 100);
}

TEST(ControlLoop, RunsBriefCommandsOnTheThreadThatBringsThemWhenIdle) {
  SystemClock clock;
  ControlLoop loop(clock, ControlLoop::Drive::Threaded);
  std::string trace;
  std::thread::id ran_on;
  loop.dispatch([&] {
    ran_on = std::this_thread::get_id();
    loop.dispatch([&] { trace += 'b'; });
    trace += 'a';
  });
  EXPECT_EQ(ran_on, std::this_thread::get_id());
  EXPECT_EQ(trace, "ab");
}

TEST(ControlLoop, RunsOneCommandAtATimeInTheOrderInWhichEachThreadBroughtThem) {
  SystemClock clock;
  ControlLoop loop(clock, ControlLoop::Drive::Threaded);
  std::array<int, 4> last{};
  int running = 0;  // a data race, and more than one, if two ever run at a time
  std::vector<std::jthread> threads;
  for (std::size_t thread = 0; thread < last.size(); ++thread) {
    threads.emplace_back([&, thread] {
      for (int number = 1; number <= 2000; ++number) {
        auto command = [&, thread, number] {
          EXPECT_EQ(++running, 1);
          EXPECT_EQ(last[thread], number - 1);
          last[thread] = number;
          --running;
        };
        number % 3 == 0 ? loop.post(command) : loop.dispatch(command);
      }
    });
  }
  threads.clear();
  loop.stop();
  EXPECT_THAT(last, testing::Each(2000));
}

TEST(ControlLoop, WakesForATimerThatABriefCommandSets) {
  SystemClock clock;
  ControlLoop loop(clock, ControlLoop::Drive::Threaded);
  std::promise<void> ran;
  loop.schedule(clock.monotonic() + std::chrono::hours(1), [] {});
  loop.dispatch([&] { loop.schedule(clock.monotonic() + milliseconds(1), [&] { ran.set_value(); }); });
  EXPECT_EQ(ran.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST(ControlLoop, WakesForATimerThatIsDueBeforeTheOneItSleepsFor) {
  SystemClock clock;
  ControlLoop loop(clock, ControlLoop::Drive::Threaded);
  std::promise<void> ran;
  loop.schedule(clock.monotonic() + std::chrono::hours(1), [] {});
  loop.schedule(clock.monotonic() + milliseconds(1), [&] { ran.set_value(); });
  EXPECT_EQ(ran.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

}  // namespace
}  // namespace myelin::engine::broker
