#include "app/instance.h"

#include <sys/statvfs.h>

#include <filesystem>
#include <ranges>
#include <tuple>

#include "app/data_directory.h"
#include "app/descriptors.h"
#include "app/version.h"
#include "base/log.h"
#include "base/memory.h"
#include "gate/connection.h"
#include "model/load.h"
#include "transfer/import_mark.h"

namespace myelin::app {
namespace {

constexpr std::size_t kPasswordThreads = 2;
constexpr std::size_t kRequestThreads = 4;
constexpr std::size_t kContractRowsMax = 50;  // of the doctor, one for each topic
constexpr auto kFoldEvery = std::chrono::milliseconds(100);
constexpr auto kCountHoldingsEvery = std::chrono::seconds(2);

Result<std::shared_ptr<const model::Model>> complete(model::Loaded loaded, const std::string& place) {
  if (!loaded.ok()) {
    return fail(Code::Invalid, "{}the model in {} has {} problems; nothing was started",
                document::listed(loaded.problems), place, loaded.problems.size());
  }
  return std::make_shared<const model::Model>(std::move(loaded.model));
}

// One truth: the folder, or what was applied.
Result<std::shared_ptr<const model::Model>> load_model(const std::string& folder,
                                                       const governance::Revisions& revisions) {
  const auto head = revisions.head();
  if (folder.empty()) {
    if (head == 0) return std::make_shared<const model::Model>();
    auto documents = revisions.documents_of(head);
    if (!documents) return pass(documents);
    return complete(model::load(*std::move(documents)), fmt::format("revision {}", head));
  }
  if (head != 0) {
    return fail(
        Code::Denied,
        "--model {}: a model was applied to this server, revision {}; leave --model out, or bring the folder in "
        "with `myelin apply {}`",
        folder, head, folder);
  }
  auto loaded = model::load_folder(folder);
  if (!loaded) return pass(loaded);
  return complete(*std::move(loaded), folder);
}

policy::Settings policy_settings(const ServeOptions& options, const governance::Enrolment& enrolment) {
  policy::Settings settings;
  settings.dev_mode = options.dev_mode;
  settings.authorise =
      options.settings.access_authorise == "report" ? policy::Authorise::Report : policy::Authorise::Enforce;
  if (options.settings.access_undeclared_topics == "closed") {
    settings.undeclared_topics = model::UndeclaredTopics::Closed;
  } else if (options.settings.access_undeclared_topics == "report") {
    settings.undeclared_topics = model::UndeclaredTopics::Report;
  }
  if (const auto first = enrolment.first_principal()) settings.platform_principals.push_back(*first);
  return settings;
}

net::FrameLimits frame_limits(const Settings& settings) {
  net::FrameLimits limits;
  limits.frame_bytes = static_cast<std::uint32_t>(settings.net_frame_bytes);
  limits.connections = static_cast<std::size_t>(settings.net_connections);
  limits.unauthenticated_connections = static_cast<std::size_t>(settings.net_unauthenticated_connections);
  limits.connections_per_address = static_cast<std::size_t>(settings.net_connections_per_address);
  limits.authentication_deadline = std::chrono::milliseconds(settings.net_authentication_deadline_ms);
  limits.idle_limit = std::chrono::milliseconds(settings.net_idle_limit_ms);
  return limits;
}

std::vector<std::string> split_names(std::string_view names) {
  std::vector<std::string> list;
  while (!names.empty()) {
    const auto end = names.find(',');
    if (const auto name = names.substr(0, end); !name.empty()) list.emplace_back(name);
    if (end == std::string_view::npos) break;
    names.remove_prefix(end + 1);
  }
  return list;
}

// Ranges that readers are kept from: found at start, by a read or by a verification.
api::DoctorCheck damage_check(const storage::LogDirectory& logs) {
  std::size_t kept = 0;
  std::string first;
  for (const auto& log : logs.partitions()) {
    for (const auto& range : log->quarantined()) {
      if (range.skipped || kept++ > 0) continue;
      first = fmt::format("{} partition {} offsets {} to {}", log->name().topic.text(), log->name().partition,
                          range.first_offset, range.next_offset - 1);
    }
  }
  if (kept == 0) return {"damage", api::Verdict::Ok, "no damaged records are known", ""};
  return {"damage", api::Verdict::Failed, fmt::format("{} damaged ranges are kept from readers, first {}", kept, first),
          "look at each with `myelin topics repair TOPIC`; --skip lets readers pass"};
}

}  // namespace

Result<std::unique_ptr<Instance>> Instance::start(const ServeOptions& options) {
  raise_descriptor_limit();
  std::unique_ptr<Instance> instance(new Instance(options));
  auto started = instance->open_engine();
  if (started) started = instance->open_governance();
  if (started) started = instance->listen();
  // Whatever the mistake, the data directory is left as a clean stop leaves it.
  if (!started && instance->broker_) std::ignore = instance->broker_->close();
  if (!started) return pass(started);
  return instance;
}

Instance::~Instance() {
  if (housekeeping_.joinable()) {
    {
      const std::lock_guard lock(housekeeping_mutex_);
      stopping_ = true;
    }
    housekeeping_wake_.notify_all();
    housekeeping_.join();
  }
  if (journal_check_.joinable()) journal_check_.join();
  if (api_) api_->stop();
  if (reactor_) reactor_->stop();
}

Result<void> Instance::open_engine() {
  const auto mode = options_.dev_mode ? Mode::Dev : options_.demo_mode ? Mode::Demo : Mode::Earnest;
  auto prepared = prepare_data_directory(options_.data_directory, mode);
  if (!prepared) return prepared;
  const auto imported = transfer::read_mark(files_, options_.data_directory);
  if (!imported) return std::unexpected(imported.error());
  if (*imported && !(*imported)->is_complete) {
    return fail(Code::Denied, "{}: its import from cluster {} is not complete; run `myelin import kafka` again",
                options_.data_directory, (*imported)->cluster);
  }
  const auto& settings = options_.settings;
  storage_pool_ = std::make_unique<storage::StoragePool>(static_cast<std::size_t>(settings.storage_sync_threads));
  passwords_pool_ = std::make_unique<storage::StoragePool>(kPasswordThreads, "passwords");
  requests_pool_ =
      std::make_unique<storage::StoragePool>(kRequestThreads, "requests", storage::StoragePool::Rank::Below);
  reactor_ = std::make_unique<net::Reactor>(static_cast<std::size_t>(settings.net_threads));

  engine::broker::BrokerOptions broker;
  broker.data_directory = options_.data_directory;
  broker.default_partitions = static_cast<std::int32_t>(settings.topics_default_partitions);
  broker.auto_create_topics = settings.topics_auto_create == "on";
  broker.clamp_replication = settings.topics_replication == "clamp";
  broker.groups.initial_rebalance_delay = std::chrono::milliseconds(settings.groups_initial_rebalance_delay_ms);
  broker.groups.session_timeout_min = std::chrono::milliseconds(settings.groups_session_timeout_min_ms);
  broker.groups.session_timeout_max = std::chrono::milliseconds(settings.groups_session_timeout_max_ms);
  broker.groups.consumer_heartbeat_interval = std::chrono::milliseconds(settings.groups_consumer_heartbeat_interval_ms);
  broker.groups.consumer_session_timeout = std::chrono::milliseconds(settings.groups_consumer_session_timeout_ms);
  broker.groups.offsets_retention = std::chrono::minutes(settings.groups_offsets_retention_minutes);
  broker.transactions.timeout_max = std::chrono::milliseconds(settings.transactions_timeout_max_ms);
  broker.transactions.expiration = std::chrono::minutes(settings.transactions_id_expiration_minutes);
  broker.storage.open_files_max = segment_files_max(settings.storage_open_files);
  broker.storage.journal_retention = std::chrono::days(settings.storage_journal_retention_days);
  broker.storage.cleanup_interval = std::chrono::milliseconds(settings.storage_cleanup_interval_ms);
  broker.storage.boot_id = storage::kernel_boot_id();
  auto opened = engine::broker::Broker::open(std::move(broker), files_, clock_, *storage_pool_);
  if (!opened) return pass(opened);
  broker_ = std::move(*opened);
  engine_ = broker_.get();
  if (auto removed = transfer::remove_mark(files_, options_.data_directory); !removed) return removed;
  return options_.upstream.empty() ? Result<void>{} : open_upstream();
}

// The broker stays for the state of this instance; what clients send goes to the cluster.
Result<void> Instance::open_upstream() {
  net::FrameClientOptions client;
  auto server = net::Endpoint::parse(options_.upstream);
  if (!server) return pass(server);
  client.server = *std::move(server);
  reactor_->start();
  upstream_ = engine::upstream::Upstream::open(client, *reactor_, clock_);
  engine_ = upstream_.get();
  return {};
}

Result<void> Instance::open_governance() {
  const auto at_best = upstream_ ? usage::Exactness::Journalled : usage::Exactness::Exact;
  auto time = governance::KeptTime::open(options_.data_directory + "/state", clock_);
  if (!time) return pass(time);
  time_ = *std::move(time);
  const Clock& clock = time_->clock();
  auto state = governance::DurableState::open(*broker_, *engine_, clock, at_best);
  if (!state) return pass(state);
  state_ = std::move(*state);
  auto model = load_model(options_.model, *state_.revisions);
  if (!model) return pass(model);
  const bool nobody_yet = !options_.dev_mode && state_.credentials->empty();
  auto enrolment = governance::Enrolment::open(options_.data_directory + "/state", nobody_yet, clock);
  if (!enrolment) return pass(enrolment);
  enrolment_ = std::make_unique<governance::Enrolment>(std::move(*enrolment));
  auto declared = state_.grants->drop_declared((*model)->direct_grants);
  if (!declared) return pass(declared);
  if (*declared > 0) log::info("grants made by API are declared in documents now", {{"grants", *declared}});
  auto rules = policy_settings(options_, *enrolment_);
  rules.made_grants = state_.grants->all();
  policy_ = std::make_unique<governance::PolicyHolder>(std::move(*model), std::move(rules));
  static_cast<void>(state_.rule_counts->of(policy_->current()->model()));
  give_back_free_memory();  // of the documents' trees

  governance::PathOptions path;
  path.dev_mode = options_.dev_mode;
  path.fetch_sessions.sessions = static_cast<std::size_t>(options_.settings.fetch_session_slots);
  path.counts_bytes = !upstream_;
  path.is_acl_api_writable = options_.settings.acl_api == "writable";
  path.slow = [this](net::Task task) { passwords_pool_->submit(std::move(task)); };
  path_ = std::make_unique<governance::Path>(*engine_, *policy_, *state_.credentials, *state_.quotas, *state_.grants,
                                             *state_.rule_counts, *state_.measurement, *state_.audit, clock,
                                             std::move(path));
  questions_ = std::make_unique<governance::Questions>(*engine_, *policy_, *state_.quotas, *state_.measurement,
                                                       *state_.audit, clock);
  administration_ =
      std::make_unique<governance::Administration>(*state_.credentials, *enrolment_, *policy_, *state_.audit);
  repair_ = std::make_unique<governance::TopicRepair>(*broker_, *policy_, *state_.audit);
  model_changes_ = std::make_unique<governance::ModelChanges>(
      governance::ModelChanges::Parts{*engine_, *policy_, *state_.revisions, *state_.grants, *state_.rule_counts,
                                      *state_.measurement, *state_.audit, clock, options_.model});
  proposals_ =
      std::make_unique<governance::ProposalDesk>(*model_changes_, *state_.proposals, *policy_, *state_.audit, clock);
  access_ = std::make_unique<governance::AccessDesk>(governance::AccessDesk::Parts{
      *proposals_, *state_.proposals, *policy_, *state_.measurement, *state_.rule_counts, *state_.audit, clock});
  claims_ = std::make_unique<governance::ClaimDesk>(
      governance::ClaimDesk::Parts{*engine_, *proposals_, *policy_, *state_.measurement, clock});
  reviews_ = std::make_unique<governance::Reviews>(
      governance::Reviews::Parts{*engine_, *policy_, *state_.revisions, *state_.measurement, clock});
  recertify_ = std::make_unique<governance::RecertifyDesk>(governance::RecertifyDesk::Parts{
      *policy_, *state_.revisions, *state_.recertifications, *state_.measurement, *state_.audit, clock});
  housekeeping_ = std::thread([this] { housekeep(); });
  journal_check_ = std::thread([this] { check_journal(); });
  return {};
}

Result<void> Instance::listen() {
  frames_ = std::make_unique<net::FrameServer>(*reactor_, frame_limits(options_.settings),
                                               [this](net::Task task) { storage_pool_->submit(std::move(task)); });
  for (const auto& text : options_.listen) {
    auto listener = parse_listener(text, options_.dev_mode);
    if (!listener) return pass(listener);
    auto listening = listen_kafka(*listener);
    if (!listening) return listening;
  }
  auto listening = listen_http();
  if (!listening) return listening;
  if (!reactor_->running()) reactor_->start();
  api_->start();
  ready_ = true;
  return {};
}

Result<void> Instance::listen_kafka(const Listener& listener) {
  net::FrameListener frames;
  frames.address = listener.address;
  if (listener.is_tls()) {
    auto context = tls(listener.security == governance::Security::Ssl);
    if (!context) return pass(context);
    frames.tls = std::move(*context);
  }
  gate::ConnectionOptions options;
  options.security = listener.security;
  options.advertised_host = options_.settings.net_advertised_host;
  frames.handler = [this, options](std::shared_ptr<net::FrameConnection> wire) {
    return std::make_shared<gate::Connection>(*path_, options, std::move(wire));
  };
  auto bound = frames_->listen(std::move(frames));
  if (!bound) return pass(bound);
  addresses_.push_back(Listener{listener.security, *bound}.text());
  return {};
}

Result<std::shared_ptr<net::TlsContext>> Instance::tls(bool with_client_ca) {
  const auto& settings = options_.settings;
  if (settings.tls_certificate.empty() || settings.tls_key.empty()) {
    return fail(Code::Invalid, "a listener with TLS needs --set tls.certificate=FILE and --set tls.key=FILE");
  }
  if (with_client_ca && settings.tls_client_ca.empty()) {
    return fail(Code::Invalid,
                "an ssl:// listener needs --set tls.client_ca=FILE: clients are known by their certificates");
  }
  auto context = net::TlsContext::load(
      {settings.tls_certificate, settings.tls_key, with_client_ca ? settings.tls_client_ca : std::string()});
  if (context) certificates_.push_back(*context);
  return context;
}

void Instance::reload_certificates() {
  for (const auto& context : certificates_) {
    const auto reloaded = context->reload();
    if (!reloaded) {
      log::error("a listener keeps its old certificate", {{"reason", reloaded.error().message}});
      continue;
    }
    const auto facts = context->certificate();
    log::info("a listener has a new certificate",
              {{"subject", facts.subject}, {"valid_until_ms", unix_milliseconds(facts.valid_until)}});
  }
  if (certificates_.empty()) log::info("no listener has a certificate: there is nothing to load again");
}

Result<void> Instance::listen_http() {
  auto text = options_.http;
  std::shared_ptr<net::TlsContext> context;
  const bool secure = text.starts_with("https://");
  if (secure) text = text.substr(8);
  if (text.starts_with("http://")) text = text.substr(7);
  auto address = net::Endpoint::parse(text);
  if (!address) return fail(Code::Invalid, "--http {}: {}", options_.http, address.error().message);
  if (secure) {
    auto loaded = tls(false);
    if (!loaded) return pass(loaded);
    context = std::move(*loaded);
  } else if (!net::is_loopback(address->host)) {
    return fail(
        Code::Denied,
        "--http {}: plain HTTP is for loopback only; write https://HOST:PORT and set tls.certificate and tls.key",
        options_.http);
  }
  api::ServerOptions options;
  options.host_names = split_names(options_.settings.http_host_names);
  options.host_names.push_back(address->host);
  options.dev_mode = options_.dev_mode;
  options.attach_mode = options_.upstream.empty() ? api::AttachMode::Embedded : api::AttachMode::Gateway;
  options.version = kVersion;
  api_ = std::make_unique<api::Server>(
      api::Services{*questions_, *administration_, *repair_, *model_changes_, *proposals_, *access_, *claims_,
                    *reviews_, *recertify_, *policy_, *state_.rule_counts, *state_.credentials, *state_.audit,
                    time_->clock(), [this](net::Task task) { requests_pool_->submit(std::move(task)); },
                    [this]() -> std::optional<std::string> {
                      if (!ready_) return "starting or stopping";
                      if (state_failed_) return "control-plane state can't be written; see the log";
                      return std::nullopt;
                    },
                    [this] { return doctor(); }, [this](api::MetricsPage& page) { add_metrics(page); },
                    [this] { return upstream_ && upstream_->trouble(); }},
      std::move(options));
  http_ = std::make_unique<net::HttpServer>(
      *reactor_, net::HttpLimits(),
      [this](net::HttpRequest request, net::HttpReply reply) { api_->handle(std::move(request), std::move(reply)); },
      [this](const net::HttpRequest& request) { return api_->takes_large_body(request); });
  auto bound = http_->listen({*address, std::move(context)});
  if (!bound) return pass(bound);
  http_address_ = (secure ? "https://" : "http://") + bound->text();
  if (options_.metrics.empty()) return {};
  auto metrics_address = net::Endpoint::parse(options_.metrics);
  if (!metrics_address)
    return fail(Code::Invalid, "--metrics {}: {}", options_.metrics, metrics_address.error().message);
  metrics_http_ = std::make_unique<net::HttpServer>(*reactor_, net::HttpLimits(),
                                                    [this](net::HttpRequest request, net::HttpReply reply) {
                                                      api_->handle_metrics(std::move(request), std::move(reply));
                                                    });
  auto metrics_bound = metrics_http_->listen({*metrics_address, nullptr});
  if (!metrics_bound) return pass(metrics_bound);
  return {};
}

std::string Instance::enrolment_path() const {
  return enrolment_->is_open() ? enrolment_->token_path() : std::string();
}

// Folds facts often, so that the queue stays short, and stores what changed at least twice a second.
void Instance::housekeep() {
  auto store_at = clock_.monotonic();
  auto count_at = clock_.monotonic();
  std::unique_lock lock(housekeeping_mutex_);
  while (!housekeeping_wake_.wait_for(lock, kFoldEvery, [this] { return stopping_; })) {
    lock.unlock();
    state_.measurement->fold();
    path_->tell_of_changed_credentials();
    path_->take_over_served();
    if (clock_.monotonic() >= count_at) {
      path_->count_holdings();
      count_at = clock_.monotonic() + kCountHoldingsEvery;
    }
    if (clock_.monotonic() >= store_at) {
      const auto stored = state_.measurement->store_changes();
      if (!stored && !state_failed_.exchange(true)) {
        log::error("measurements can't be stored", {{"reason", stored.error().message}});
      }
      if (stored) state_failed_ = false;
      store_at = clock_.monotonic() + governance::Measurement::kStoreEvery;
    }
    if (const auto kept = time_->watch(); !kept) {
      log::warn("how far time has come can't be kept", {{"reason", kept.error().message}});
    }
    lock.lock();
  }
}

// Reads the whole journal once more, beside the traffic, so that a gap is told at every start and not only when asked.
void Instance::check_journal() {
  const auto faults = broker_->logs().check_provenance();
  if (!faults) return log::error("the provenance journal can't be checked", {{"reason", faults.error().message}});
  for (const auto& fault : *faults) {
    log::error("the provenance journal has a gap: usage of these offsets is not exact",
               {{"topic_id", fault.topic_id.text()},
                {"partition", fault.partition},
                {"first", fault.first_offset},
                {"next", fault.next_offset}});
  }
}

Result<void> Instance::stop(std::chrono::milliseconds deadline) {
  ready_ = false;
  if (!frames_->drain(deadline)) log::warn("connections were cut because answers took too long");
  api_->stop();
  (void)http_->drain(deadline);
  if (metrics_http_) (void)metrics_http_->drain(deadline);
  repair_->stop();
  auto stored = state_.measurement->store_changes();
  if (!stored) log::error("the last measurements can't be stored", {{"reason", stored.error().message}});
  {
    const std::lock_guard lock(housekeeping_mutex_);
    stopping_ = true;
  }
  housekeeping_wake_.notify_all();
  housekeeping_.join();
  journal_check_.join();
  if (const auto kept = time_->keep(); !kept) {
    log::warn("how far time has come can't be kept", {{"reason", kept.error().message}});
  }
  upstream_.reset();  // while its connections can still end on their loops
  reactor_->stop();
  return broker_->close();
}

std::vector<api::DoctorCheck> Instance::doctor() const {
  std::vector<api::DoctorCheck> checks;
  const auto& report = broker_->logs().recovery();
  checks.push_back({"recovery", api::Verdict::Ok,
                    fmt::format("{} partitions, {} scanned, {} bytes cut from torn tails", report.partitions,
                                report.scanned, report.torn_bytes),
                    ""});
  checks.push_back(damage_check(broker_->logs()));
  const auto coverage = broker_->logs().check_provenance(storage::LogDirectory::Checked::ThoseThatExist);
  const bool covered = coverage && coverage->empty();
  checks.push_back({"provenance", covered ? api::Verdict::Ok : api::Verdict::Failed,
                    covered ? "every record has exactly one journal entry" : "journal entries leave gaps or overlap",
                    covered ? "" : "keep the directory and report this: usage of those offsets is not exact"});
  struct statvfs disk{};
  if (::statvfs(options_.data_directory.c_str(), &disk) == 0) {
    const auto free_bytes = static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize);
    const auto share = static_cast<double>(disk.f_bavail) / static_cast<double>(std::max<fsblkcnt_t>(1, disk.f_blocks));
    const bool low = share < 0.05 || free_bytes < 1e9;
    checks.push_back({"disk", low ? api::Verdict::Warning : api::Verdict::Ok,
                      fmt::format("{:.1f} GB free, {:.0f} % of the disk", free_bytes / 1e9, share * 100),
                      low ? "make room: below 1 GB or 5 % producers are refused soon" : ""});
  }
  checks.push_back(clock_check());
  add_contract_checks(checks);
  checks.push_back({"state", state_failed_ ? api::Verdict::Failed : api::Verdict::Ok,
                    state_failed_ ? "control-plane state can't be written" : "writable",
                    state_failed_ ? "look for disk errors in the log" : ""});
  if (upstream_) {
    const auto trouble = upstream_->trouble();
    checks.push_back({"upstream", trouble ? api::Verdict::Failed : api::Verdict::Ok,
                      trouble.value_or("the cluster " + options_.upstream + " answers"),
                      trouble ? "clients are told to try again; nothing else needs a restart" : ""});
  }
  return checks;
}

