// TLS: who is let in, what the files must be like, and frames through it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "net/testing.h"

namespace myelin::net {
namespace {

using ::testing::AllOf;
using testing::Awaited;
using testing::CertificateWorkshop;
using testing::framed;
using testing::FrameServerFixture;
using ::testing::HasSubstr;
using testing::Peer;
using testing::ScriptedHandler;

// A blocking TLS client over a Peer.
class TlsPeer {
 public:
  struct Options {
    int highest_version = 0;  // 0: the library's
    CertificateWorkshop::Pair identity;
  };
  explicit TlsPeer(const Endpoint& server) : TlsPeer(server, Options{}) {}
  TlsPeer(const Endpoint& server, const Options& options)
      : peer_(server), context_(::SSL_CTX_new(::TLS_client_method()), &::SSL_CTX_free), ssl_(nullptr, &::SSL_free) {
    if (options.highest_version != 0) {
      // The library's own policy would not even offer old versions.
      ::SSL_CTX_set_security_level(context_.get(), 0);
      ::SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
      ::SSL_CTX_set_max_proto_version(context_.get(), options.highest_version);
    }
    if (!options.identity.certificate.empty()) {
      ::SSL_CTX_use_certificate_file(context_.get(), options.identity.certificate.c_str(), SSL_FILETYPE_PEM);
      ::SSL_CTX_use_PrivateKey_file(context_.get(), options.identity.key.c_str(), SSL_FILETYPE_PEM);
    }
    ssl_.reset(::SSL_new(context_.get()));
    ::SSL_set_fd(ssl_.get(), peer_.descriptor());
    connected_ = ::SSL_connect(ssl_.get()) == 1;
  }
  [[nodiscard]] bool connected() const { return connected_; }
  void send(std::string_view bytes) { ::SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())); }
  [[nodiscard]] std::string receive(std::size_t size) {
    std::string received(size, '\0');
    std::size_t have = 0;
    while (have < size) {
      const int got = ::SSL_read(ssl_.get(), received.data() + have, static_cast<int>(size - have));
      if (got <= 0) break;
      have += static_cast<std::size_t>(got);
    }
    received.resize(have);
    return received;
  }
  [[nodiscard]] std::string receive_frame() {
    const auto prefix = receive(4);
    if (prefix.size() < 4) return {};
    return receive(static_cast<std::size_t>(load_big_endian<std::int32_t>(as_bytes(prefix).data())));
  }
  [[nodiscard]] std::string server_subject() const {
    X509* certificate = ::SSL_get0_peer_certificate(ssl_.get());
    char text[256];
    return ::X509_NAME_oneline(::X509_get_subject_name(certificate), text, sizeof text);
  }

 private:
  Peer peer_;
  std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&::SSL_free)> ssl_;
  bool connected_ = false;
};

class TlsTest : public FrameServerFixture {
 protected:
  std::shared_ptr<TlsContext> context(const CertificateWorkshop::Pair& pair,
                                      const std::filesystem::path& client_ca = {}) {
    auto loaded = TlsContext::load({pair.certificate, pair.key, client_ca});
    EXPECT_TRUE(loaded.has_value()) << loaded.error().message;
    return *loaded;
  }
  static std::string load_error(TlsServerFiles files) {
    const auto loaded = TlsContext::load(std::move(files));
    return loaded.has_value() ? "no error" : loaded.error().message;
  }

  CertificateWorkshop workshop_;
};

TEST_F(TlsTest, CarriesFramesBothWays) {
  TlsPeer peer(serve(authenticated_echo, {}, context(workshop_.make("server"))));
  ASSERT_TRUE(peer.connected());
  peer.send(framed("small"));
  EXPECT_EQ(peer.receive_frame(), "small");
  const std::string large(3'000'000, 'x');
  std::thread sending([&] { peer.send(framed(large)); });
  sending.join();
  EXPECT_TRUE(peer.receive_frame() == large);
  std::string pipelined;
  for (int index = 0; index < 1000; ++index) pipelined += framed(std::to_string(index));
  peer.send(pipelined);
  EXPECT_EQ(peer.receive(pipelined.size()), pipelined);
}

