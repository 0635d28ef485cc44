#include "api/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/base64.h"
#include "document/parse.h"
#include "engine/memory_internal_log.h"
#include "governance/durable_state.h"

namespace myelin::api {
namespace {

constexpr std::string_view kPassword = "correct horse battery";

// An engine without topics and groups.
class EmptyEngine final : public engine::Engine {
 public:
  [[nodiscard]] std::vector<engine::ApiRange> served() const override { return {}; }
  void handle(engine::Call, kafka::Request request, engine::Reply reply) override {
    engine::Outcome outcome;
    if (std::holds_alternative<kafka::MetadataRequest>(request)) outcome.response = kafka::MetadataResponse();
    if (std::holds_alternative<kafka::ListGroupsRequest>(request)) outcome.response = kafka::ListGroupsResponse();
    if (std::holds_alternative<kafka::DescribeGroupsRequest>(request))
      outcome.response = kafka::DescribeGroupsResponse();
    if (std::holds_alternative<kafka::DescribeConfigsRequest>(request))
      outcome.response = kafka::DescribeConfigsResponse();
    if (std::holds_alternative<kafka::ListOffsetsRequest>(request)) outcome.response = kafka::ListOffsetsResponse();
    reply(std::move(outcome));
  }
  [[nodiscard]] Result<void> replay_appends(const AppendSink&) const override { return {}; }
  [[nodiscard]] Result<void> replay_consumed(const ConsumedSink&) const override { return {}; }
};

// A disk on which offsets 4 and 5 of tills.sales are damaged.
class DamagedDisk final : public engine::Maintenance {
 public:
  [[nodiscard]] Result<std::vector<engine::DamagedOffsets>> damaged(
      const engine::PartitionChoice& choice) const override {
    if (choice.topic != damage_.topic) return fail(Code::NotFound, "no topic {}", choice.topic.text());
    return std::vector{damage_};
  }
  [[nodiscard]] Result<void> skip(const engine::DamagedOffsets&) override {
    damage_.skipped = true;
    return {};
  }
  [[nodiscard]] Result<engine::VerifyProgress> verify(const std::optional<TopicName>&,
                                                      const VerifyWatch& watch) override {
    if (!watch.progress({0, 1, 600, 1000})) return fail(Code::Unavailable, "stopped");
    watch.found(damage_);
    return engine::VerifyProgress{1, 1, 1000, 1000};
  }

