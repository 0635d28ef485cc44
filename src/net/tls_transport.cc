// TLS over a non-blocking socket, by OpenSSL on the descriptor itself.
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "net/tls_internal.h"
#include "net/transport.h"

namespace myelin::net {
namespace {

using Status = IoResult::Status;

constexpr std::size_t kRecordBytes = std::size_t{16} * 1024;  // a TLS record carries no more

struct FreeSsl {
  void operator()(SSL* ssl) const { ::SSL_free(ssl); }
};

class TlsTransport final : public Transport {
 public:
  TlsTransport(Descriptor descriptor, const SslContext& context)
      : Transport(std::move(descriptor)), ssl_(::SSL_new(context.get())) {
    ::SSL_set_fd(ssl_.get(), this->descriptor());
  }

  void accept() { ::SSL_set_accept_state(ssl_.get()); }
  void connect(const std::string& host) {
    ::SSL_set_connect_state(ssl_.get());
    in6_addr address{};
    const bool numeric =
        ::inet_pton(AF_INET, host.c_str(), &address) == 1 || ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
    if (numeric) {
      ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl_.get()), host.c_str());
    } else {
      ::SSL_set_tlsext_host_name(ssl_.get(), const_cast<char*>(host.c_str()));  // the macro's type predates const
      ::SSL_set1_host(ssl_.get(), host.c_str());
    }
  }

  IoResult handshake() override {
    begin();
    const int status = ::SSL_do_handshake(ssl_.get());
    if (status == 1) return {};
    return stopped(status, Status::WantRead);
  }

  IoResult read(std::span<std::byte> to) override {
    begin();
    std::size_t size = 0;
    const int status = ::SSL_read_ex(ssl_.get(), to.data(), to.size(), &size);
    if (status == 1) return {Status::Done, size};
    return stopped(status, Status::WantRead);
  }

  IoResult write(std::span<const iovec> from, bool) override {
    // One record for all the small pieces; a large first piece is encrypted where it lies.
    std::array<std::byte, kRecordBytes> record;  // NOLINT: filled before it is read
    const void* data = from.front().iov_base;
    std::size_t size = from.front().iov_len;
    if (from.size() > 1 && size < kRecordBytes) {
      size = 0;
      for (const auto& piece : from) {
        const auto part = std::min(piece.iov_len, kRecordBytes - size);
        std::memcpy(record.data() + size, piece.iov_base, part);
        size += part;
        if (size == kRecordBytes) break;
      }
      data = record.data();
    }
    begin();
    std::size_t written = 0;
    const int status = ::SSL_write_ex(ssl_.get(), data, std::min(size, kRecordBytes), &written);
    if (status == 1) return {Status::Done, written};
    return stopped(status, Status::WantWrite);
  }

  IoResult write_file(int, std::uint64_t, std::size_t) override {
    return failed(Fault::File, "files are read before they are encrypted");
  }
  bool takes_files() const override { return false; }
  bool holds_input() const override { return ::SSL_has_pending(ssl_.get()) != 0; }
  std::size_t read_bytes_max() const override { return kRecordBytes; }
  void keep_buffers(bool keep) override {
    if (keep) {
      ::SSL_clear_mode(ssl_.get(), SSL_MODE_RELEASE_BUFFERS);
    } else {
      ::SSL_set_mode(ssl_.get(), SSL_MODE_RELEASE_BUFFERS);
      ::SSL_free_buffers(ssl_.get());
    }
  }

  void end_writing() override {
    begin();
    if (::SSL_is_init_finished(ssl_.get()) != 0) ::SSL_shutdown(ssl_.get());
    ::shutdown(descriptor(), SHUT_WR);
  }

  std::optional<PeerCertificate> peer_certificate() const override {
    X509* certificate = ::SSL_get0_peer_certificate(ssl_.get());
    if (certificate == nullptr) return std::nullopt;
    const X509_NAME* subject = ::X509_get_subject_name(certificate);
    return PeerCertificate{distinguished_name(subject), common_name(subject)};
  }

  bool is_tls() const override { return true; }

 private:
  // What went wrong is told by OpenSSL's queue and errno together; neither is cleared by success.
  static void begin() {
    ::ERR_clear_error();
    errno = 0;
  }

  IoResult stopped(int status, Status default_wait) {
    switch (::SSL_get_error(ssl_.get(), status)) {
      case SSL_ERROR_WANT_READ:
        return {Status::WantRead, 0};
      case SSL_ERROR_WANT_WRITE:
        return {Status::WantWrite, 0};
      case SSL_ERROR_ZERO_RETURN:
        return {Status::Ended, 0};
      case SSL_ERROR_SYSCALL:
        if (errno == EINTR) return {default_wait, 0};
        return errno == 0 ? IoResult{Status::Ended, 0} : failed(Fault::Network, std::strerror(errno));
      default:
        break;
    }
    const long verified = ::SSL_get_verify_result(ssl_.get());
    if (verified != X509_V_OK) {
      ::ERR_clear_error();
      return failed(Fault::Tls, fmt::format("certificate not accepted: {}", ::X509_verify_cert_error_string(verified)));
    }
    return failed(Fault::Tls, tls_error());
  }

  std::unique_ptr<SSL, FreeSsl> ssl_;
};

}  // namespace

std::unique_ptr<Transport> tls_server_transport(Descriptor descriptor, const SslContext& context) {
  auto transport = std::make_unique<TlsTransport>(std::move(descriptor), context);
  transport->accept();
  return transport;
}

std::unique_ptr<Transport> tls_client_transport(Descriptor descriptor, const SslContext& context,
                                                const std::string& host) {
  auto transport = std::make_unique<TlsTransport>(std::move(descriptor), context);
  transport->connect(host);
  return transport;
}

}  // namespace myelin::net