TEST_F(TlsTest, RefusesVersionsBefore12) {
  const auto server = serve(echo, {}, context(workshop_.make("server")));
  EXPECT_FALSE(TlsPeer(server, {TLS1_1_VERSION, {}}).connected());
  EXPECT_EQ(closed_.next(), CloseReason::TlsFailed);
  EXPECT_TRUE(TlsPeer(server, {TLS1_2_VERSION, {}}).connected());
}

TEST_F(TlsTest, PlainBytesAreNoHandshake) {
  Peer peer(serve(echo, {}, context(workshop_.make("server"))));
  peer.send(framed("plain"));
  EXPECT_EQ(closed_.next(), CloseReason::TlsFailed);
}

TEST_F(TlsTest, AHandshakeThatStopsIsGivenUp) {
  FrameLimits limits;
  limits.authentication_deadline = std::chrono::milliseconds(30);
  Peer peer(serve(echo, limits, context(workshop_.make("server"))));
  peer.send("\x16\x03\x01");
  EXPECT_EQ(closed_.next(), CloseReason::AuthenticationDeadline);
}

TEST_F(TlsTest, KnowsTheClientByItsCertificate) {
  Awaited<std::optional<PeerCertificate>> seen;
  const auto server = serve(
      [&](ScriptedHandler& handler) {
        handler.opened = [&](FrameConnection& connection) { seen.set(connection.peer_certificate()); };
      },
      {}, context(workshop_.make("server"), workshop_.authority()));
  const auto alice = workshop_.make("alice", {"/O=Quokka/OU=Stores, North/CN=alice", -1, 10});
  const TlsPeer peer(server, {0, alice});
  ASSERT_TRUE(peer.connected());
  const auto certificate = seen.next();
  ASSERT_TRUE(certificate && *certificate);
  EXPECT_EQ((*certificate)->subject, "CN=alice,OU=Stores\\, North,O=Quokka");
  EXPECT_EQ((*certificate)->common_name, "alice");
}

TEST_F(TlsTest, RefusesClientsWithoutAnAcceptedCertificate) {
  const auto server = serve(echo, {}, context(workshop_.make("server"), workshop_.authority()));
  const TlsPeer nobody(server);
  EXPECT_EQ(closed_.next(), CloseReason::TlsFailed);
  CertificateWorkshop elsewhere;
  const TlsPeer stranger(server, {0, elsewhere.make("stranger")});
  EXPECT_EQ(closed_.next(), CloseReason::TlsFailed);
  const TlsPeer late(server, {0, workshop_.make("late", {"/CN=late", -10, 5})});
  EXPECT_EQ(closed_.next(), CloseReason::TlsFailed);
}

TEST_F(TlsTest, ReloadChangesTheCertificateOfNewConnections) {
  const auto pair = workshop_.make("server", {"/CN=before", -1, 10});
  const auto tls = context(pair);
  const auto server = serve(echo, {}, tls);
  TlsPeer first(server);
  EXPECT_EQ(first.server_subject(), "/CN=before");
  static_cast<void>(workshop_.make("server", {"/CN=after", -1, 10}));
  ASSERT_TRUE(tls->reload().has_value());
  EXPECT_EQ(TlsPeer(server).server_subject(), "/CN=after");
  EXPECT_EQ(tls->certificate().subject, "CN=after");
  first.send(framed("still here"));
  EXPECT_EQ(first.receive_frame(), "still here");
}

TEST_F(TlsTest, AReloadThatFailsChangesNothing) {
  const auto pair = workshop_.make("server", {"/CN=before", -1, 10});
  const auto tls = context(pair);
  static_cast<void>(workshop_.write("server.pem", "not a certificate"));
  EXPECT_FALSE(tls->reload().has_value());
  EXPECT_EQ(TlsPeer(serve(echo, {}, tls)).server_subject(), "/CN=before");
}