 private:
  engine::DamagedOffsets damage_{.topic = TopicName("tills.sales"),
                                 .partition = 0,
                                 .first_offset = 4,
                                 .next_offset = 6,
                                 .file = "tills.sales-0/00000000000000000000.log",
                                 .position = 142,
                                 .bytes = 71};
};

std::shared_ptr<const model::Model> company() {
  auto company = std::make_shared<model::Model>();
  const DomainName stores("stores");
  company->domains[stores] = {.name = stores, .title = "Stores", .description = {}, .owner = {}, .place = {}};
  for (const char* name : {"tills", "data-platform"}) {
    company->squads[SquadName(name)] = {
        .name = SquadName(name), .title = name, .description = {}, .domain = stores, .channels = {}, .place = {}};
  }
  company->users[PrincipalName("ada")] = {
      .name = PrincipalName("ada"), .title = "Ada", .squads = {SquadName("data-platform")}, .place = {}};
  company->applications[ApplicationName("till")] = {.name = ApplicationName("till"),
                                                    .title = {},
                                                    .description = {},
                                                    .squad = SquadName("tills"),
                                                    .domain = stores,
                                                    .system = {},
                                                    .principals = {PrincipalName("till-1")},
                                                    .prefixes = {"till"},
                                                    .place = {}};
  company->principals[PrincipalName("till-1")] = ApplicationName("till");
  company->policy.platform_group = SquadName("data-platform");
  return company;
}

struct Sink final : net::HttpReply::Sink {
  std::optional<net::HttpResponse> response;
  bool has_events = false;
  struct Stream final : net::EventStream {
    explicit Stream(std::string& written, bool gone) : text(written), is_gone(gone) {}
    bool send(std::string_view event, std::string_view data) override {
      text += std::string(event) + " " + std::string(data) + "\n";
      return !is_gone;
    }
    [[nodiscard]] bool closed() const override { return is_gone; }
    void close() override {}
    std::string& text;
    const bool is_gone;
  };
  std::string events;
  bool reader_is_gone = false;
  void send(net::HttpResponse sent) override { response = std::move(sent); }
  std::shared_ptr<net::EventStream> start_events(net::HttpHeaders headers) override {
    has_events = true;
    response = net::http_response(200, "text/event-stream", "");
    for (const auto& [name, value] : headers) response->headers.add(name, value);
    return std::make_shared<Stream>(events, reader_is_gone);
  }
};

// A server over real governance, with ada (platform), till-1 (an application) and stranger (in no document).
class Stand {
 public:
  explicit Stand(bool dev_mode = false, bool enrolled = true) {
    auto directory = std::filesystem::temp_directory_path() / "myelin-api-XXXXXX";
    std::string name = directory.string();
    directory_ = ::mkdtemp(name.data());
    policy_ = std::make_unique<governance::PolicyHolder>(
        company(), policy::Settings{.undeclared_topics = {}, .dev_mode = dev_mode, .platform_principals = {}});
    for (const char* principal : {"ada", "till-1", "stranger"}) {
      if (enrolled) EXPECT_TRUE(state_.credentials->add(PrincipalName(principal), kPassword));
    }
    enrolment_ =
        std::make_unique<governance::Enrolment>(governance::Enrolment::open(directory_, !enrolled, clock_).value());
    questions_ = std::make_unique<governance::Questions>(engine_, *policy_, *state_.quotas, *state_.measurement,
                                                         *state_.audit, clock_);
    administration_ =
        std::make_unique<governance::Administration>(*state_.credentials, *enrolment_, *policy_, *state_.audit);
    repair_ = std::make_unique<governance::TopicRepair>(disk_, *policy_, *state_.audit);
    model_changes_ = std::make_unique<governance::ModelChanges>(governance::ModelChanges::Parts{engine_,
                                                                                                *policy_,
                                                                                                *state_.revisions,
                                                                                                *state_.grants,
                                                                                                *state_.rule_counts,
                                                                                                *state_.measurement,
                                                                                                *state_.audit,
                                                                                                clock_,
                                                                                                {}});
    proposals_ =
        std::make_unique<governance::ProposalDesk>(*model_changes_, *state_.proposals, *policy_, *state_.audit, clock_);
    access_ = std::make_unique<governance::AccessDesk>(governance::AccessDesk::Parts{
        *proposals_, *state_.proposals, *policy_, *state_.measurement, *state_.rule_counts, *state_.audit, clock_});
    claims_ = std::make_unique<governance::ClaimDesk>(
        governance::ClaimDesk::Parts{engine_, *proposals_, *policy_, *state_.measurement, clock_});
    reviews_ = std::make_unique<governance::Reviews>(
        governance::Reviews::Parts{engine_, *policy_, *state_.revisions, *state_.measurement, clock_});
    recertify_ = std::make_unique<governance::RecertifyDesk>(governance::RecertifyDesk::Parts{
        *policy_, *state_.revisions, *state_.recertifications, *state_.measurement, *state_.audit, clock_});
    server_ = std::make_unique<Server>(
        Services{*questions_, *administration_, *repair_, *model_changes_, *proposals_, *access_, *claims_, *reviews_,
                 *recertify_, *policy_, *state_.rule_counts, *state_.credentials, *state_.audit, clock_,
                 [](net::Task task) { task(); }, [this] { return unready; },
                 [] { return std::vector<DoctorCheck>{{"disk", Verdict::Warning, "low", "add space"}}; },
                 [](MetricsPage& page) { page.gauge("myelin_api_test", "A test.", 1); }, [this] { return is_cut_off; }},
        ServerOptions{.host_names = {}, .dev_mode = dev_mode, .version = "1.2.3"});
  }
  ~Stand() { std::filesystem::remove_all(directory_); }

