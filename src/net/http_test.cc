// The HTTP server and client over real loopback sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/http_client.h"
#include "net/http_server.h"
#include "net/testing.h"

namespace myelin::net {
namespace {

using testing::Awaited;
using testing::CertificateWorkshop;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Peer;
using ::testing::StartsWith;

class HttpServerTest : public ::testing::Test {
 protected:
  Endpoint serve(HttpServer::Handler handler, HttpLimits limits = {}, HttpServer::TakesLargeBody takes_large = {}) {
    return serve_over(nullptr, std::move(handler), limits, std::move(takes_large));
  }
  Endpoint serve_over(std::shared_ptr<TlsContext> tls, HttpServer::Handler handler, HttpLimits limits = {},
                      HttpServer::TakesLargeBody takes_large = {}) {
    reactor_.start();
    server_ = std::make_unique<HttpServer>(reactor_, limits, std::move(handler), std::move(takes_large));
    const auto bound = server_->listen({Endpoint{"127.0.0.1", 0}, std::move(tls)});
    EXPECT_TRUE(bound.has_value());
    return *bound;
  }
  // Answers with what it understood of the request.
  static void describe(HttpRequest request, HttpReply reply) {
    auto text = fmt::format("{} {}", request.method, request.path);
    for (const auto& segment : request.segments) text += fmt::format(" [{}]", segment);
    for (const auto& [name, value] : request.query) text += fmt::format(" {}={}", name, value);
    if (!request.body.empty()) text += fmt::format(" body={}", request.body);
    reply.send(http_response(200, "text/plain", text));
  }
  // Sends `request` as it is, and receives until the server closes.
  static std::string exchange(const Endpoint& server, std::string_view request) {
    Peer peer(server);
    peer.send(request);
    return peer.receive_until_end();
  }
  static std::string get(std::string_view target) {
    return fmt::format("GET {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", target);
  }