TEST_F(TlsTest, TellsWhatIsInACertificate) {
  const auto facts = read_certificate(workshop_.make("server", {"/O=Quokka/CN=server", -1, 10}).certificate);
  ASSERT_TRUE(facts.has_value());
  EXPECT_EQ(facts->subject, "CN=server,O=Quokka");
  EXPECT_EQ(facts->issuer, "CN=Quokka authority,O=Quokka");
  EXPECT_THAT(facts->host_names, ::testing::ElementsAre("localhost", "127.0.0.1"));
  EXPECT_EQ(facts->valid_until - facts->valid_from, std::chrono::days(10));
}

TEST_F(TlsTest, ExplainsFilesThatCannotBeUsed) {
  const auto good = workshop_.make("good");
  const auto other = workshop_.make("other");
  const auto missing = workshop_.directory() / "missing.pem";
  EXPECT_THAT(load_error({missing, good.key, {}}), AllOf(HasSubstr("missing.pem"), HasSubstr("No such file")));
  EXPECT_THAT(load_error({good.certificate, missing, {}}), AllOf(HasSubstr("missing.pem"), HasSubstr("private key")));
  EXPECT_THAT(load_error({good.certificate, good.key, missing}), HasSubstr("missing.pem"));
  EXPECT_THAT(load_error({workshop_.directory(), good.key, {}}), HasSubstr("regular file"));
  EXPECT_THAT(load_error({good.certificate, other.key, {}}),
              AllOf(HasSubstr("other.key"), HasSubstr("does not belong"), HasSubstr("good.pem")));
  EXPECT_THAT(load_error({good.key, good.certificate, {}}), HasSubstr("are the files swapped?"));
  EXPECT_THAT(load_error({workshop_.write("empty.pem", ""), good.key, {}}), HasSubstr("empty"));
  EXPECT_THAT(load_error({workshop_.write("text.pem", "hello"), good.key, {}}),
              HasSubstr("-----BEGIN CERTIFICATE-----"));
  EXPECT_THAT(load_error({workshop_.write("der.crt", "\x30\x82\x01"), good.key, {}}),
              HasSubstr("openssl x509 -inform der"));
  EXPECT_THAT(
      load_error(
          {workshop_.write("cut.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"), good.key, {}}),
      HasSubstr("damaged"));
}

TEST_F(TlsTest, ExplainsCertificatesOutOfTheirTime) {
  const auto expired = workshop_.make("expired", {"/CN=old", -20, 10});
  EXPECT_THAT(load_error({expired.certificate, expired.key, {}}),
              AllOf(HasSubstr("expired.pem"), HasSubstr("expired on"), HasSubstr("renew")));
  const auto early = workshop_.make("early", {"/CN=new", 5, 10});
  EXPECT_THAT(load_error({early.certificate, early.key, {}}), HasSubstr("not valid before"));
}

TEST_F(TlsTest, ExplainsEncryptedKeys) {
  const auto pair = workshop_.make("server");
  std::FILE* in = std::fopen(pair.key.c_str(), "re");
  EVP_PKEY* key = ::PEM_read_PrivateKey(in, nullptr, nullptr, nullptr);
  std::fclose(in);
  const auto encrypted = workshop_.directory() / "encrypted.key";
  std::FILE* out = std::fopen(encrypted.c_str(), "we");
  const unsigned char secret[] = "secret";
  ::PEM_write_PrivateKey(out, key, ::EVP_aes_256_cbc(), secret, 6, nullptr, nullptr);
  std::fclose(out);
  ::EVP_PKEY_free(key);
  EXPECT_THAT(load_error({pair.certificate, encrypted, {}}),
              AllOf(HasSubstr("encrypted.key"), HasSubstr("openssl pkey")));
}

