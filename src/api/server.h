#pragma once
// Everything Myelin answers over HTTP: guards the request, finds out who asks, and calls the route's use case. A thin
// layer: what an asker may see or do is decided in governance.
//
// Threads: handle() is a net::HttpServer::Handler; it never blocks. What may wait runs where `Services::blocking` runs
// it.
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/answers.h"
#include "api/map_feed.h"
#include "api/metrics.h"
#include "api/request_guard.h"
#include "api/router.h"
#include "api/sign_in.h"
#include "base/clock.h"
#include "governance/access_desk.h"
#include "governance/administration.h"
#include "governance/claim_desk.h"
#include "governance/model_changes.h"
#include "governance/policy_holder.h"
#include "governance/proposal_desk.h"
#include "governance/questions.h"
#include "governance/recertify_desk.h"
#include "governance/reviews.h"
#include "governance/rule_counts.h"
#include "governance/topic_repair.h"
#include "net/http_server.h"
#include "net/reactor.h"
#include "state/audit_log.h"

namespace myelin::api {

[[nodiscard]] inline governance::Asker asker_of(const Query& query) { return {query.asker, query.request.peer.host}; }

enum class Verdict { Ok, Warning, Failed };
struct DoctorCheck {
  std::string name;
  Verdict verdict = Verdict::Ok;
  std::string finding;
  std::string advice;  // empty when all is well
};

// What the routes rest on. References outlive the server.
struct Services {
  governance::Questions& questions;
  governance::Administration& administration;
  governance::TopicRepair& repair;
  governance::ModelChanges& model_changes;
  governance::ProposalDesk& proposals;
  governance::AccessDesk& access;
  governance::ClaimDesk& claims;
  governance::Reviews& reviews;
  governance::RecertifyDesk& recertify;
  governance::PolicyHolder& policy;
  governance::RuleCounts& rule_counts;
  governance::Credentials& credentials;
  state::AuditLog& audit;
  const Clock& clock;
  std::function<void(net::Task)> blocking;              // runs a task off the event loops
  std::function<std::optional<std::string>()> unready;  // why traffic is not taken yet; nothing when it is
  std::function<std::vector<DoctorCheck>()> doctor;
  std::function<void(MetricsPage&)> metrics;  // adds what the process counts
  // Whether the upstream cluster can't be reached, so that Kafka clients can't be served although HTTP can.
  std::function<bool()> is_cut_off = [] { return false; };
};

struct ServerOptions {
  HostNames host_names;   // besides loopback names over loopback
  bool dev_mode = false;  // requests over loopback without credentials act as platform
  AttachMode attach_mode = AttachMode::Embedded;
  std::string version;
};

class Server {
 public:
  // Password checks at a time; each costs milliseconds of CPU, so more are refused for the moment.
  static constexpr int kChecksAtOnce = 8;
  static constexpr std::size_t kBodyBytes = 64 * 1024;
  static constexpr std::size_t kModelBytes = 80 * 1024 * 1024;  // of a folder's files, as JSON

  Server(Services services, ServerOptions options);
  ~Server();

  void start();  // live events
  void stop();
  void handle(net::HttpRequest request, net::HttpReply reply);
  // A net::HttpServer::TakesLargeBody.
  [[nodiscard]] bool takes_large_body(const net::HttpRequest& request) const;
  // Answers /metrics alone, to everyone: for a listener of its own.
  void handle_metrics(net::HttpRequest request, net::HttpReply reply);

  [[nodiscard]] const std::vector<Route>& routes() const { return router_.routes(); }

 private:
  using Answer = std::function<net::HttpResponse(const Query&)>;

  [[nodiscard]] std::vector<Route> make_routes();
  [[nodiscard]] std::vector<Route> model_routes();
  // A route that computes its answer on a thread that may wait.
  [[nodiscard]] Route route(std::string_view method, std::string_view pattern, RouteAccess access, Answer answer);
  [[nodiscard]] Route get_route(std::string_view pattern, net::HttpResponse (Server::*answer)(const Query&) const);
  [[nodiscard]] Route change_route(std::string_view method, std::string_view pattern, RouteAccess access,
                                   net::HttpResponse (Server::*answer)(const Query&));
  [[nodiscard]] Route folder_route(std::string_view pattern, net::HttpResponse (Server::*answer)(const Query&));
  void answer_route(Router::Match match, net::HttpRequest request, net::HttpReply reply);
  void sign_in_then(Query query, const Route& route, net::HttpReply reply);
  [[nodiscard]] Result<Identity> checked(const Login& login, const net::HttpRequest& request);
  [[nodiscard]] net::HttpResponse unauthenticated(const net::HttpRequest& request, std::string_view detail) const;

