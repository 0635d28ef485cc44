#include "bench/transport.h"

#include <openssl/err.h>

#include "bench/measure.h"

namespace myelin::bench {
namespace {

using Context = std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)>;

// The server's certificate is not checked: both ends are on this machine, and the server's part is what is measured.
const Context& context() {
  static const Context kMade = [] {
    Context context(::SSL_CTX_new(::TLS_client_method()), &::SSL_CTX_free);
    ::SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
    ::SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    return context;
  }();
  return kMade;
}

[[noreturn]] void tls_failed(const char* what) {
  char reason[256] = "the connection ended";
  if (const auto error = ::ERR_get_error(); error != 0) ::ERR_error_string_n(error, reason, sizeof reason);
  die("TLS {}: {}", what, reason);
}

}  // namespace

Transport::Transport(Socket socket, Cipher cipher) : socket_(std::move(socket)), tls_(nullptr, &::SSL_free) {
  if (cipher == Cipher::None) return;
  tls_.reset(::SSL_new(context().get()));
  ::SSL_set_fd(tls_.get(), socket_.descriptor());
  if (::SSL_connect(tls_.get()) != 1) tls_failed("handshake");
}

void Transport::write_all(std::span<const std::byte> bytes) const {
  if (!tls_) return socket_.write_all(bytes);
  std::size_t written = 0;
  if (::SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &written) != 1) tls_failed("write");
}

bool Transport::read_exactly(std::span<std::byte> bytes) const {
  if (!tls_) return socket_.read_exactly(bytes);
  while (!bytes.empty()) {
    std::size_t received = 0;
    if (::SSL_read_ex(tls_.get(), bytes.data(), bytes.size(), &received) != 1) return false;
    bytes = bytes.subspan(received);
  }
  return true;
}

}  // namespace myelin::bench
