// What hostile, slow and vanished peers of framed connections meet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <string>
#include <thread>
#include <vector>

#include "net/frame_assembler.h"
#include "net/testing.h"

namespace myelin::net {
namespace {

using std::chrono::milliseconds;
using testing::Awaited;
using testing::bytes;
using testing::framed;
using testing::FrameServerFixture;
using testing::Peer;
using testing::ScriptedHandler;

class FrameLimitsTest : public FrameServerFixture {};

TEST_F(FrameLimitsTest, PeersThatDoNotSignInAreClosed) {
  FrameLimits limits;
  limits.authentication_deadline = milliseconds(40);
  const auto server = serve(echo, limits);
  Peer silent(server);
  Peer talking(server);
  talking.send(framed("hello"));
  EXPECT_EQ(talking.receive_frame(), "hello");
  EXPECT_TRUE(silent.ended());
  EXPECT_TRUE(talking.ended());
  EXPECT_EQ(closed_.next(), CloseReason::AuthenticationDeadline);
  EXPECT_EQ(closed_.next(), CloseReason::AuthenticationDeadline);
}

TEST_F(FrameLimitsTest, SignedInPeersOutliveTheDeadlineUntilTheyAreIdle) {
  FrameLimits limits;
  limits.authentication_deadline = milliseconds(20);
  limits.idle_limit = milliseconds(200);
  Peer peer(serve(authenticated_echo, limits));
  EXPECT_TRUE(peer.ended());
  EXPECT_EQ(closed_.next(), CloseReason::Idle);
}

TEST_F(FrameLimitsTest, AFrameThatIsNotContinuedIsGivenUp) {
  FrameLimits limits;
  limits.stall_limit = milliseconds(40);
  Peer peer(serve(authenticated_echo, limits));
  peer.send(framed("whole").substr(0, 6));
  EXPECT_TRUE(peer.ended());
  EXPECT_EQ(closed_.next(), CloseReason::ReceiveStalled);
}

TEST_F(FrameLimitsTest, APeerThatNeverReadsIsNotReadFromAndThenDropped) {
  FrameLimits limits;
  limits.stall_limit = milliseconds(100);
  limits.send_queue_bytes = 64 * 1024;
  std::atomic<int> frames = 0;
  Peer peer(serve(
      [&](ScriptedHandler& handler) {
        handler.opened = [](FrameConnection& connection) { connection.authenticated(); };
        handler.received = [&](FrameConnection& connection, const SharedBytes&) {
          ++frames;
          connection.send({bytes(std::string(32 * 1024, 'x'))});
        };
      },
      limits));
  std::string requests;
  for (int index = 0; index < 2000; ++index) requests += framed("more");
  peer.try_send(requests);
  EXPECT_EQ(closed_.next(), CloseReason::SendStalled);
  // 2000 answers are 64 MB; the socket's buffers hold a few, the queue three.
  EXPECT_LT(frames, 1000);
}

TEST_F(FrameLimitsTest, ReadingGoesOnWhenASlowPeerCatchesUp) {
  FrameLimits limits;
  limits.send_queue_bytes = 64 * 1024;
  Peer peer(serve(
      [](ScriptedHandler& handler) {
        handler.received = [](FrameConnection& connection, const SharedBytes& frame) {
          connection.send({bytes(std::string(100 * 1024, 'x') + std::string(as_text(frame.view())))});
        };
      },
      limits));
  constexpr int kRequests = 300;
  std::string requests;
  for (int index = 0; index < kRequests; ++index) requests += framed(std::to_string(index));
  peer.send(requests);
  for (int index = 0; index < kRequests; ++index) {
    EXPECT_EQ(peer.receive_frame().substr(100 * 1024), std::to_string(index));
  }
}

TEST_F(FrameLimitsTest, OwingTooMuchEndsTheConnection) {
  FrameLimits limits;
  limits.send_queue_bytes_max = 1'000'000;
  Peer peer(serve(
      [](ScriptedHandler& handler) {
        handler.opened = [](FrameConnection& connection) {
          for (int index = 0; index < 100; ++index) connection.send({bytes(std::string(1'000'000, 'x'))});
        };
      },
      limits));
  EXPECT_EQ(closed_.next(), CloseReason::SendQueueFull);
}

TEST_F(FrameLimitsTest, CapsConnections) {
  FrameLimits limits;
  limits.connections = 2;
  const auto server = serve(authenticated_echo, limits);
  Peer first(server);
  auto second = std::make_unique<Peer>(server);
  for (auto* peer : {&first, second.get()}) {
    peer->send(framed("in"));
    EXPECT_EQ(peer->receive_frame(), "in");
  }
  EXPECT_TRUE(Peer(server).ended());
  EXPECT_EQ(server_->counters().refused_connections, 1U);
  EXPECT_EQ(server_->counters().open, 2U);
  second.reset();
  ASSERT_TRUE(closed_.next());
  // on_close comes before the place is free; the drained server has no such gap, a new peer may have to try twice.
  for (bool in = false; !in;) {
    Peer third(server);
    in = third.try_send(framed("in")) && third.receive_frame() == "in";
  }
}

TEST_F(FrameLimitsTest, CapsConnectionsThatHaveNotSignedIn) {
  FrameLimits limits;
  limits.unauthenticated_connections = 1;
  const auto server = serve(
      [](ScriptedHandler& handler) {
        handler.received = [](FrameConnection& connection, SharedBytes frame) {
          connection.authenticated();
          connection.send({std::move(frame)});
        };
      },
      limits);
  Peer first(server);
  EXPECT_TRUE(Peer(server).ended());
  EXPECT_EQ(server_->counters().refused_unauthenticated, 1U);
  first.send(framed("in"));
  EXPECT_EQ(first.receive_frame(), "in");
  Peer second(server);
  second.send(framed("in"));
  EXPECT_EQ(second.receive_frame(), "in");
  EXPECT_EQ(server_->counters().unauthenticated, 0U);
}

TEST_F(FrameLimitsTest, CapsConnectionsFromOneAddress) {
  FrameLimits limits;
  limits.connections_per_address = 1;
  const auto server = serve(echo, limits);
  Peer first(server);
  EXPECT_TRUE(Peer(server).ended());
  EXPECT_EQ(server_->counters().refused_per_address, 1U);
}

TEST_F(FrameLimitsTest, RunningOutOfDescriptorsHarmsNobodyWhoIsIn) {
  const auto server = serve(echo);
  Peer first(server);
  first.send(framed("before"));
  EXPECT_EQ(first.receive_frame(), "before");
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  // Room for this test's own sockets, none for the server's.
  const Descriptor highest(::dup(first.descriptor()));
  const rlimit tight{static_cast<rlim_t>(highest.get()) + 40, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  for (int index = 0; index < 100; ++index) EXPECT_TRUE(Peer(server).ended());
  first.send(framed("meanwhile"));
  EXPECT_EQ(first.receive_frame(), "meanwhile");
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(server_->counters().refused_descriptors, 100U);
  Peer later(server);
  later.send(framed("after"));
  EXPECT_EQ(later.receive_frame(), "after");
}

TEST_F(FrameLimitsTest, AcceptingSurvivesHavingNoDescriptorAtAll) {
  const auto server = serve(echo);
  Peer first(server);
  first.send(framed("before"));
  EXPECT_EQ(first.receive_frame(), "before");
  const Descriptor late(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  Descriptor lowest_free(::dup(late.get()));
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit full{static_cast<rlim_t>(lowest_free.get()), before.rlim_max};
  lowest_free.reset();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &full), 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(late.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  char byte = 0;
  EXPECT_LE(::recv(late.get(), &byte, 1, 0), 0);
  first.send(framed("meanwhile"));
  EXPECT_EQ(first.receive_frame(), "meanwhile");
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(server_->counters().refused_descriptors, 1U);
  Peer later(server);
  later.send(framed("after"));
  EXPECT_EQ(later.receive_frame(), "after");
}

TEST_F(FrameLimitsTest, DrainLetsAnswersOutAndThenCloses) {
  Awaited<std::shared_ptr<FrameConnection>> asked;
  const auto server = serve([&](ScriptedHandler& handler) {
    handler.received = [&, connection = handler.connection](FrameConnection&, const SharedBytes&) {
      asked.set(connection);
    };
    // As gate does: what is owed comes first.
    handler.draining = [&](FrameConnection& connection) {
      connection.send({bytes("the answer")});
      connection.finish("drained");
    };
  });
  Peer peer(server);
  peer.send(framed("the question"));
  ASSERT_TRUE(asked.next());
  std::thread reading([&] {
    EXPECT_EQ(peer.receive_frame(), "the answer");
    EXPECT_TRUE(peer.ended());
    peer.close();
  });
  EXPECT_TRUE(server_->drain(testing::kPatience));
  reading.join();
  EXPECT_EQ(closed_.next(), CloseReason::ByHandler);
}

TEST_F(FrameLimitsTest, DrainCutsHandlersThatDoNotFinish) {
  Peer peer(serve(echo));
  peer.send(framed("in"));
  EXPECT_EQ(peer.receive_frame(), "in");
  EXPECT_FALSE(server_->drain(milliseconds(10)));
  EXPECT_EQ(closed_.next(), CloseReason::ServerStopping);
  EXPECT_TRUE(peer.ended());
}

TEST_F(FrameLimitsTest, LateAnswersToAClosedConnectionAreHarmless) {
  Awaited<std::shared_ptr<FrameConnection>> connections;
  Peer peer(serve([&](ScriptedHandler& handler) { connections.set(handler.connection); }));
  const auto connection = *connections.next();
  peer.close();
  EXPECT_EQ(closed_.next(), CloseReason::PeerClosed);
  connection->send({bytes("late")});
  connection->finish("late");
  connection->close("late");
  Awaited<bool> ran;
  connection->run_on_loop([&] {
    connection->authenticated();
    connection->pause_reading();
    connection->resume_reading();
    ran.set(true);
  });
  EXPECT_TRUE(ran.next());
}

TEST_F(FrameLimitsTest, APortInUseIsExplained) {
  const auto server = serve(echo);
  FrameServer second(reactor_, FrameLimits{});
  FrameListener listener;
  listener.address = server;
  const auto bound = second.listen(std::move(listener));
  ASSERT_FALSE(bound.has_value());
  EXPECT_THAT(bound.error().message,
              ::testing::StartsWith("cannot listen on " + server.text() + ": the port is in use"));
}

TEST(FrameAssembler, AnnouncedBytesThatNeverComeCostLittle) {
  ReadAhead read_ahead;
  FrameAssembler assembler(read_ahead, 32 * 1024 * 1024);
  const auto feed = [&](std::string_view some) {
    while (!some.empty()) {
      const auto room = assembler.room();
      const auto part = std::min(room.size(), some.size());
      std::memcpy(room.data(), some.data(), part);
      assembler.received(part);
      some.remove_prefix(part);
      EXPECT_EQ(assembler.next().kind, FrameAssembler::Next::Kind::Incomplete);
    }
  };
  feed(std::string("\x02\x00\x00\x00", 4));  // 32 MiB
  EXPECT_LE(assembler.held_bytes(), 4096U);
  feed(std::string(5000, 'x'));
  EXPECT_LE(assembler.held_bytes(), 65536U);
  feed(std::string(60000, 'x'));
  EXPECT_LE(assembler.held_bytes(), 65536U);
}

TEST(FrameAssembler, HandsOnSlicesWithoutCopying) {
  ReadAhead read_ahead;
  FrameAssembler assembler(read_ahead, 1000);
  const auto room = assembler.room();
  const auto stream = framed("one") + framed("two");
  std::memcpy(room.data(), stream.data(), stream.size());
  assembler.received(stream.size());
  EXPECT_EQ(assembler.next().frame.view().data(), room.data() + 4);
  EXPECT_EQ(assembler.next().frame.view().data(), room.data() + 11);
  EXPECT_FALSE(assembler.mid_frame());
}

TEST(ReadAhead, ReusesItsChunkOnlyWhenNobodyHoldsASlice) {
  ReadAhead read_ahead;
  const auto first = read_ahead.room();
  auto held = read_ahead.take(100);
  EXPECT_EQ(read_ahead.room().data(), first.data() + 100);
  held = SharedBytes();
  EXPECT_EQ(read_ahead.room().data(), first.data());
}

}  // namespace
}  // namespace myelin::net