  net::HttpResponse ask(net::HttpRequest request) {
    auto sink = std::make_shared<Sink>();
    server_->handle(std::move(request), net::HttpReply(sink));
    return sink->response.value_or(net::http_response(0, "", "not answered"));
  }
  // The events of an answer that is a stream.
  std::string watch(net::HttpRequest request, bool reader_is_gone = false) {
    auto sink = std::make_shared<Sink>();
    sink->reader_is_gone = reader_is_gone;
    server_->handle(std::move(request), net::HttpReply(sink));
    return sink->events;
  }
  [[nodiscard]] std::string token() const {
    std::string text;
    std::ifstream(directory_ + "/enrol") >> text;
    return text;
  }
  [[nodiscard]] Server& server() { return *server_; }
  [[nodiscard]] state::AuditLog& audit() { return *state_.audit; }
  std::optional<std::string> unready;
  bool is_cut_off = false;

 private:
  std::string directory_;
  ManualClock clock_;
  engine::MemoryInternalLog log_;
  EmptyEngine engine_;
  DamagedDisk disk_;
  governance::DurableState state_ = governance::DurableState::open(log_, engine_, clock_).value();
  std::unique_ptr<governance::PolicyHolder> policy_;
  std::unique_ptr<governance::TopicRepair> repair_;
  std::unique_ptr<governance::ModelChanges> model_changes_;
  std::unique_ptr<governance::ProposalDesk> proposals_;
  std::unique_ptr<governance::AccessDesk> access_;
  std::unique_ptr<governance::ClaimDesk> claims_;
  std::unique_ptr<governance::Reviews> reviews_;
  std::unique_ptr<governance::RecertifyDesk> recertify_;
  std::unique_ptr<governance::Enrolment> enrolment_;
  std::unique_ptr<governance::Questions> questions_;
  std::unique_ptr<governance::Administration> administration_;
  std::unique_ptr<Server> server_;
};

net::HttpRequest request(std::string method, const std::string& path, std::string body = "") {
  net::HttpRequest made;
  made.method = std::move(method);
  made.target = made.path = path;
  std::stringstream parts(path.substr(1));
  for (std::string part; std::getline(parts, part, '/');) made.segments.push_back(part);
  made.body = std::move(body);
  made.headers.add("Host", "localhost:8080");
  if (!made.body.empty()) made.headers.add("Content-Type", "application/json");
  made.is_loopback = true;
  made.peer.host = "127.0.0.1";
  return made;
}

net::HttpRequest signed_in(net::HttpRequest made, const std::string& principal, std::string_view password = kPassword) {
  made.headers.add("Authorization", "Basic " + base64_encode(principal + ":" + std::string(password)));
  return made;
}

std::string text_of(const net::HttpResponse& response) { return std::string(as_text(response.body.view())); }

document::Node json_of(const net::HttpResponse& response) { return document::parse_json(text_of(response)).value(); }

TEST(Routes, AreThoseThatTheOpenApiFileDescribes) {
  std::ifstream file(MYELIN_SOURCE_DIR "/docs/reference/openapi.json");
  std::stringstream text;
  text << file.rdbuf();
  const auto openapi = document::parse_json(text.str()).value();
  std::set<std::string> described;
  for (const auto& path : openapi.find("paths")->members) {
    for (const auto& operation : path.value.members) described.insert(operation.key + " " + path.key);
  }
  std::set<std::string> routed;
  Stand stand;
  for (const auto& route : stand.server().routes()) {
    std::string method(route.method);
    for (char& letter : method) letter = static_cast<char>(letter | 0x20);
    routed.insert(method + " " + std::string(route.pattern));
  }
  EXPECT_EQ(routed, described);
}

// Documents that are no model: who gets as far as that may plan.
constexpr const char* kFiles = R"({"files":[{"file":"org/x.yaml","text":"kind: Nothing"}]})";
constexpr const char* kApply = R"({"plan":"x","files":[{"file":"org/x.yaml","text":"kind: Nothing"}]})";

struct Expected {
  const char* method;
  const char* path;
  const char* body;
  int nobody, stranger, application, platform;
};

const std::vector<Expected> kEveryRoute{
    {"GET", "/healthz", "", 200, 200, 200, 200},
    {"GET", "/readyz", "", 200, 200, 200, 200},
    {"GET", "/metrics", "", 401, 200, 200, 200},
    {"GET", "/api/v1/me", "", 401, 200, 200, 200},
    {"POST", "/api/v1/session", R"({"principal":"ada","password":"wrong password"})", 401, 401, 401, 401},
    {"DELETE", "/api/v1/session", "", 204, 204, 204, 204},
    {"GET", "/api/v1/who/any/tills", "", 401, 200, 200, 200},
    {"GET", "/api/v1/usage", "", 401, 200, 200, 200},
    {"GET", "/api/v1/usage/recomputed", "", 401, 403, 403, 200},
    {"GET", "/api/v1/lineage", "", 401, 200, 200, 200},
    {"GET", "/api/v1/organisation", "", 401, 200, 200, 200},
    {"GET", "/api/v1/acls", "", 401, 200, 200, 200},
    {"GET", "/api/v1/adoption", "", 401, 403, 403, 200},
    {"GET", "/api/v1/adoption/folder", "", 401, 403, 403, 200},
    {"GET", "/api/v1/topics", "", 401, 200, 200, 200},
    {"GET", "/api/v1/topics/tills.sales/damage", "", 401, 403, 403, 200},
    {"POST", "/api/v1/topics/tills.sales/repair", R"({"skip":true})", 401, 403, 403, 200},
    {"POST", "/api/v1/topics/verify", "{}", 401, 403, 403, 200},
    {"POST", "/api/v1/plan", kFiles, 401, 403, 403, 400},
    {"GET", "/api/v1/state", "", 401, 403, 403, 200},
    {"GET", "/api/v1/revisions", "", 401, 403, 403, 200},
    {"POST", "/api/v1/revisions", kApply, 401, 403, 403, 400},
    {"GET", "/api/v1/revisions/1", "", 401, 403, 403, 404},
    {"GET", "/api/v1/revisions/1/difference/2", "", 401, 403, 403, 404},
    {"POST", "/api/v1/revisions/1/plan", "{}", 401, 403, 403, 404},
    {"POST", "/api/v1/revisions/1/restore", R"({"plan":"x"})", 401, 403, 403, 404},
    {"GET", "/api/v1/inbox", "", 401, 200, 200, 200},
    {"POST", "/api/v1/proposals", kFiles, 401, 403, 403, 400},
    {"POST", "/api/v1/requests", R"({"product":"x","application":"tills","purpose":"y"})", 401, 404, 404, 404},
    {"POST", "/api/v1/claims", R"({"topic":"x","squad":"y"})", 401, 403, 403, 404},
    {"POST", "/api/v1/break-glass", R"({"product":"x","application":"tills","reason":"y"})", 401, 403, 403, 403},
    {"POST", "/api/v1/grants/x/renew", R"({"until":"2027-01-31","reason":"y"})", 401, 404, 404, 404},
    {"POST", "/api/v1/grants/x/recertify", "{}", 401, 404, 404, 404},
    {"GET", "/api/v1/recertifications", "", 401, 200, 200, 200},
    {"GET", "/api/v1/review", "", 401, 403, 403, 200},
    {"GET", "/api/v1/access-times", "", 401, 200, 200, 200},
    {"GET", "/api/v1/policy/rules", "", 401, 200, 200, 200},
    {"GET", "/api/v1/proposals/x", "", 401, 403, 403, 404},
    {"POST", "/api/v1/proposals/x/approve", "{}", 401, 404, 404, 404},
    {"POST", "/api/v1/proposals/x/reject", R"({"reason":"no"})", 401, 404, 404, 404},
    {"POST", "/api/v1/proposals/x/withdraw", "{}", 401, 404, 404, 404},
    {"GET", "/api/v1/groups", "", 401, 200, 200, 200},
    {"GET", "/api/v1/quotas", "", 401, 200, 200, 200},
    {"GET", "/api/v1/throttled", "", 401, 200, 200, 200},
    {"GET", "/api/v1/map", "", 401, 200, 200, 200},
    {"GET", "/api/v1/map/events", "", 401, 200, 200, 200},
    {"GET", "/api/v1/clients", "", 401, 200, 200, 200},
    {"GET", "/api/v1/denials", "", 401, 403, 403, 200},
    {"GET", "/api/v1/audit", "", 401, 403, 403, 200},
    {"GET", "/api/v1/doctor", "", 401, 403, 403, 200},
    {"GET", "/api/v1/principals", "", 401, 403, 403, 200},
    {"POST", "/api/v1/principals", R"({"name":"new-app","password":"long enough"})", 401, 403, 403, 204},
    {"POST", "/api/v1/principals/enrol", R"({"token":"x","name":"eve","password":"long enough"})", 401, 401, 401, 401},
    {"POST", "/api/v1/principals/ada/rotate", R"({"password":"another password"})", 401, 403, 403, 204},
    {"DELETE", "/api/v1/principals/ada", "", 401, 403, 403, 204},
};

TEST(Routes, AnswerEachRoleAsTheyShould) {
  {
    Stand stand;
    EXPECT_EQ(kEveryRoute.size(), stand.server().routes().size()) << "every route has its line here";
  }
  for (const Expected& line : kEveryRoute) {
    SCOPED_TRACE(std::string(line.method) + " " + line.path);
    Stand stand;
    EXPECT_EQ(stand.ask(request(line.method, line.path, line.body)).status, line.nobody);
    EXPECT_EQ(stand.ask(signed_in(request(line.method, line.path, line.body), "stranger")).status, line.stranger);
    EXPECT_EQ(stand.ask(signed_in(request(line.method, line.path, line.body), "till-1")).status, line.application);
    EXPECT_EQ(stand.ask(signed_in(request(line.method, line.path, line.body), "ada")).status, line.platform);
  }
}

TEST(Repair, ShowsDamageAndSkipsItOnlyWhenAskedTo) {
  Stand stand;
  const auto path = "/api/v1/topics/tills.sales/";
  const auto shown = [&] {
    const auto answer = json_of(stand.ask(signed_in(request("GET", std::string(path) + "damage"), "ada")));
    const auto& item = answer.find("items")->items.at(0);
    EXPECT_EQ(item.find("last_offset")->text, "5");
    return item.find("skipped")->text;
  };
  EXPECT_EQ(shown(), "false");
  EXPECT_EQ(stand.ask(signed_in(request("POST", std::string(path) + "repair", "{}"), "ada")).status, 400);
  EXPECT_EQ(shown(), "false");
  EXPECT_EQ(stand.ask(signed_in(request("POST", std::string(path) + "repair", R"({"skip":true})"), "ada")).status, 200);
  EXPECT_EQ(shown(), "true");
  const auto records = stand.audit().newest(2);
  EXPECT_EQ(records[0].kind, state::AuditKind::Outcome);
  EXPECT_EQ(records[0].result, "done");
  EXPECT_EQ(records[1].kind, state::AuditKind::Intent);
  EXPECT_EQ(records[1].resource, "topic tills.sales partition 0 offsets 4 to 5");
}

TEST(Verify, TellsProgressDamageAndItsEnd) {
  Stand stand;
  const auto events = stand.watch(signed_in(request("POST", "/api/v1/topics/verify", "{}"), "ada"));
  EXPECT_TRUE(events.starts_with("progress {")) << events;
  EXPECT_NE(events.find("\ndamage {"), std::string::npos) << events;
  EXPECT_NE(events.find("\ndone {"), std::string::npos) << events;
  EXPECT_EQ(stand.audit().newest(1).front().result, "done");
}

TEST(Verify, EndsWhenNobodyReadsItsEvents) {
  Stand stand;
  (void)stand.watch(signed_in(request("POST", "/api/v1/topics/verify", "{}"), "ada"), true);
  EXPECT_EQ(stand.audit().newest(1).front().result, "stopped");
}

TEST(Server, RefusesEverythingButEnrolmentBeforeAnybodyIsEnrolled) {
  Stand stand(false, false);
  EXPECT_EQ(stand.ask(request("GET", "/healthz")).status, 200);
  const auto refused = stand.ask(request("GET", "/api/v1/topics"));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(json_of(refused).find("type")->text, "/problems/not_enrolled");
  const auto body = R"({"token":")" + stand.token() + R"(","name":"ada","password":"correct horse battery"})";
  EXPECT_EQ(stand.ask(request("POST", "/api/v1/principals/enrol", body)).status, 204);
  EXPECT_EQ(stand.ask(signed_in(request("GET", "/api/v1/topics"), "ada")).status, 200);
}

TEST(Server, AnswersNobodyUntilItIsReady) {
  Stand stand;
  stand.unready = "the log is being recovered";
  EXPECT_EQ(stand.ask(signed_in(request("GET", "/api/v1/topics"), "ada")).status, 503);
  EXPECT_EQ(stand.ask(request("GET", "/readyz")).status, 503);
  EXPECT_EQ(json_of(stand.ask(request("GET", "/readyz"))).find("detail")->text, "the log is being recovered");
  EXPECT_EQ(stand.ask(request("GET", "/healthz")).status, 200);
}

TEST(Server, TakesLoopbackAsPlatformInDevMode) {
  Stand stand(true);
  EXPECT_EQ(json_of(stand.ask(request("GET", "/api/v1/me"))).find("role")->text, "platform");
  auto rebound = request("GET", "/api/v1/me");
  rebound.headers = {{"Host", "evil.example"}};
  EXPECT_EQ(stand.ask(rebound).status, 421);
  auto outside = request("GET", "/api/v1/me");
  outside.is_loopback = false;
  EXPECT_EQ(stand.ask(outside).status, 421);
}

TEST(Server, NeverTakesAPasswordOverPlainHttpFromElsewhere) {
  Stand stand;
  auto outside = signed_in(request("GET", "/api/v1/me"), "ada");
  outside.is_loopback = false;
  EXPECT_NE(stand.ask(outside).status, 200);
}

TEST(Server, SignsABrowserInAndOut) {
  Stand stand;
  const auto body = R"({"principal":"ada","password":"correct horse battery"})";
  auto signing = request("POST", "/api/v1/session", body);
  signing.headers.add("Origin", "http://localhost:8080");
  const auto opened = stand.ask(signing);
  ASSERT_EQ(opened.status, 200);
  const std::string cookie(opened.headers.get("set-cookie").substr(0, opened.headers.get("set-cookie").find(';')));
  auto asking = request("GET", "/api/v1/me");
  asking.headers.add("Cookie", cookie);
  EXPECT_EQ(json_of(stand.ask(asking)).find("principal")->text, "ada");
  auto leaving = request("DELETE", "/api/v1/session");
  leaving.headers.add("Cookie", cookie);
  EXPECT_EQ(stand.ask(leaving).status, 204);
  EXPECT_EQ(stand.ask(asking).status, 401);
}

TEST(Server, AuditsSignInsAndRefusals) {
  Stand stand;
  (void)stand.ask(signed_in(request("GET", "/api/v1/me"), "ada", "wrong password"));
  (void)stand.ask(signed_in(request("GET", "/api/v1/me"), "ada"));
  (void)stand.ask(signed_in(request("GET", "/api/v1/me"), "ada"));
  const auto records = stand.audit().newest(10);
  ASSERT_EQ(records.size(), 2U) << "a remembered login is not another sign-in";
  EXPECT_EQ(records[0].kind, state::AuditKind::SignIn);
  EXPECT_EQ(records[0].result, "signed in");
  EXPECT_EQ(records[1].kind, state::AuditKind::RefusedSignIn);
  EXPECT_EQ(records[1].result, "wrong name or password");
  const auto shown = json_of(stand.ask(signed_in(request("GET", "/api/v1/audit"), "ada")));
  const auto& items = shown.find("items")->items;
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].find("outcome")->text, "signed_in");
  EXPECT_EQ(items[1].find("outcome")->text, "refused");
}