// Where the wall clock is right after all, a restart believes it if it is ahead, and only without the kept time if it
// is behind.
api::DoctorCheck Instance::clock_check() const {
  const bool is_suspect = time_->clock().is_suspect();
  if (!is_suspect && !broker_->logs().clock_is_suspect()) return {"clock", api::Verdict::Ok, "steady", ""};
  const auto ahead = std::chrono::duration_cast<std::chrono::seconds>(time_->clock().ahead());
  auto told = fmt::format("the wall clock jumped: {} s {} the time that has passed; retention by time waits",
                          std::chrono::abs(ahead).count(), ahead.count() < 0 ? "behind" : "ahead of");
  if (!is_suspect) return {"clock", api::Verdict::Warning, std::move(told), "set the clock and restart"};
  if (ahead.count() > 0) {
    told += ", grants end by the wall clock and none begins by it";
    return {"clock", api::Verdict::Warning, std::move(told), "set the clock; if it is right, restart"};
  }
  told += ", grants that ended stay ended";
  return {"clock", api::Verdict::Warning, std::move(told),
          fmt::format("set the clock; if it is right, stop the server, remove {} and start it", time_->path())};
}

// A topic that was there before its contract, or made under an older one, keeps its settings; here is where it shows.
void Instance::add_contract_checks(std::vector<api::DoctorCheck>& checks) const {
  const auto differing = questions_->contract_differences();
  if (!differing) {
    checks.push_back({"contracts", api::Verdict::Failed, differing.error().message, "look for errors in the log"});
    return;
  }
  for (const auto& topic : *differing | std::views::take(kContractRowsMax)) {
    std::string finding = fmt::format("topic {} is not as {} says:", topic.topic.text(), topic.place.text());
    for (const auto& setting : topic.settings) {
      finding += fmt::format("{} {} is {}, not {}", &setting == &topic.settings.front() ? "" : ",", setting.setting,
                             setting.found.empty() ? "unknown" : setting.found, setting.declared);
    }
    checks.push_back({"contract", api::Verdict::Warning, std::move(finding),
                      "nothing was changed: correct the contract, or create the topic anew and move its clients"});
  }
  checks.push_back({"contracts", differing->empty() ? api::Verdict::Ok : api::Verdict::Warning,
                    differing->empty() ? "every topic that exists is as its contract says"
                                       : fmt::format("{} topics are not as their contracts say", differing->size()),
                    ""});
}

