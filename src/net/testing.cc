#include "net/testing.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/check.h"

namespace myelin::net::testing {
namespace {

struct Free {
  void operator()(X509* certificate) const { ::X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { ::EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;

constexpr long kDaySeconds = 24L * 60 * 60;

void set_name(X509_NAME* name, std::string_view text) {
  while (!text.empty()) {
    text.remove_prefix(1);
    const auto part = text.substr(0, text.find('/'));
    const auto equals = part.find('=');
    const std::string field(part.substr(0, equals));
    const std::string value(part.substr(equals + 1));
    ::X509_NAME_add_entry_by_txt(name, field.c_str(), MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(value.c_str()), -1, -1, 0);
    text.remove_prefix(part.size());
  }
}

void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  ::X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = ::X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  CHECK(extension != nullptr);
  ::X509_add_ext(certificate, extension, -1);
  ::X509_EXTENSION_free(extension);
}

Certificate unsigned_certificate(EVP_PKEY* key, const CertificateWorkshop::Wish& wish) {
  static long serial = 1;
  Certificate certificate(::X509_new());
  ::X509_set_version(certificate.get(), X509_VERSION_3);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate.get()), serial++);
  ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), wish.days_from_now * kDaySeconds);
  ::X509_gmtime_adj(::X509_getm_notAfter(certificate.get()), (wish.days_from_now + wish.days) * kDaySeconds);
  ::X509_set_pubkey(certificate.get(), key);
  set_name(::X509_get_subject_name(certificate.get()), wish.subject);
  return certificate;
}

void write_certificate(const std::filesystem::path& path, X509* certificate) {
  std::FILE* file = std::fopen(path.c_str(), "we");
  CHECK(file != nullptr && ::PEM_write_X509(file, certificate) == 1);
  std::fclose(file);
}

void set_patience(int descriptor) {
  const timeval patience{kPatience.count(), 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

}  // namespace

Peer::Peer(const Endpoint& server) {
  auto socket = connect_to(server);
  CHECK(socket.has_value());
  socket_ = std::move(*socket);
  ::fcntl(socket_.get(), F_SETFL, 0);
  set_patience(socket_.get());
}

void Peer::send(std::string_view bytes) { CHECK(try_send(bytes)); }

bool Peer::try_send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string Peer::receive(std::size_t size) {
  std::string received(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const auto got = ::recv(socket_.get(), received.data() + have, size - have, 0);
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  received.resize(have);
  return received;
}

std::string Peer::receive_frame() {
  const auto prefix = receive(4);
  if (prefix.size() < 4) return {};
  return receive(static_cast<std::size_t>(load_big_endian<std::int32_t>(as_bytes(prefix).data())));
}

std::string Peer::receive_until_end() {
  std::string all;
  for (;;) {
    const auto some = receive(1);
    if (some.empty()) return all;
    all += some;
  }
}

std::string framed(std::string_view body) {
  std::string frame(4, '\0');
  store_big_endian(reinterpret_cast<std::byte*>(frame.data()), static_cast<std::int32_t>(body.size()));
  return frame.append(body);
}

SharedBytes bytes(std::string text) {
  const auto owner = std::make_shared<const std::string>(std::move(text));
  return {owner, as_bytes(*owner)};
}

Endpoint FrameServerFixture::serve(Script script, FrameLimits limits, std::shared_ptr<TlsContext> tls,
                                   FrameServer::DiskPool disk_pool) {
  reactor_.start();
  server_ = std::make_unique<FrameServer>(reactor_, limits, std::move(disk_pool));
  FrameListener listener;
  listener.address = Endpoint{"127.0.0.1", 0};
  listener.tls = std::move(tls);
  listener.handler = [this, script = std::move(script)](std::shared_ptr<FrameConnection> connection) {
    auto handler = std::make_shared<ScriptedHandler>(std::move(connection));
    handler->closed = [this](CloseReason reason) { closed_.set(reason); };
    script(*handler);
    return handler;
  };
  const auto bound = server_->listen(std::move(listener));
  CHECK(bound.has_value());
  return *bound;
}

void FrameServerFixture::echo(ScriptedHandler& handler) {
  handler.received = [](FrameConnection& connection, SharedBytes frame) { connection.send({std::move(frame)}); };
}

void FrameServerFixture::authenticated_echo(ScriptedHandler& handler) {
  handler.opened = [](FrameConnection& connection) { connection.authenticated(); };
  echo(handler);
}

struct CertificateWorkshop::Keys {
  Key authority_key;
  Certificate authority;
};

CertificateWorkshop::CertificateWorkshop() : keys_(std::make_unique<Keys>()) {
  std::string pattern = std::filesystem::temp_directory_path() / "myelin-certificates-XXXXXX";
  CHECK(::mkdtemp(pattern.data()) != nullptr);
  directory_ = pattern;
  keys_->authority_key.reset(EVP_EC_gen("P-256"));
  auto& authority = keys_->authority;
  authority = unsigned_certificate(keys_->authority_key.get(), Wish{"/O=Quokka/CN=Quokka authority", -1, 365});
  ::X509_set_issuer_name(authority.get(), ::X509_get_subject_name(authority.get()));
  add_extension(authority.get(), authority.get(), NID_basic_constraints, "critical,CA:TRUE");
  ::X509_sign(authority.get(), keys_->authority_key.get(), ::EVP_sha256());
  authority_ = directory_ / "authority.pem";
  write_certificate(authority_, authority.get());
}

CertificateWorkshop::~CertificateWorkshop() { std::filesystem::remove_all(directory_); }

CertificateWorkshop::Pair CertificateWorkshop::make(const std::string& name, const Wish& wish) {
  const Key key(EVP_EC_gen("P-256"));
  const auto certificate = unsigned_certificate(key.get(), wish);
  ::X509_set_issuer_name(certificate.get(), ::X509_get_subject_name(keys_->authority.get()));
  add_extension(certificate.get(), keys_->authority.get(), NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  ::X509_sign(certificate.get(), keys_->authority_key.get(), ::EVP_sha256());
  Pair pair{directory_ / (name + ".pem"), directory_ / (name + ".key")};
  write_certificate(pair.certificate, certificate.get());
  std::FILE* file = std::fopen(pair.key.c_str(), "we");
  CHECK(file != nullptr && ::PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  std::fclose(file);
  return pair;
}

std::filesystem::path CertificateWorkshop::write(const std::string& name, std::string_view content) {
  const auto path = directory_ / name;
  std::FILE* file = std::fopen(path.c_str(), "we");
  CHECK(file != nullptr && std::fwrite(content.data(), 1, content.size(), file) == content.size());
  std::fclose(file);
  return path;
}

}  // namespace myelin::net::testing
