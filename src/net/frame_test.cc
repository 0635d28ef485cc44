// Framed connections over real loopback sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/frame_client.h"
#include "net/frame_server.h"
#include "net/testing.h"

namespace myelin::net {
namespace {

using testing::Awaited;
using testing::bytes;
using testing::framed;
using testing::Peer;
using testing::ScriptedHandler;

class FrameServerTest : public testing::FrameServerFixture {};

TEST_F(FrameServerTest, AnswersAFrame) {
  Peer peer(serve(echo));
  peer.send(framed("hello"));
  EXPECT_EQ(peer.receive_frame(), "hello");
}

TEST_F(FrameServerTest, FindsFramesHoweverTheStreamIsCut) {
  Peer peer(serve(echo));
  const std::string stream = framed("first") + framed("2") + framed("the third");
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    peer.send(stream.substr(0, cut));
    // The first answer, when it can be had, shows that the first part has been read before the second is sent.
    std::string answers;
    if (cut >= framed("first").size()) answers = peer.receive(framed("first").size());
    peer.send(stream.substr(cut));
    answers += peer.receive(stream.size() - answers.size());
    EXPECT_EQ(answers, stream) << "cut at " << cut;
  }
}

TEST_F(FrameServerTest, AnswersPipelinedFramesInOrder) {
  Peer peer(serve(echo));
  std::string requests;
  for (int index = 0; index < 5000; ++index) requests += framed("request " + std::to_string(index));
  peer.send(requests);
  EXPECT_EQ(peer.receive(requests.size()), requests);
}

TEST_F(FrameServerTest, TakesAFrameOfExactlyTheLimit) {
  FrameLimits limits;
  limits.frame_bytes = 300'000;
  Peer peer(serve(authenticated_echo, limits));
  const std::string body(300'000, 'x');
  peer.send(framed(body));
  EXPECT_EQ(peer.receive_frame(), body);
}

TEST_F(FrameServerTest, ClosesOnLengthsThatCannotBe) {
  const auto server = serve(echo);
  const std::vector<std::string> lengths{std::string("\xff\xff\xff\xff", 4), std::string(4, '\0'),
                                         std::string("\x7f\xff\xff\xff", 4), std::string("\x00\x01\x00\x01", 4),
                                         std::string("\x80\x00\x00\x00", 4)};
  for (const auto& length : lengths) {
    Peer peer(server);
    peer.send(length);
    EXPECT_TRUE(peer.ended());
    EXPECT_EQ(closed_.next(), CloseReason::BadFrame);
  }
}

TEST_F(FrameServerTest, AllowsLargerFramesOnceAuthenticated) {
  Peer peer(serve([](ScriptedHandler& handler) {
    handler.received = [](FrameConnection& connection, SharedBytes frame) {
      connection.authenticated();
      connection.send({std::move(frame)});
    };
  }));
  peer.send(framed("let me in"));
  EXPECT_EQ(peer.receive_frame(), "let me in");
  const std::string body(1'000'000, 'y');
  peer.send(framed(body));
  EXPECT_EQ(peer.receive_frame(), body);
}

TEST_F(FrameServerTest, SendsFromAnotherThread) {
  Awaited<std::shared_ptr<FrameConnection>> connections;
  Peer peer(serve([&](ScriptedHandler& handler) { connections.set(handler.connection); }));
  const auto connection = connections.next();
  ASSERT_TRUE(connection);
  for (int index = 0; index < 100; ++index) (*connection)->send({bytes("answer " + std::to_string(index))});
  for (int index = 0; index < 100; ++index) EXPECT_EQ(peer.receive_frame(), "answer " + std::to_string(index));
}

TEST_F(FrameServerTest, PausedConnectionDeliversNothingUntilResumed) {
  Awaited<std::shared_ptr<FrameConnection>> paused;
  Awaited<std::string> frames;
  Peer peer(serve([&](ScriptedHandler& handler) {
    handler.received = [&](FrameConnection& connection, const SharedBytes& frame) {
      frames.set(std::string(as_text(frame.view())));
      connection.pause_reading();
      paused.set(nullptr);
    };
    paused.set(handler.connection);
  }));
  const auto connection = *paused.next();
  peer.send(framed("one") + framed("two") + framed("three"));
  for (const auto* expected : {"one", "two", "three"}) {
    EXPECT_EQ(frames.next(), expected);
    ASSERT_TRUE(paused.next());
    EXPECT_FALSE(frames.next(std::chrono::milliseconds(0)));
    connection->run_on_loop([&] { connection->resume_reading(); });
  }
  peer.send(framed("four"));
  EXPECT_EQ(frames.next(), "four");
  server_.reset();  // the handler may still be using what this function owns
}

TEST_F(FrameServerTest, FinishSendsWhatIsOwedThenCloses) {
  Peer peer(serve([](ScriptedHandler& handler) {
    handler.received = [](FrameConnection& connection, const SharedBytes&) {
      connection.send({bytes(std::string(2'000'000, 'z'))});
      connection.finish("done");
    };
  }));
  peer.send(framed("all of it") + framed("never read"));
  EXPECT_EQ(peer.receive_frame().size(), 2'000'000U);
  EXPECT_TRUE(peer.ended());
  peer.close();
  EXPECT_EQ(closed_.next(), CloseReason::ByHandler);
}

TEST_F(FrameServerTest, ReportsAPeerThatLeaves) {
  Peer peer(serve(echo));
  peer.send(framed("hello"));
  EXPECT_EQ(peer.receive_frame(), "hello");
  peer.close();
  EXPECT_EQ(closed_.next(), CloseReason::PeerClosed);
}

TEST_F(FrameServerTest, KnowsBothAddresses) {
  Awaited<std::vector<Endpoint>> addresses;
  const auto server = serve([&](ScriptedHandler& handler) {
    addresses.set({handler.connection->local_address(), handler.connection->peer_address()});
  });
  const Peer peer(server);
  EXPECT_THAT(*addresses.next(), ::testing::ElementsAre(server, local_endpoint(peer.descriptor())));
}

// A client whose answers and end are awaited.
struct Client {
  explicit Client(Loop& loop, const Endpoint& server, std::uint32_t frame_bytes = 1'000'000) {
    FrameClientOptions options;
    options.server = server;
    options.frame_bytes = frame_bytes;
    connection = *connect_frames(loop, options, [this](std::shared_ptr<FrameConnection> own) {
      auto handler = std::make_shared<ScriptedHandler>(std::move(own));
      handler->opened = [this](FrameConnection&) { opened.set(true); };
      handler->received = [this](FrameConnection&, const SharedBytes& frame) {
        answers.set(std::string(as_text(frame.view())));
      };
      handler->closed = [this](CloseReason reason) { closed.set(reason); };
      return handler;
    });
  }
  Awaited<bool> opened;
  Awaited<std::string> answers;
  Awaited<CloseReason> closed;
  std::shared_ptr<FrameConnection> connection;
};

TEST_F(FrameServerTest, ClientExchangesFrames) {
  const auto server = serve(echo);
  Client client(reactor_.loop(1), server);
  client.connection->send({bytes("sent before it was open")});
  EXPECT_TRUE(client.opened.next());
  EXPECT_EQ(client.answers.next(), "sent before it was open");
  client.connection->send({bytes("a"), bytes("b")});
  EXPECT_EQ(client.answers.next(), "ab");
  server_.reset();
  EXPECT_EQ(client.closed.next(), CloseReason::PeerClosed);
}

TEST_F(FrameServerTest, ClientLearnsThatNobodyListens) {
  reactor_.start();
  const auto free_port = listen_on({"127.0.0.1", 0})->bound;
  FrameClientOptions options;
  options.server = free_port;
  Awaited<CloseReason> closed;
  const auto connection = connect_frames(reactor_.loop(0), options, [&](std::shared_ptr<FrameConnection> own) {
    auto handler = std::make_shared<ScriptedHandler>(std::move(own));
    handler->closed = [&](CloseReason reason) { closed.set(reason); };
    return handler;
  });
  // The kernel may know at once, or tell the loop.
  if (connection.has_value()) {
    EXPECT_EQ(closed.next(), CloseReason::ConnectFailed);
  } else {
    EXPECT_THAT(connection.error().message, ::testing::HasSubstr("refused"));
  }
}

TEST(Reactor, RunsTasksInOrderOnTheLoop) {
  Reactor reactor(1);
  reactor.start();
  Awaited<int> order;
  for (int index = 0; index < 100; ++index) {
    reactor.loop(0).post([&, index] { order.set(reactor.loop(0).is_current() ? index : -1); });
  }
  for (int index = 0; index < 100; ++index) EXPECT_EQ(order.next(), index);
  EXPECT_FALSE(reactor.loop(0).is_current());
}

TEST(Reactor, TimersRunUnlessCancelled) {
  Reactor reactor(1);
  reactor.start();
  Awaited<std::string> ran;
  auto cancelled = reactor.loop(0).after(std::chrono::milliseconds(1), [&] { ran.set("cancelled"); });
  cancelled.cancel();
  {
    const auto dropped = reactor.loop(0).after(std::chrono::hours(1), [&] { ran.set("dropped"); });
  }
  const auto kept = reactor.loop(0).after(std::chrono::milliseconds(5), [&] { ran.set("kept"); });
  EXPECT_EQ(ran.next(), "kept");
}

}  // namespace
}  // namespace myelin::net