void Instance::add_metrics(api::MetricsPage& page) const {
  api::add_metrics(page, path_->counters());
  api::add_metrics(page, http_->counters());
  api::add_process_metrics(page);
  if (upstream_) {
    page.gauge("myelin_upstream_reached", "1 while the upstream cluster answers.", upstream_->trouble() ? 0 : 1);
    page.gauge("myelin_upstream_connections", "Connections to the upstream cluster.",
               static_cast<double>(upstream_->connections()));
  }
  page.counter("myelin_clock_jumps_total", "Times that the wall clock left the time that has passed by over 5 minutes.",
               static_cast<double>(time_->jumps()));
  page.gauge("myelin_clock_ahead_seconds", "Wall clock minus the time that has passed.",
             std::chrono::duration<double>(time_->clock().ahead()).count());
  for (const auto& [rule, counted] : state_.rule_counts->of(policy_->current()->model())) {
    constexpr auto kHelp = "Requests that did not obey a rule of the Policy.";
    page.counter("myelin_policy_disobeyed_total", kHelp, static_cast<double>(counted.let_through),
                 {{"rule", rule}, {"answer", "let_through"}});
    page.counter("myelin_policy_disobeyed_total", kHelp, static_cast<double>(counted.refused),
                 {{"rule", rule}, {"answer", "refused"}});
  }
  const auto glass = access_->broken_glass();
  page.counter("myelin_break_glass_total", "Times that somebody took access in an emergency.",
               static_cast<double>(glass.times));
  page.gauge("myelin_break_glass_unacknowledged", "Of those, not looked at yet by the owner of the product.",
             static_cast<double>(glass.unacknowledged));
  const auto frames = frames_->counters();
  page.gauge("myelin_net_connections", "Open Kafka connections.", static_cast<double>(frames.open));
  page.gauge("myelin_net_unauthenticated_connections", "Of those, not signed in yet.",
             static_cast<double>(frames.unauthenticated));
  page.counter("myelin_net_accepted_connections_total", "Kafka connections accepted.",
               static_cast<double>(frames.accepted));
  page.counter("myelin_net_received_bytes_total", "Bytes received from Kafka clients.",
               static_cast<double>(frames.received_bytes));
  page.counter("myelin_net_sent_bytes_total", "Bytes sent to Kafka clients.", static_cast<double>(frames.sent_bytes));
  api::add_metrics(page, state_.measurement->usage_rows());
}

}  // namespace myelin::app