  [[nodiscard]] net::HttpResponse me(const Query& query) const;
  [[nodiscard]] net::HttpResponse open_session(const Query& query);
  [[nodiscard]] net::HttpResponse close_session(const Query& query);
  [[nodiscard]] net::HttpResponse who(const Query& query) const;
  [[nodiscard]] net::HttpResponse usage(const Query& query) const;
  [[nodiscard]] net::HttpResponse recomputed_usage(const Query& query) const;
  [[nodiscard]] net::HttpResponse lineage(const Query& query) const;
  [[nodiscard]] net::HttpResponse organisation(const Query& query) const;
  [[nodiscard]] net::HttpResponse acls(const Query& query) const;
  [[nodiscard]] net::HttpResponse renew_grant(const Query& query);
  [[nodiscard]] net::HttpResponse recertify_grant(const Query& query);
  [[nodiscard]] net::HttpResponse recertifications(const Query& query) const;
  [[nodiscard]] net::HttpResponse break_glass(const Query& query);
  [[nodiscard]] net::HttpResponse review(const Query& query) const;
  [[nodiscard]] net::HttpResponse policy_rules(const Query& query) const;
  [[nodiscard]] net::HttpResponse access_times(const Query& query) const;
  [[nodiscard]] net::HttpResponse adoption(const Query& query) const;
  [[nodiscard]] net::HttpResponse adoption_folder(const Query& query) const;
  [[nodiscard]] net::HttpResponse topics(const Query& query) const;
  [[nodiscard]] net::HttpResponse groups(const Query& query) const;
  [[nodiscard]] net::HttpResponse throttled(const Query& query) const;
  [[nodiscard]] net::HttpResponse quotas(const Query& query) const;
  [[nodiscard]] net::HttpResponse clients(const Query& query) const;
  [[nodiscard]] net::HttpResponse denials(const Query& query) const;
  [[nodiscard]] net::HttpResponse audit(const Query& query) const;
  [[nodiscard]] net::HttpResponse map(const Query& query) const;
  void map_events(Query query, net::HttpReply reply);
  [[nodiscard]] net::HttpResponse doctor(const Query& query) const;
  [[nodiscard]] net::HttpResponse principals(const Query& query) const;
  [[nodiscard]] net::HttpResponse add_principal(const Query& query);
  [[nodiscard]] net::HttpResponse enrol_principal(const Query& query);
  [[nodiscard]] net::HttpResponse rotate_principal(const Query& query);
  [[nodiscard]] net::HttpResponse remove_principal(const Query& query);
  [[nodiscard]] net::HttpResponse damage(const Query& query) const;
  [[nodiscard]] net::HttpResponse repair_topic(const Query& query);
  void verify_topics(Query query, net::HttpReply reply);
  [[nodiscard]] net::HttpResponse make_plan(const Query& query);
  [[nodiscard]] net::HttpResponse apply_plan(const Query& query);
  [[nodiscard]] net::HttpResponse saved_state(const Query& query) const;
  [[nodiscard]] net::HttpResponse revisions(const Query& query) const;
  [[nodiscard]] net::HttpResponse revision(const Query& query) const;
  [[nodiscard]] net::HttpResponse revision_difference(const Query& query) const;
  [[nodiscard]] net::HttpResponse plan_rollback(const Query& query);
  [[nodiscard]] net::HttpResponse roll_back(const Query& query);
  [[nodiscard]] net::HttpResponse inbox(const Query& query) const;
  [[nodiscard]] net::HttpResponse propose(const Query& query);
  [[nodiscard]] net::HttpResponse request_access(const Query& query);
  [[nodiscard]] net::HttpResponse claim(const Query& query);
  [[nodiscard]] net::HttpResponse proposal(const Query& query) const;
  [[nodiscard]] net::HttpResponse approve(const Query& query);
  [[nodiscard]] net::HttpResponse reject(const Query& query);
  [[nodiscard]] net::HttpResponse withdraw(const Query& query);
  [[nodiscard]] net::HttpResponse metrics() const;
  [[nodiscard]] net::HttpResponse health(bool ready_too) const;

  Services services_;
  ServerOptions options_;
  HttpSignIn sign_in_;
  MapFeed map_feed_;
  Router router_;
  std::atomic<int> checks_{0};
};

}  // namespace myelin::api