TEST(Server, WritesDownNothingOfANameThatNobodyCanHave) {
  const std::string longest(200, 'x');
  for (const auto& [name, status, records] : {std::tuple(longest, 401, 3U), std::tuple(longest + 'x', 400, 0U)}) {
    Stand stand;
    const auto enrolment = R"({"token":"x","name":")" + name + R"(","password":"long enough"})";
    EXPECT_EQ(stand.ask(request("POST", "/api/v1/principals/enrol", enrolment)).status, status);
    const auto session = R"({"principal":")" + name + R"(","password":"long enough"})";
    EXPECT_EQ(stand.ask(request("POST", "/api/v1/session", session)).status, status);
    EXPECT_EQ(stand.ask(signed_in(request("GET", "/api/v1/me"), name)).status, 401);
    EXPECT_EQ(stand.audit().newest(10).size(), records) << name.size();
  }
}

TEST(Server, RefusesToChangeAPrincipalThatNobodyCanBe) {
  Stand stand;
  const std::string path = "/api/v1/principals/" + std::string(201, 'x');
  EXPECT_EQ(stand.ask(signed_in(request("DELETE", path), "till-1")).status, 400);
  EXPECT_EQ(stand.ask(signed_in(request("POST", path + "/rotate", R"({"confirm":true})"), "till-1")).status, 400);
  const auto added = R"({"name":")" + std::string(201, 'x') + R"(","password":"long enough"})";
  EXPECT_EQ(stand.ask(signed_in(request("POST", "/api/v1/principals", added), "till-1")).status, 400);
  EXPECT_EQ(stand.audit().newest(10).size(), 1U) << "the sign-in alone";
}