  Reactor reactor_{2};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersARequest) {
  const auto answer = exchange(serve(describe), get("/hello"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nDate: "));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: text/plain\r\nContent-Length: 18\r\nConnection: close\r\n\r\n"));
  EXPECT_THAT(answer, EndsWith("GET /hello [hello]"));
}

TEST_F(HttpServerTest, DecodesPathAndQuery) {
  EXPECT_THAT(exchange(serve(describe), get("/a%20b/c%2Fd?x=1%2B1&name=J+D&flag&&x=2")),
              EndsWith("GET /a b/c/d [a b] [c/d] flag= name=J D x=2"));
}

TEST_F(HttpServerTest, KeepsTheConnectionForFurtherRequests) {
  Peer peer(serve([](HttpRequest request, HttpReply reply) { reply.send(http_response(200, "", request.path)); }));
  for (const auto* path : {"/first", "/other"}) {
    peer.send(fmt::format("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", path));
    std::string answer;
    while (!answer.ends_with(path)) answer += peer.receive(1);
    EXPECT_THAT(answer, HasSubstr("Content-Length: 6\r\n\r\n"));
  }
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  std::string requests;
  std::string expected;
  for (int index = 0; index < 200; ++index) {
    requests += fmt::format("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", index);
    expected += fmt::format("<{}>", index);
  }
  const auto answers = exchange(serve([](HttpRequest request, HttpReply reply) {
                                  reply.send(http_response(200, "", "<" + request.segments[0] + ">"));
                                }),
                                requests + get("/last"));
  std::string bodies;
  for (std::size_t at = 0; (at = answers.find("\r\n\r\n", at)) != std::string::npos;) {
    at += 4;
    bodies += answers.substr(at, answers.find('>', at) + 1 - at);
  }
  EXPECT_EQ(bodies, expected + "<last>");
}

TEST_F(HttpServerTest, AnswersFromAnotherThread) {
  Awaited<std::shared_ptr<HttpReply>> replies;
  Peer peer(
      serve([&](const HttpRequest&, HttpReply reply) { replies.set(std::make_shared<HttpReply>(std::move(reply))); }));
  peer.send(get("/"));
  const auto reply = *replies.next();
  reply->send(http_response(202, "", "later"));
  EXPECT_THAT(peer.receive_until_end(), EndsWith("later"));
}

TEST_F(HttpServerTest, ADroppedReplyIsAServerError) {
  EXPECT_THAT(exchange(serve([](const HttpRequest&, const HttpReply&) {}), get("/")), StartsWith("HTTP/1.1 500 "));
}

TEST_F(HttpServerTest, HeadHasTheHeadersOfGetAndNoBody) {
  const auto answer =
      exchange(serve([](const HttpRequest&, HttpReply reply) { reply.send(http_response(200, "", "twelve bytes")); }),
               "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 12\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(HttpServerTest, TakesBodiesWithALengthAndInChunks) {
  const auto server = serve(describe);
  EXPECT_THAT(exchange(server, "POST /p HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"),
              EndsWith("body=hello"));
  EXPECT_THAT(exchange(server,
                       "POST /p HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "3\r\nhel\r\n2;note=1\r\nlo\r\n0\r\nHost: evil\r\n\r\n"),
              EndsWith("body=hello"));
}

TEST_F(HttpServerTest, FieldsBehindAChunkedBodyAreNotHeaders) {
  const auto server = serve([](const HttpRequest& request, HttpReply reply) {
    reply.send(http_response(200, "", request.headers.has("authorization") ? "seen" : "not seen"));
  });
  EXPECT_THAT(exchange(server,
                       "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "1\r\na\r\n0\r\nAuthorization: Basic YTpi\r\n\r\n"),
              EndsWith("not seen"));
}

TEST_F(HttpServerTest, FindsRequestsHoweverTheStreamIsCut) {
  const auto server = serve(describe);
  const std::string request = "POST /p HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
  HttpRequest parsed;
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    Peer peer(server);
    peer.send(request.substr(0, cut));
    peer.send(request.substr(cut));
    EXPECT_THAT(peer.receive_until_end(), EndsWith("POST /p [p] body=ok")) << cut;
  }
}

TEST_F(HttpServerTest, ContinuesAPeerThatAsksBeforeItsBody) {
  Peer peer(serve(describe));
  peer.send("POST /p HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(peer.receive(go_on.size()), go_on);
  peer.send("ok");
  EXPECT_THAT(peer.receive_until_end(), EndsWith("body=ok"));
}

// A body of 2,000 bytes where 1,000 are allowed is taken on the one path that may, at most two at a time, and never in
// chunks.
TEST_F(HttpServerTest, LargeBodiesComeOnlyWhereTheyMay) {
  HttpLimits limits;
  limits.body_bytes = 1000;
  limits.large_body_bytes = 3000;
  const auto server = serve(describe, limits, [](const HttpRequest& request) { return request.path == "/folder"; });
  const auto post = [](std::string_view path, std::size_t bytes) {
    return fmt::format("POST {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", path, bytes) +
           std::string(bytes, 'b');
  };
  EXPECT_THAT(exchange(server, post("/folder", 2000)), EndsWith("body=" + std::string(2000, 'b')));
  EXPECT_THAT(exchange(server, post("/other", 2000)), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(exchange(server, post("/folder", 3001)), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(exchange(server, "POST /folder HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" +
                                   std::string(2000, 'b') + "\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpServerTest, LargeBodiesAreFewAtATime) {
  HttpLimits limits;
  limits.body_bytes = 10;
  limits.large_bodies = 1;
  const auto server = serve(describe, limits, [](const HttpRequest&) { return true; });
  const std::string head = "POST /folder HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 11\r\n\r\n";
  Peer first(server);
  first.send(head + "0123456789");
  while (true) {  // the first has its place once its headers were read
    const auto answer = exchange(server, head + "0123456789.");
    if (answer.starts_with("HTTP/1.1 503 ")) break;
    ASSERT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  }
  first.send(".");
  EXPECT_THAT(first.receive_until_end(), EndsWith("body=0123456789."));
  while (!exchange(server, head + "0123456789.").starts_with("HTTP/1.1 200 ")) {  // its place is free again
  }
}

struct Malformed {
  const char* what;
  std::string request;
  const char* status;
};
class HttpRefuses : public HttpServerTest, public ::testing::WithParamInterface<Malformed> {};

TEST_P(HttpRefuses, AndCloses) {
  HttpLimits limits;
  limits.body_bytes = 1000;
  const auto server =
      serve([](const HttpRequest&, HttpReply reply) { reply.send(http_response(200, "", "handled")); }, limits);
  const auto answer = exchange(server, GetParam().request);
  EXPECT_THAT(answer, StartsWith(std::string("HTTP/1.1 ") + GetParam().status + " "));
  EXPECT_THAT(answer, Not(HasSubstr("handled")));
}

INSTANTIATE_TEST_SUITE_P(
    Requests, HttpRefuses,
    ::testing::Values(
        Malformed{"Garbage", "\x01\x02\x03\r\n\r\n", "400"}, Malformed{"NoHost", "GET / HTTP/1.1\r\n\r\n", "400"},
        Malformed{"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"},
        Malformed{"TwoLengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
                  "400"},
        Malformed{"TwoEqualLengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab",
                  "400"},
        Malformed{"ListOfLengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2, 2\r\n\r\nab", "400"},
        Malformed{"NegativeLength", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "400"},
        Malformed{"LengthWithChunks",
                  "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                  "400"},
        Malformed{"ChunksWithLength",
                  "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
                  "400"},
        Malformed{"OtherCoding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                  "501"},
        Malformed{"HiddenCoding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "501"},
        Malformed{"BadChunk", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", "400"},
        Malformed{"LyingChunk", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
                  "400"},
        Malformed{"EndlessChunkLine",
                  "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2;" + std::string(2000, 'x'), "400"},
        Malformed{"HugeChunk", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
                  "413"},
        Malformed{"BrokenTrailer",
                  "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nabc\r\n2\r\nG\n\rET\r\n\r\n",
                  "400"},
        Malformed{"HugeLength", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", "400"},
        Malformed{"SpaceBeforeColon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n", "400"},
        Malformed{"OtherVersion", "GET / HTTP/3.0\r\nHost: x\r\n\r\n", "505"},
        Malformed{"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
        Malformed{"LargeBody", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n", "413"},
        Malformed{"LargeChunkedBody",
                  "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x') +
                      "\r\n0\r\n\r\n",
                  "413"},
        Malformed{"LargeHeaders", "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(17000, 'x') + "\r\n\r\n", "431"},
        Malformed{"LongTarget", "GET /" + std::string(17000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n", "414"},
        Malformed{"EndlessTarget", "GET /" + std::string(20000, 'x'), "414"},
        Malformed{"EndlessHeaders", "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(20000, 'x'), "431"},
        Malformed{"ClimbingPath", "GET /a/../b HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
        Malformed{"EncodedClimbing", "GET /a/%2e%2E/b HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
        Malformed{"NulInPath", "GET /a%00b HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
        Malformed{"HalfEscape", "GET /a%4 HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
        Malformed{"NoPath", "GET a HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
        Malformed{"OtherAuthority", "GET http://y/ HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
        Malformed{"OtherExpectation", "GET / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n", "417"}),
    [](const auto& name) { return name.param.what; });

TEST_F(HttpServerTest, SlowHeadersAreCut) {
  HttpLimits limits;
  limits.header_deadline = std::chrono::milliseconds(30);
  const auto server = serve(describe, limits);
  EXPECT_THAT(exchange(server, "GET / HTTP/1.1\r\nHo"), StartsWith("HTTP/1.1 408 "));
  EXPECT_EQ(exchange(server, ""), "");
}

TEST_F(HttpServerTest, SlowBodiesAreCut) {
  HttpLimits limits;
  limits.body_deadline = std::chrono::milliseconds(30);
  EXPECT_THAT(exchange(serve(describe, limits), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf"),
              StartsWith("HTTP/1.1 408 "));
}

TEST_F(HttpServerTest, RefusesMoreConnectionsThanAllowed) {
  HttpLimits limits;
  limits.connections = 1;
  const auto server = serve(describe, limits);
  Peer first(server);
  first.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(first.receive(8), "HTTP/1.1");
  Peer second(server);
  EXPECT_TRUE(second.ended());
  EXPECT_EQ(server_->counters().refused, 1U);
}

TEST_F(HttpServerTest, HeaderValuesCannotBreakLines) {
  const auto answer = exchange(serve([](const HttpRequest&, HttpReply reply) {
                                 HttpResponse response = http_response(200, "", "");
                                 response.headers.add("X-Name", "a\r\nSet-Cookie: b");
                                 reply.send(std::move(response));
                               }),
                               get("/"));
  EXPECT_THAT(answer, HasSubstr("X-Name: a  Set-Cookie: b\r\n"));
}

TEST_F(HttpServerTest, SendsEventsAndNoticesWhenTheReaderLeaves) {
  Awaited<std::shared_ptr<EventStream>> streams;
  Peer peer(serve([&](const HttpRequest&, HttpReply reply) { streams.set(reply.start_events({{"X-A", "b"}})); }));
  peer.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto events = *streams.next();
  EXPECT_TRUE(events->send("rate", "{\"a\":1}"));
  EXPECT_TRUE(events->send("note", "two\nlines"));
  std::string received;
  const std::string expected = "event: rate\ndata: {\"a\":1}\n\nevent: note\ndata: two\ndata: lines\n\n";
  while (!received.ends_with(expected)) {
    const auto more = peer.receive(1);
    ASSERT_FALSE(more.empty()) << received;
    received += more;
  }
  EXPECT_THAT(received, HasSubstr("Content-Type: text/event-stream\r\n"));
  EXPECT_EQ(server_->counters().event_streams, 1U);
  peer.close();
  while (events->send("rate", "x")) {
  }
  EXPECT_TRUE(events->closed());
}

TEST_F(HttpServerTest, AnEventReaderTooFarBehindIsDropped) {
  HttpLimits limits;
  limits.event_queue_bytes = 100'000;
  Awaited<std::shared_ptr<EventStream>> streams;
  Peer peer(serve([&](const HttpRequest&, HttpReply reply) { streams.set(reply.start_events({})); }, limits));
  peer.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto events = *streams.next();
  const std::string data(10'000, 'x');
  int sent = 0;
  while (sent < 100'000 && events->send("flood", data)) ++sent;
  EXPECT_LT(sent, 100'000);
  EXPECT_TRUE(events->closed());
}

TEST_F(HttpServerTest, QuietEventStreamsGetAHeartbeat) {
  HttpLimits limits;
  limits.heartbeat = std::chrono::milliseconds(20);
  Awaited<std::shared_ptr<EventStream>> streams;
  Peer peer(serve([&](const HttpRequest&, HttpReply reply) { streams.set(reply.start_events({})); }, limits));
  peer.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto events = *streams.next();
  std::string received;
  while (!received.ends_with("\r\n\r\n:\n\n:\n\n")) received += peer.receive(1);
}

TEST_F(HttpServerTest, DrainWaitsForAnswersAndEndsTheRest) {
  Awaited<std::shared_ptr<HttpReply>> replies;
  const auto server =
      serve([&](const HttpRequest&, HttpReply reply) { replies.set(std::make_shared<HttpReply>(std::move(reply))); });
  Peer idle(server);
  Peer waiting(server);
  waiting.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto reply = *replies.next();
  std::thread answering([&] {
    EXPECT_TRUE(idle.ended());
    idle.close();
    reply->send(http_response(200, "", "in time"));
    EXPECT_THAT(waiting.receive_until_end(), EndsWith("in time"));
    waiting.close();
  });
  EXPECT_TRUE(server_->drain(testing::kPatience));
  answering.join();
}

TEST_F(HttpServerTest, DrainCutsWhatDoesNotEnd) {
  Awaited<std::shared_ptr<HttpReply>> replies;
  Peer peer(
      serve([&](const HttpRequest&, HttpReply reply) { replies.set(std::make_shared<HttpReply>(std::move(reply))); }));
  peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto reply = *replies.next();
  EXPECT_FALSE(server_->drain(std::chrono::milliseconds(10)));
  EXPECT_TRUE(peer.ended());
  reply->send(http_response(200, "", "too late"));
}

TEST_F(HttpServerTest, ClientSendsAndReceives) {
  const auto server = serve([](HttpRequest request, HttpReply reply) {
    auto response =
        http_response(request.method == "POST" ? 201 : 200, "application/json",
                      fmt::format("{} {} {}", request.headers.get("x-token"), request.body, request.is_loopback));
    response.headers.add("X-Answer", "yes");
    reply.send(std::move(response));
  });
  const auto client = HttpClient::create("http://" + server.text());
  ASSERT_TRUE(client.has_value());
  const auto got = client->get("/a", {{"X-Token", "t"}});
  ASSERT_TRUE(got.has_value()) << got.error().message;
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(got->body, "t  true");
  EXPECT_EQ(got->headers.get("x-answer"), "yes");
  const auto posted = client->post("/b", "application/json", "{}", {});
  ASSERT_TRUE(posted.has_value());
  EXPECT_EQ(posted->status, 201);
  EXPECT_EQ(posted->body, " {} true");
}

TEST_F(HttpServerTest, ClientReceivesLargeBodies) {
  const std::string large(5'000'000, 'x');
  const auto server = serve([&](const HttpRequest&, HttpReply reply) { reply.send(http_response(200, "", large)); });
  const auto got = HttpClient::create("http://" + server.text())->get("/");
  ASSERT_TRUE(got.has_value());
  EXPECT_TRUE(got->body == large);
}

TEST_F(HttpServerTest, ClientHandsOverABodyAsItComes) {
  std::shared_ptr<EventStream> events;
  const auto server = serve([&](const HttpRequest&, HttpReply reply) {
    events = reply.start_events({});
    events->send("first", "1");
  });
  std::string received;
  const auto answer =
      HttpClient::create("http://" + server.text())->stream("POST", "/", "", "", {}, [&](std::string_view part) {
        // The answer goes on only after its first part was seen here.
        if (std::exchange(received, received + std::string(part)).empty()) {
          events->send("second", "2");
          events->close();
        }
      });
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->body, "");
  EXPECT_EQ(received, "event: first\ndata: 1\n\nevent: second\ndata: 2\n\n");
}

TEST_F(HttpServerTest, ClientSpeaksTlsWithAKnownAuthority) {
  CertificateWorkshop workshop;
  const auto pair = workshop.make("server");
  auto tls = TlsContext::load({pair.certificate, pair.key, {}});
  ASSERT_TRUE(tls.has_value()) << tls.error().message;
  const auto server = serve_over(*tls, [](const HttpRequest& request, HttpReply reply) {
    reply.send(http_response(200, "", request.is_tls ? "tls" : "plain"));
  });
  HttpClientOptions options;
  options.ca = workshop.authority();
  for (const auto& host : {"127.0.0.1", "localhost"}) {
    const auto got = HttpClient::create(fmt::format("https://{}:{}", host, server.port), options)->get("/");
    ASSERT_TRUE(got.has_value()) << got.error().message;
    EXPECT_EQ(got->body, "tls");
  }
  const auto distrustful = HttpClient::create(fmt::format("https://127.0.0.1:{}", server.port))->get("/");
  ASSERT_FALSE(distrustful.has_value());
  EXPECT_THAT(distrustful.error().message, HasSubstr("give the PEM file of the authority that signed it"));
  const auto plain = HttpClient::create(fmt::format("http://127.0.0.1:{}", server.port))->get("/");
  ASSERT_FALSE(plain.has_value());
  EXPECT_THAT(plain.error().message, HasSubstr("https://"));
}

TEST_F(HttpServerTest, ClientSaysWhenTheServerSpeaksPlainHttp) {
  const auto server = serve(describe);
  const auto got = HttpClient::create(fmt::format("https://127.0.0.1:{}", server.port))->get("/");
  ASSERT_FALSE(got.has_value());
  EXPECT_THAT(got.error().message, HasSubstr("does it speak http:// instead?"));
}

TEST_F(HttpServerTest, ClientSaysWhenItWaitsInVain) {
  Awaited<std::shared_ptr<HttpReply>> replies;
  const auto server =
      serve([&](const HttpRequest&, HttpReply reply) { replies.set(std::make_shared<HttpReply>(std::move(reply))); });
  HttpClientOptions options;
  options.timeout = std::chrono::milliseconds(50);
  const auto got = HttpClient::create("http://" + server.text(), options)->get("/");
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code, Code::Timeout);
  EXPECT_THAT(got.error().message, HasSubstr("no answer within 0.05 s"));
  server_.reset();  // the handler may still be using what this function owns
}

TEST(HttpClient, SaysWhenNobodyListens) {
  // A port that was free a moment ago.
  const auto free_port = listen_on({"127.0.0.1", 0})->bound;
  const auto got = HttpClient::create("http://" + free_port.text())->get("/");
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(
      got.error().message,
      fmt::format("cannot reach http://{}: connection refused; is `myelin serve` running there?", free_port.text()));
}

TEST(HttpClient, RefusesAddressesThatAreNotServers) {
  for (const auto* address :
       {"127.0.0.1:8080", "ftp://x", "http://", "http://a/b", "http://u@a", "http://a:99999", "http://[::1"}) {
    EXPECT_FALSE(HttpClient::create(address).has_value()) << address;
  }
  for (const auto* address : {"http://a", "https://a:1/", "http://[::1]", "http://[::1]:80"}) {
    EXPECT_TRUE(HttpClient::create(address).has_value()) << address;
  }
}

TEST(Endpoint, ReadsAndWritesAddresses) {
  EXPECT_EQ(Endpoint::parse("127.0.0.1:9092"), (Endpoint{"127.0.0.1", 9092}));
  EXPECT_EQ(Endpoint::parse("[::1]:0"), (Endpoint{"::1", 0}));
  EXPECT_EQ((Endpoint{"::1", 9092}).text(), "[::1]:9092");
  for (const auto* text : {"", "host", ":1", "host:", "host:x", "host:65536", "::1:9092", "host:1x", "host:-1"}) {
    EXPECT_FALSE(Endpoint::parse(text).has_value()) << text;
  }
  for (const auto* host : {"localhost", "127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"})
    EXPECT_TRUE(is_loopback(host)) << host;
  for (const auto* host : {"", "0.0.0.0", "127.example.com", "10.0.0.1", "::"}) EXPECT_FALSE(is_loopback(host)) << host;
}

}  // namespace
}  // namespace myelin::net