// File ranges of several turns, mixed with memory, over plain sockets and TLS.
class FileRangeTest : public TlsTest, public ::testing::WithParamInterface<bool> {
 protected:
  FileRangeTest() {
    content_.resize(1'500'000);
    for (std::size_t index = 0; index < content_.size(); ++index)
      content_[index] = static_cast<char>(index * 31 + index / 251);
    const auto path = workshop_.write("segment", content_);
    file_ = std::make_shared<const FileHandle>(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  }
  std::string fetch(const Endpoint& server) {
    if (!GetParam()) {
      Peer peer(server);
      peer.send(framed("fetch"));
      return peer.receive_frame();
    }
    TlsPeer peer(server);
    peer.send(framed("fetch"));
    return peer.receive_frame();
  }
  std::shared_ptr<TlsContext> tls() { return GetParam() ? context(workshop_.make("server")) : nullptr; }

  std::string content_;
  std::shared_ptr<const FileHandle> file_;
};

TEST_P(FileRangeTest, ArriveWholeAndInOrder) {
  const auto server = serve(
      [&](ScriptedHandler& handler) {
        handler.received = [&](FrameConnection& connection, const SharedBytes&) {
          connection.send({testing::bytes("head"), FileRange{file_, 7, 1'000'000}, FileRange{file_, 3, 0},
                           testing::bytes("between"), FileRange{file_, 0, 1}, FileRange{file_, 1'200'000, 300'000}});
        };
      },
      {}, tls());
  const auto expected =
      "head" + content_.substr(7, 1'000'000) + "between" + content_.substr(0, 1) + content_.substr(1'200'000, 300'000);
  EXPECT_TRUE(fetch(server) == expected);
}

// As a fetch of many partitions with little in each: short ones are read and go out together.
TEST_P(FileRangeTest, ShortOnesArriveWholeAndInOrderAmongLongOnes) {
  const std::vector<std::uint32_t> lengths{1, 300, 32'768, 32'769, 20, 0, 70'000, 4'096, 15, 31'000, 31'000, 31'000, 2};
  PayloadChain chain;
  std::string expected;
  std::uint64_t offset = 5;
  for (int round = 0; round < 8; ++round) {
    for (const auto length : lengths) {
      chain.emplace_back(testing::bytes("part"));
      chain.emplace_back(FileRange{file_, offset, length});
      expected += "part" + content_.substr(offset, length);
      offset = (offset + length) % 1'000'000;
    }
  }
  const auto server = serve(
      [&](ScriptedHandler& handler) {
        handler.received = [&](FrameConnection& connection, const SharedBytes&) { connection.send(chain); };
      },
      {}, tls());
  EXPECT_TRUE(fetch(server) == expected);
}

TEST_P(FileRangeTest, OutliveTheirSlowReaderWithoutMemory) {
  const auto server = serve(
      [&](ScriptedHandler& handler) {
        handler.received = [&](FrameConnection& connection, const SharedBytes&) {
          PayloadChain chain;
          for (int index = 0; index < 20; ++index) chain.emplace_back(FileRange{file_, 0, 1'500'000});
          connection.send(std::move(chain));
        };
      },
      {}, tls());
  const auto received = fetch(server);
  ASSERT_EQ(received.size(), 20 * content_.size());
  for (std::size_t index = 0; index < 20; ++index) {
    ASSERT_TRUE(received.compare(index * content_.size(), content_.size(), content_) == 0);
  }
}

TEST_P(FileRangeTest, AFileShorterThanPromisedEndsTheConnection) {
  const auto server = serve(
      [&](ScriptedHandler& handler) {
        handler.received = [&](FrameConnection& connection, const SharedBytes&) {
          connection.send({FileRange{file_, 1'400'000, 200'000}});
        };
      },
      {}, tls());
  EXPECT_EQ(fetch(server).size(), 100'000U);
  EXPECT_EQ(closed_.next(), CloseReason::FileFailed);
}

TEST_P(FileRangeTest, AFileShorterThanAShortRangePromisesEndsTheConnection) {
  const auto server = serve(
      [&](ScriptedHandler& handler) {
        handler.received = [&](FrameConnection& connection, const SharedBytes&) {
          connection.send({testing::bytes("head"), FileRange{file_, 1'499'990, 20}});
        };
      },
      {}, tls());
  EXPECT_EQ(fetch(server), "head" + content_.substr(1'499'990));
  EXPECT_EQ(closed_.next(), CloseReason::FileFailed);
}

// Whether the first page is in memory. Unlike a read that may not wait, asking this way makes the kernel read nothing.
bool is_mapped_in(const FileRange& range) {
  const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const auto page = static_cast<off_t>(range.offset / page_bytes * page_bytes);
  void* mapped = ::mmap(nullptr, page_bytes, PROT_READ, MAP_SHARED, range.file->descriptor(), page);
  unsigned char state = 0;
  EXPECT_EQ(::mincore(mapped, page_bytes, &state), 0);
  ::munmap(mapped, page_bytes);
  return (state & 1U) != 0;
}

TEST_P(FileRangeTest, EachColdRangeIsReadByTheDiskPoolBeforeItIsSent) {
  const FileRange beginning{file_, 0, 10'000};
  const FileRange end{file_, 1'400'000, 100'000};  // too far away for the kernel to read it along with the beginning
  std::atomic<int> warmed = 0;
  const auto server = serve(
      [&](ScriptedHandler& handler) {
        handler.received = [&](FrameConnection& connection, const SharedBytes&) { connection.send({beginning, end}); };
      },
      {}, tls(),
      [&](Task task) {
        ++warmed;
        std::thread(std::move(task)).join();
      });
  ::fdatasync(file_->descriptor());
  ::posix_fadvise(file_->descriptor(), 0, 0, POSIX_FADV_DONTNEED);
  // Whether the file system lets go of its pages is its business.
  const int cold = (is_mapped_in(beginning) ? 0 : 1) + (is_mapped_in(end) ? 0 : 1);
  EXPECT_TRUE(fetch(server) == content_.substr(0, 10'000) + content_.substr(1'400'000));
  EXPECT_EQ(warmed, cold);
}

TEST_P(FileRangeTest, AreSentWhenTheirLastByteHasGoneToTheSocket) {
  Awaited<std::uint64_t> sent;
  const auto server = serve(
      [&](ScriptedHandler& handler) {
        handler.sent = [&](std::uint64_t frames) { sent.set(frames); };
        handler.received = [&](FrameConnection& connection, const SharedBytes&) {
          connection.send({testing::bytes("head"), FileRange{file_, 0, 1'500'000}, FileRange{file_, 3, 0}});
        };
      },
      {}, tls());
  EXPECT_EQ(fetch(server).size(), 4 + content_.size());
  EXPECT_EQ(sent.next(), 1U);
}

TEST_P(FileRangeTest, AreNotSentWhenTheirReaderLeavesInTheMiddle) {
  // Far more than the buffers of both sockets hold.
  constexpr int kPieces = 100;
  std::vector<std::uint64_t> sent;
  const auto server = serve(
      [&](ScriptedHandler& handler) {
        handler.sent = [&](std::uint64_t frames) { sent.push_back(frames); };
        handler.received = [&](FrameConnection& connection, const SharedBytes&) {
          connection.send({testing::bytes("small")});
          PayloadChain chain;
          for (int index = 0; index < kPieces; ++index) chain.emplace_back(FileRange{file_, 0, 1'500'000});
          connection.send(std::move(chain));
        };
      },
      {}, tls());
  if (GetParam()) {
    TlsPeer peer(server);
    peer.send(framed("fetch"));
    EXPECT_EQ(peer.receive_frame(), "small");
  } else {
    Peer peer(server);
    peer.send(framed("fetch"));
    EXPECT_EQ(peer.receive_frame(), "small");
  }
  ASSERT_TRUE(closed_.next());
  EXPECT_EQ(sent, std::vector<std::uint64_t>{1});
}

INSTANTIATE_TEST_SUITE_P(Over, FileRangeTest, ::testing::Values(false, true),
                         [](const auto& name) { return name.param ? "Tls" : "Plain"; });

}  // namespace
}  // namespace myelin::net