TEST(Server, TellsStrangersNothingOfTheClusterThatItCannotReach) {
  Stand stand;
  stand.is_cut_off = true;
  const auto answer = stand.ask(request("GET", "/readyz"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(json_of(answer).find("status")->text, "failed");
  EXPECT_EQ(json_of(answer).find("detail")->text,
            "the upstream cluster can't be reached; see the log or myelin doctor");
  EXPECT_EQ(stand.ask(request("GET", "/healthz")).status, 200);
}

TEST(Server, ChallengesProgramsWithBasicAndPagesWithout) {
  Stand stand;
  EXPECT_TRUE(stand.ask(request("GET", "/api/v1/me")).headers.get("www-authenticate").starts_with("Basic"));
  auto page = request("GET", "/api/v1/me");
  page.headers.add("Sec-Fetch-Mode", "cors");
  EXPECT_TRUE(stand.ask(page).headers.get("www-authenticate").starts_with("Session"));
}

TEST(Server, SendsSecurityHeadersWithEveryAnswer) {
  Stand stand;
  for (const char* path : {"/", "/healthz", "/api/v1/me", "/nothing/here"}) {
    const auto answer = stand.ask(request("GET", path));
    EXPECT_TRUE(answer.headers.get("content-security-policy").starts_with("default-src 'self'; style-src 'self'"))
        << path;
    EXPECT_EQ(answer.headers.get("x-content-type-options"), "nosniff") << path;
  }
}

TEST(Server, SaysWhichMethodsAPathKnows) {
  Stand stand;
  const auto wrong = stand.ask(request("PUT", "/api/v1/topics", "{}"));
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.headers.get("allow"), "GET, HEAD");
}

TEST(Server, NeverAnswersASecret) {
  Stand stand;
  const auto principals = stand.ask(signed_in(request("GET", "/api/v1/principals"), "ada"));
  EXPECT_EQ(json_of(principals).find("total")->text, "3");
  EXPECT_EQ(text_of(principals).find("password"), std::string::npos);
  const auto refused =
      stand.ask(signed_in(request("POST", "/api/v1/principals", R"({"name":"x","password":"abc"})"), "ada"));
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(text_of(refused).find("abc"), std::string::npos);
}

TEST(Server, PagesItsLists) {
  Stand stand;
  auto first = signed_in(request("GET", "/api/v1/principals"), "ada");
  first.query["limit"] = "2";
  const auto page = json_of(stand.ask(first));
  EXPECT_EQ(page.find("items")->items.size(), 2U);
  EXPECT_EQ(page.find("next")->text, "stranger");
  first.query["after"] = page.find("next")->text;
  const auto rest = json_of(stand.ask(first));
  EXPECT_EQ(rest.find("items")->items.size(), 1U);
  EXPECT_EQ(rest.find("next")->text, "");
}

TEST(Server, TellsTheWorstOfWhatTheDoctorFound) {
  Stand stand;
  const auto doctor = json_of(stand.ask(signed_in(request("GET", "/api/v1/doctor"), "ada")));
  EXPECT_EQ(doctor.find("verdict")->text, "warning");
  EXPECT_EQ(doctor.find("checks")->items.at(0).find("advice")->text, "add space");
}

TEST(Server, ServesMetricsAloneOnAListenerOfTheirOwn) {
  Stand stand;
  auto sink = std::make_shared<Sink>();
  stand.server().handle_metrics(request("GET", "/metrics"), net::HttpReply(sink));
  EXPECT_EQ(text_of(*sink->response),
            "# HELP myelin_api_test A test.\n# TYPE myelin_api_test gauge\nmyelin_api_test 1\n");
  auto other = std::make_shared<Sink>();
  stand.server().handle_metrics(request("GET", "/api/v1/me"), net::HttpReply(other));
  EXPECT_EQ(other->response->status, 404);
}

}  // namespace
}  // namespace myelin::api
