#pragma once
// One Kafka connection as governance sees it: how it came in, who it turned out to be, with which client.
// Used on the connection's loop only, except attribution(), which hands out immutable values.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/attribution.h"
#include "governance/client_quotas.h"
#include "governance/sign_in.h"
#include "policy/snapshot.h"

namespace myelin::governance {

// A listener's protocol, by Kafka's names.
enum class Security : std::uint8_t { Plaintext, SaslPlaintext, Ssl, SaslSsl };

struct Peer {
  Security security = Security::Plaintext;
  std::string host;             // numeric, without port
  std::string advertised_host;  // where the client reached us, or what the operator said to tell it
  std::int32_t advertised_port = 0;
  std::string certificate_name;  // common name of the verified client certificate; empty without one
};

class Session {
 public:
  explicit Session(Peer peer) : peer_(std::move(peer)) {}

  [[nodiscard]] const Peer& peer() const { return peer_; }
  [[nodiscard]] bool authenticated() const { return authenticated_; }
  [[nodiscard]] const PrincipalName& principal() const { return principal_; }

  // SaslHandshake v0 began a sign-in: the frames that follow are the mechanism's messages alone.
  [[nodiscard]] bool takes_raw_tokens() const { return sign_in_ && raw_tokens_; }

  // The request's client id joined with what the session knows; the same object while nothing changes.
  [[nodiscard]] std::shared_ptr<const Attribution> attribution(const std::string& client_id);
  // The principal in the eyes of this snapshot; recomputed when the snapshot is another one.
  [[nodiscard]] const policy::Subject& subject(const std::shared_ptr<const policy::Snapshot>& snapshot);
  // What quotas of clients limit whom attribution() told of; nullptr: nothing. Recomputed when the quotas changed.
  [[nodiscard]] std::shared_ptr<const policy::ClientLimits> limits(const ClientQuotas& quotas);

 private:
  friend class Path;
  void become(PrincipalName principal);

  Peer peer_;
  bool authenticated_ = false;
  bool counted_ = false;    // in the squad's connections
  bool is_ruled_ = false;   // rules of the Policy were asked about the connection
  bool has_asked_ = false;  // for anything after signing in
  SquadName counted_for_;
  PrincipalName principal_;
  std::string library_;
  std::string library_version_;
  std::unique_ptr<SignIn> sign_in_;
  bool raw_tokens_ = false;
  PasswordNumber password_ = 0;  // it signed in with; 0: none was needed
  std::uint64_t credentials_version_ = 0;
  std::shared_ptr<const Attribution> attribution_;
  std::shared_ptr<const policy::Snapshot> subject_of_;
  policy::Subject subject_;
  std::uint64_t limits_version_ = 0;  // of the quotas
  std::shared_ptr<const Attribution> limits_of_;
  std::shared_ptr<const policy::ClientLimits> limits_;
};

}  // namespace myelin::governance
