#pragma once
// Certificates and keys for TLS 1.2 and newer. A context is loaded from PEM files, shared by many connections, and can
// be reloaded while they run: connections that exist keep what they were made with, new ones get the new certificate.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace myelin::net {

struct TlsServerFiles {
  std::filesystem::path certificate;  // PEM: the server's certificate, then its intermediates
  std::filesystem::path key;          // PEM, not encrypted
  std::filesystem::path client_ca;    // PEM; when set, every client must show a certificate signed by one of these
};

// What a client of somebody else's server needs. All may be empty.
struct TlsClientFiles {
  std::filesystem::path ca;           // PEM; trusted instead of the system's certificates
  std::filesystem::path certificate;  // PEM: who it is, for a server that asks
  std::filesystem::path key;          // PEM, not encrypted
};

struct CertificateFacts {
  std::string subject;                  // RFC 2253, as Kafka prints principals: "CN=orders,O=Quokka"
  std::string issuer;                   // RFC 2253
  std::vector<std::string> host_names;  // subject alternative names: DNS names and IP addresses
  WallTime valid_from;
  WallTime valid_until;
};

// Reads one certificate without using it, for diagnosis.
[[nodiscard]] Result<CertificateFacts> read_certificate(const std::filesystem::path& file);

// The server side of TLS. Every error names the file, says what is wrong with it and what to do next: missing, not PEM,
// key of another certificate, encrypted key, not yet valid, expired.
class TlsContext {
 public:
  [[nodiscard]] static Result<std::shared_ptr<TlsContext>> load(TlsServerFiles files);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // Reads the same files again. On an error the context stays as it was. Safe to call from any thread.
  [[nodiscard]] Result<void> reload();
  [[nodiscard]] CertificateFacts certificate() const;
  [[nodiscard]] bool requires_client_certificate() const;

  struct Impl;
  [[nodiscard]] Impl& impl() { return *impl_; }  // for this module's own files

 private:
  explicit TlsContext(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace myelin::net
