#pragma once
// OpenSSL's types behind tls.h and the TLS transport. Private to this module.
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "net/tls.h"
#include "net/transport.h"

namespace myelin::net {

using SslContext = std::shared_ptr<SSL_CTX>;

struct TlsContext::Impl {
  TlsServerFiles files;
  mutable std::mutex mutex;
  SslContext context;
  CertificateFacts facts;

  [[nodiscard]] SslContext current() const {
    const std::lock_guard lock(mutex);
    return context;
  }
};

// Verifies servers. Errors are as those of TlsContext.
[[nodiscard]] Result<SslContext> client_tls_context(const TlsClientFiles& files);

[[nodiscard]] std::unique_ptr<Transport> tls_server_transport(Descriptor descriptor, const SslContext& context);
// `host` must be in the server's certificate, as a name or as an address.
[[nodiscard]] std::unique_ptr<Transport> tls_client_transport(Descriptor descriptor, const SslContext& context,
                                                              const std::string& host);

// Certificate names as Kafka prints them (RFC 2253), and the most specific common name.
[[nodiscard]] std::string distinguished_name(const X509_NAME* name);
[[nodiscard]] std::string common_name(const X509_NAME* name);

// What OpenSSL says went wrong last, and forgets it.
[[nodiscard]] std::string tls_error();

}  // namespace myelin::net
