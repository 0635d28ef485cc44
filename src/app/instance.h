#pragma once
// A running Myelin: every part, in the order in which they are made; destroyed in reverse. The start order is storage
// recovered, catalogue, state replayed, policy snapshot, listeners.
#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "api/server.h"
#include "app/listener.h"
#include "app/serve.h"
#include "base/clock.h"
#include "base/result.h"
#include "engine/broker/broker.h"
#include "engine/engine.h"
#include "engine/upstream/upstream.h"
#include "governance/access_desk.h"
#include "governance/administration.h"
#include "governance/claim_desk.h"
#include "governance/durable_state.h"
#include "governance/enrolment.h"
#include "governance/kept_time.h"
#include "governance/model_changes.h"
#include "governance/path.h"
#include "governance/policy_holder.h"
#include "governance/proposal_desk.h"
#include "governance/questions.h"
#include "governance/topic_repair.h"
#include "net/frame_server.h"
#include "net/http_server.h"
#include "net/reactor.h"
#include "net/tls.h"
#include "storage/executor.h"
#include "storage/posix_file_system.h"

namespace myelin::app {

class Instance {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Instance>> start(const ServeOptions& options);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  // Where it listens, with the ports that were bound.
  [[nodiscard]] const std::vector<std::string>& addresses() const { return addresses_; }
  [[nodiscard]] const std::string& http_address() const { return http_address_; }
  // Where the one-time token lies; empty when nobody needs to enrol.
  [[nodiscard]] std::string enrolment_path() const;
  [[nodiscard]] const storage::RecoveryReport& recovery() const { return broker_->logs().recovery(); }

  // Reads certificate, key and client authorities again; new connections get them. What is broken is logged, and that
  // listener keeps what it has.
  void reload_certificates();

  // Not ready at once, then no new connections, answers that are owed, a sync, and the mark of a clean stop.
  [[nodiscard]] Result<void> stop(std::chrono::milliseconds deadline);

 private:
  explicit Instance(ServeOptions options) : options_(std::move(options)) {}
  [[nodiscard]] Result<void> open_engine();
  [[nodiscard]] Result<void> open_upstream();
  [[nodiscard]] Result<void> open_governance();
  [[nodiscard]] Result<void> listen();
  [[nodiscard]] Result<void> listen_kafka(const Listener& listener);
  [[nodiscard]] Result<void> listen_http();
  [[nodiscard]] Result<std::shared_ptr<net::TlsContext>> tls(bool with_client_ca);
  void housekeep();
  void check_journal();
  [[nodiscard]] std::vector<api::DoctorCheck> doctor() const;
  [[nodiscard]] api::DoctorCheck clock_check() const;
  void add_contract_checks(std::vector<api::DoctorCheck>& checks) const;
  void add_metrics(api::MetricsPage& page) const;

  ServeOptions options_;
  SystemClock clock_;
  storage::PosixFileSystem files_;
  std::unique_ptr<storage::StoragePool> storage_pool_;
  std::unique_ptr<storage::StoragePool> passwords_pool_;  // of Kafka's clients
  std::unique_ptr<storage::StoragePool> requests_pool_;   // of HTTP: plans take seconds of a processor
  std::unique_ptr<net::Reactor> reactor_;
  std::unique_ptr<engine::broker::Broker> broker_;
  std::unique_ptr<engine::upstream::Upstream> upstream_;  // null with the embedded broker
  engine::Engine* engine_ = nullptr;
  std::unique_ptr<governance::KeptTime> time_;  // what the control plane goes by
  governance::DurableState state_;
  std::unique_ptr<governance::Enrolment> enrolment_;
  std::unique_ptr<governance::PolicyHolder> policy_;
  std::unique_ptr<governance::Path> path_;
  std::unique_ptr<governance::Questions> questions_;
  std::unique_ptr<governance::Administration> administration_;
  std::unique_ptr<governance::TopicRepair> repair_;
  std::unique_ptr<governance::ModelChanges> model_changes_;
  std::unique_ptr<governance::ProposalDesk> proposals_;
  std::unique_ptr<governance::AccessDesk> access_;
  std::unique_ptr<governance::ClaimDesk> claims_;
  std::unique_ptr<governance::Reviews> reviews_;
  std::unique_ptr<governance::RecertifyDesk> recertify_;
  std::unique_ptr<api::Server> api_;
  std::unique_ptr<net::FrameServer> frames_;
  std::unique_ptr<net::HttpServer> http_;
  std::unique_ptr<net::HttpServer> metrics_http_;
  std::vector<std::shared_ptr<net::TlsContext>> certificates_;  // one a listener with TLS
  std::vector<std::string> addresses_;
  std::string http_address_;
  std::atomic<bool> ready_{false};
  std::atomic<bool> state_failed_{false};

  std::mutex housekeeping_mutex_;
  std::condition_variable housekeeping_wake_;
  bool stopping_ = false;
  std::thread housekeeping_;
  std::thread journal_check_;
};

}  // namespace myelin::app
