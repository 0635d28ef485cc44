#include "net/tls.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>

#include "net/endpoint.h"
#include "net/tls_internal.h"

namespace myelin::net {
namespace {

struct Free {
  void operator()(X509* certificate) const { ::X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { ::EVP_PKEY_free(key); }
  void operator()(BIO* bio) const { ::BIO_free_all(bio); }
  void operator()(GENERAL_NAMES* names) const { ::GENERAL_NAMES_free(names); }
  void operator()(std::FILE* file) const { std::fclose(file); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

constexpr std::size_t kPemBytes = std::size_t{4} * 1024 * 1024;

Result<std::string> read_pem_file(const std::filesystem::path& path, std::string_view what) {
  const Owned<std::FILE> file(std::fopen(path.c_str(), "rbe"));
  if (!file) {
    return fail(errno == ENOENT ? Code::NotFound : Code::Io,
                "{}: cannot read the {}: {}; check the path and that this user may read it", path.string(), what,
                std::strerror(errno));
  }
  std::string text(kPemBytes, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) {
    return fail(Code::Io, "{}: cannot read the {}: {}; check that it is a regular file", path.string(), what,
                std::strerror(errno));
  }
  return text;
}

Owned<BIO> memory_bio(const std::string& text) {
  return Owned<BIO>(::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// OpenSSL would ask on the terminal; a server has nobody to ask.
int no_pass_phrase(char*, int, int, void*) { return 0; }

std::unexpected<Error> not_pem(const std::filesystem::path& path, const std::string& text, std::string_view what,
                               std::string_view block) {
  const auto name = path.string();
  if (text.empty()) return fail(Code::Invalid, "{}: the file is empty; expected a PEM {}", name, what);
  if (text.starts_with('\x30')) {
    return fail(Code::Invalid,
                "{}: this is DER (binary), not PEM; convert it: openssl {} -inform der -in {} -out {}.pem", name,
                block == "CERTIFICATE" ? "x509" : "pkey", name, name);
  }
  const auto begin = text.find("-----BEGIN ");
  if (begin == std::string::npos) {
    return fail(Code::Invalid, "{}: no PEM {} in it; expected a block that begins with -----BEGIN {}-----", name, what,
                block);
  }
  const auto found = text.substr(begin + 11, text.find("-----", begin + 11) - begin - 11);
  if (found == block)
    return fail(Code::Invalid, "{}: the {} is damaged ({}); write the file again from its source", name, what,
                tls_error());
  return fail(Code::Invalid, "{}: expected a {} (-----BEGIN {}-----), found {}; are the files swapped?", name, what,
              block, found);
}

Result<std::vector<Owned<X509>>> read_certificates(const std::filesystem::path& path) {
  auto text = read_pem_file(path, "certificate");
  if (!text) return pass(text);
  const auto bio = memory_bio(*text);
  std::vector<Owned<X509>> certificates;
  ::ERR_clear_error();
  while (X509* next = ::PEM_read_bio_X509_AUX(bio.get(), nullptr, no_pass_phrase, nullptr))
    certificates.emplace_back(next);
  const bool at_end = ERR_GET_REASON(::ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (certificates.empty() || !at_end) return not_pem(path, *text, "certificate", "CERTIFICATE");
  ::ERR_clear_error();
  return certificates;
}

Result<Owned<EVP_PKEY>> read_key(const std::filesystem::path& path) {
  auto text = read_pem_file(path, "private key");
  if (!text) return pass(text);
  const auto bio = memory_bio(*text);
  ::ERR_clear_error();
  Owned<EVP_PKEY> key(::PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr));
  if (key) return key;
  if (text->find("ENCRYPTED") != std::string::npos) {
    return fail(
        Code::Invalid,
        "{}: the private key is encrypted and a server can't ask for its pass phrase; write a plain copy that only "
        "this user may read: openssl pkey -in {} -out {}.plain",
        path.string(), path.string(), path.string());
  }
  return not_pem(path, *text, "private key", "PRIVATE KEY");
}

WallTime wall_time(const ASN1_TIME* time) {
  std::tm parts{};
  ::ASN1_TIME_to_tm(time, &parts);
  return from_unix_milliseconds(static_cast<std::int64_t>(::timegm(&parts)) * 1000);
}

std::string day(WallTime time) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::vector<std::string> host_names(const X509* certificate) {
  std::vector<std::string> names;
  const Owned<GENERAL_NAMES> found(
      static_cast<GENERAL_NAMES*>(::X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int index = 0; found && index < sk_GENERAL_NAME_num(found.get()); ++index) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(found.get(), index);
    if (name->type == GEN_DNS) {
      const auto* text = name->d.dNSName;
      names.emplace_back(reinterpret_cast<const char*>(::ASN1_STRING_get0_data(text)),
                         static_cast<std::size_t>(::ASN1_STRING_length(text)));
    } else if (name->type == GEN_IPADD) {
      const auto* bytes = name->d.iPAddress;
      sockaddr_storage address{};
      address.ss_family = ::ASN1_STRING_length(bytes) == 4 ? AF_INET : AF_INET6;
      auto* at = reinterpret_cast<std::byte*>(&address);
      // Offsets of sin_addr and sin6_addr.
      at += address.ss_family == AF_INET ? 4 : 8;
      std::memcpy(at, ::ASN1_STRING_get0_data(bytes), address.ss_family == AF_INET ? 4 : 16);
      names.push_back(endpoint_of(address).host);
    }
  }
  return names;
}

CertificateFacts facts_of(const X509* certificate) {
  return {distinguished_name(::X509_get_subject_name(certificate)),
          distinguished_name(::X509_get_issuer_name(certificate)), host_names(certificate),
          wall_time(::X509_get0_notBefore(certificate)), wall_time(::X509_get0_notAfter(certificate))};
}

Result<void> check_dates(const std::filesystem::path& path, const CertificateFacts& facts) {
  const auto now = SystemClock().wall();
  if (facts.valid_until < now) {
    return fail(Code::Invalid, "{}: the certificate of {} expired on {}; renew it and put the new file in its place",
                path.string(), facts.subject, day(facts.valid_until));
  }
  if (facts.valid_from > now) {
    return fail(Code::Invalid, "{}: the certificate of {} is not valid before {}; check this machine's clock or wait",
                path.string(), facts.subject, day(facts.valid_from));
  }
  return {};
}

SslContext new_context(const SSL_METHOD* method) {
  const SslContext context(::SSL_CTX_new(method), &::SSL_CTX_free);
  ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  ::SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                           SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  ::SSL_CTX_set_mode(context.get(),
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  ::SSL_CTX_set_read_ahead(context.get(), 1);
  return context;
}

Result<void> use_client_authorities(SSL_CTX& context, const std::filesystem::path& path) {
  auto authorities = read_certificates(path);
  if (!authorities) return pass(authorities);
  X509_STORE* store = ::SSL_CTX_get_cert_store(&context);
  for (const auto& authority : *authorities) {
    ::X509_STORE_add_cert(store, authority.get());
    ::SSL_CTX_add_client_CA(&context, authority.get());
  }
  ::SSL_CTX_set_verify(&context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  // Resumed sessions carry the verified certificate; the id keeps them from other servers' contexts.
  constexpr unsigned char kSessionContext[] = "myelin";
  ::SSL_CTX_set_session_id_context(&context, kSessionContext, sizeof kSessionContext - 1);
  return {};
}

struct CertificateFiles {
  const std::filesystem::path& certificate;
  const std::filesystem::path& key;
};

// What this side shows of itself.
Result<CertificateFacts> use_certificate(SSL_CTX& context, const CertificateFiles& files) {
  auto chain = read_certificates(files.certificate);
  if (!chain) return pass(chain);
  auto key = read_key(files.key);
  if (!key) return pass(key);
  X509* own = chain->front().get();
  if (::X509_check_private_key(own, key->get()) != 1) {
    ::ERR_clear_error();
    return fail(
        Code::Invalid,
        "{}: this key does not belong to the certificate in {}; give the key that the certificate was made with",
        files.key.string(), files.certificate.string());
  }
  auto facts = facts_of(own);
  if (auto dates = check_dates(files.certificate, facts); !dates) return pass(dates);
  if (::SSL_CTX_use_certificate(&context, own) != 1 || ::SSL_CTX_use_PrivateKey(&context, key->get()) != 1) {
    return fail(Code::Invalid, "{}: OpenSSL refuses this certificate: {}; use RSA of 2048 bits or more, or ECDSA",
                files.certificate.string(), tls_error());
  }
  for (std::size_t index = 1; index < chain->size(); ++index) {
    ::SSL_CTX_add1_chain_cert(&context, (*chain)[index].get());
  }
  return facts;
}

struct ServerContext {
  SslContext context;
  CertificateFacts facts;
};

Result<ServerContext> load_server(const TlsServerFiles& files) {
  auto context = new_context(::TLS_server_method());
  ::SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_num_tickets(context.get(), 1);
  auto facts = use_certificate(*context, {files.certificate, files.key});
  if (!facts) return pass(facts);
  if (!files.client_ca.empty()) {
    if (auto used = use_client_authorities(*context, files.client_ca); !used) return pass(used);
  }
  return ServerContext{std::move(context), *std::move(facts)};
}

}  // namespace

std::string distinguished_name(const X509_NAME* name) {
  const Owned<BIO> bio(::BIO_new(::BIO_s_mem()));
  // Letters beyond ASCII stay as they are, as Java prints them.
  ::X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  char* text = nullptr;
  const auto size = ::BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string common_name(const X509_NAME* name) {
  int last = -1;
  for (int at = ::X509_NAME_get_index_by_NID(name, NID_commonName, -1); at >= 0;
       at = ::X509_NAME_get_index_by_NID(name, NID_commonName, at)) {
    last = at;
  }
  if (last < 0) return {};
  const ASN1_STRING* value = ::X509_NAME_ENTRY_get_data(::X509_NAME_get_entry(name, last));
  unsigned char* text = nullptr;
  const int size = ::ASN1_STRING_to_UTF8(&text, value);
  if (size < 0) return {};
  std::string result(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
  ::OPENSSL_free(text);
  return result;
}

std::string tls_error() {
  const auto code = ::ERR_get_error();
  ::ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ::ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

Result<CertificateFacts> read_certificate(const std::filesystem::path& file) {
  auto certificates = read_certificates(file);
  if (!certificates) return pass(certificates);
  return facts_of(certificates->front().get());
}

Result<SslContext> client_tls_context(const TlsClientFiles& files) {
  auto context = new_context(::TLS_client_method());
  ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (!files.certificate.empty()) {
    if (auto used = use_certificate(*context, {files.certificate, files.key}); !used) return pass(used);
  }
  if (files.ca.empty()) {
    ::SSL_CTX_set_default_verify_paths(context.get());
    return context;
  }
  auto authorities = read_certificates(files.ca);
  if (!authorities) return pass(authorities);
  for (const auto& authority : *authorities)
    ::X509_STORE_add_cert(::SSL_CTX_get_cert_store(context.get()), authority.get());
  // A self-signed server certificate may be its own authority, and an intermediate may be trusted by itself.
  ::X509_STORE_set_flags(::SSL_CTX_get_cert_store(context.get()), X509_V_FLAG_PARTIAL_CHAIN);
  return context;
}

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<TlsContext>> TlsContext::load(TlsServerFiles files) {
  auto loaded = load_server(files);
  if (!loaded) return pass(loaded);
  auto impl = std::make_unique<Impl>();
  impl->files = std::move(files);
  impl->context = std::move(loaded->context);
  impl->facts = std::move(loaded->facts);
  return std::shared_ptr<TlsContext>(new TlsContext(std::move(impl)));
}

Result<void> TlsContext::reload() {
  auto loaded = load_server(impl_->files);
  if (!loaded) return pass(loaded);
  const std::lock_guard lock(impl_->mutex);
  impl_->context = std::move(loaded->context);
  impl_->facts = std::move(loaded->facts);
  return {};
}

CertificateFacts TlsContext::certificate() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->facts;
}

bool TlsContext::requires_client_certificate() const { return !impl_->files.client_ca.empty(); }

}  // namespace myelin::net
