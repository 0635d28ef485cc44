#include "engine/broker/broker.h"

#include <utility>

#include "base/check.h"
#include "engine/broker/apis.h"
#include "engine/broker/core.h"
#include "engine/broker/data_opening.h"
#include "engine/broker/group_desk.h"
#include "engine/broker/internal_records.h"
#include "engine/broker/transaction_desk.h"
#include "engine/served_ranges.h"

namespace myelin::engine::broker {
namespace {

constexpr std::string_view kControlPlanePrefix = "__myelin_";

groups::Settings group_settings(const BrokerOptions& options) {
  groups::Settings settings = options.groups;
  settings.node_id = options.broker_id;
  return settings;
}

// TxnOffsetCommit is about a group.
template <typename Request>
constexpr bool is_about_transactions =
    std::is_same_v<Request, kafka::AddPartitionsToTxnRequest> ||
    std::is_same_v<Request, kafka::AddOffsetsToTxnRequest> || std::is_same_v<Request, kafka::EndTxnRequest> ||
    std::is_same_v<Request, kafka::DescribeTransactionsRequest> ||
    std::is_same_v<Request, kafka::ListTransactionsRequest>;

std::optional<groups::TopicPartitions> look_up(const TopicCatalogue& catalogue, const TopicName& name) {
  const auto topics = catalogue.snapshot();
  const Topic* topic = topics->find(name.text());
  if (topic == nullptr) return std::nullopt;
  return groups::TopicPartitions{topic->id, static_cast<std::int32_t>(topic->partitions.size())};
}

// All topics as the coordinator of groups sees them, listed anew when they change. Used on the control loop only.
TopicIndexSource index_of(const TopicCatalogue& catalogue) {
  return [&catalogue, seen = std::shared_ptr<const Topics>(), index = std::shared_ptr<const TopicIndex>()]() mutable {
    auto topics = catalogue.snapshot();
    if (index && topics == seen) return index;
    auto made = std::make_shared<TopicIndex>();
    for (const auto& [name, topic] : topics->by_name()) {
      made->by_name[topic->name] = {topic->id, static_cast<std::int32_t>(topic->partitions.size())};
      made->names[topic->id] = topic->name;
    }
    seen = std::move(topics);
    index = std::move(made);
    return index;
  };
}

}  // namespace

Broker::Core::Core(BrokerOptions broker_options, const Clock& broker_clock, storage::Executor& broker_executor)
    : options(std::move(broker_options)),
      clock(broker_clock),
      changes(broker_executor),
      disk_jobs(broker_executor),
      control(broker_clock, options.drive) {}

// What runs on other threads and uses the rest ends before the rest does.
Broker::Core::~Core() {
  control.stop();
  changes.drain();
  disk_jobs.drain();
  logs.reset();
}

Result<std::unique_ptr<Broker>> Broker::open(BrokerOptions options, storage::FileSystem& files, const Clock& clock,
                                             storage::Executor& executor) {
  auto core = std::make_unique<Core>(std::move(options), clock, executor);
  auto opened = open_data({.data_directory = core->options.data_directory,
                           .storage = core->options.storage,
                           .files = files,
                           .clock = clock,
                           .executor = executor});
  if (!opened) return pass(opened);
  core->logs = std::move(opened->logs);
  core->catalogue = std::move(opened->catalogue);

  core->producer_ids = std::make_unique<ProducerIds>(*core->catalogue, core->changes);
  auto offsets = ensure_internal(*core->catalogue, TopicName(kOffsetsTopic), compacted_internal_topic());
  if (!offsets) return pass(offsets);
  const TopicLookup topics = [catalogue = core->catalogue.get()](const TopicName& name) {
    return look_up(*catalogue, name);
  };
  core->groups = std::make_unique<GroupDesk>(core->control, clock, group_settings(core->options), topics,
                                             index_of(*core->catalogue), core->open_transactions);
  auto loaded = core->groups->load(*std::move(offsets));
  if (!loaded) return pass(loaded);
  auto transactions = ensure_internal(*core->catalogue, TopicName(kTransactionsTopic), compacted_internal_topic());
  if (!transactions) return pass(transactions);
  core->transactions = std::make_unique<TransactionDesk>(
      TransactionDesk::Around{core->control, clock, *core->catalogue, *core->producer_ids, *core->groups,
                              core->open_transactions},
      core->options.transactions, topics);
  loaded = core->transactions->load(*std::move(transactions));
  if (!loaded) return pass(loaded);
  return std::unique_ptr<Broker>(new Broker(std::move(core)));
}

Broker::Broker(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Broker::~Broker() = default;

Result<void> Broker::close() {
  core_->control.stop();
  core_->disk_jobs.drain();
  return core_->logs->close();
}

std::vector<ApiRange> Broker::served() const { return served_ranges(); }

std::vector<Feature> Broker::features() const { return known_features(); }

std::shared_ptr<const TopicNames> Broker::topic_names() const { return core_->catalogue->snapshot(); }

void Broker::handle(Call call, kafka::Request request, Reply reply) {
  // What is neither ours nor about groups or transactions is not in served(), so the caller has refused it.
  std::visit(
      [&](auto& typed) {
        if constexpr (requires { answer(*core_, std::move(call), std::move(typed), std::move(reply)); }) {
          answer(*core_, std::move(call), std::move(typed), std::move(reply));
        } else if constexpr (is_about_transactions<std::decay_t<decltype(typed)>>) {
          core_->transactions->handle(std::move(call), std::move(typed), std::move(reply));
        } else {
          core_->groups->handle(std::move(call), std::move(typed), std::move(reply));
        }
      },
      request);
}

Result<void> Broker::replay_appends(const AppendSink& sink) const {
  // Read when the first entry comes: of what is replayed then every topic has been made.
  std::optional<Result<CatalogueJournal::Names>> names;
  auto replayed =
      core_->logs->replay_provenance([&](const Attribution& attribution, const storage::ProvenanceEntry& entry) {
        if (!names) names = core_->catalogue->names();
        if (!names->has_value()) return;
        const auto name = (*names)->find(entry.topic_id);
        // Markers of transactions are the broker's own: nobody produced them.
        if (name == (*names)->end() || is_internal_name(name->second.text()) || attribution.principal == kBrokerItself)
          return;
        sink(attribution,
             {name->second, entry.topic_id, entry.partition, entry.base_offset, entry.count, entry.log_bytes,
              entry.time, std::chrono::duration_cast<std::chrono::milliseconds>(entry.last_time - entry.time)});
      });
  if (!replayed) return replayed;
  if (names && !*names) return pass(*names);
  return {};
}

Result<void> Broker::replay_consumed(const ConsumedSink& sink) const { return core_->groups->replay_consumed(sink); }

Result<void> Broker::open(const TopicName& topic, InternalCleanup cleanup) {
  CHECK(topic.text().starts_with(kControlPlanePrefix));
  auto configs =
      cleanup == InternalCleanup::KeepLatestPerKey ? compacted_internal_topic() : append_only_internal_topic();
  Result<void> outcome;
  core_->changes.submit([&] {
    auto ensured = ensure_internal(*core_->catalogue, topic, std::move(configs));
    if (!ensured) outcome = pass(ensured);
  });
  core_->changes.drain();
  return outcome;
}

void Broker::append(const TopicName& topic, std::vector<InternalRecord> records, Durable durable) {
  const auto topics = core_->catalogue->snapshot();
  const Topic* found = topics->find(topic.text());
  CHECK(found != nullptr && topic.text().starts_with(kControlPlanePrefix));
  std::vector<RecordView> views;
  views.reserve(records.size());
  for (const auto& record : records) {
    views.push_back(
        {as_bytes(record.key), record.value ? std::optional<ByteSpan>(as_bytes(*record.value)) : std::nullopt, {}});
  }
  append_records(*found->partitions.front(), views, core_->clock.wall(), std::move(durable));
}

Result<void> Broker::replay(const TopicName& topic, const Sink& sink) const {
  const auto topics = core_->catalogue->snapshot();
  const Topic* found = topics->find(topic.text());
  if (found == nullptr) return fail(Code::NotFound, "{}: no such internal topic", topic.text());
  return replay_records(*found->partitions.front(), [&](const RecordView& record) -> Result<void> {
    std::optional<std::string> value;
    if (record.value) value = std::string(as_text(*record.value));
    sink({std::string(as_text(record.key)), std::move(value), record.time});
    return {};
  });
}

storage::LogDirectory& Broker::logs() { return *core_->logs; }
Uuid Broker::cluster_id() const { return core_->catalogue->cluster_id(); }
void Broker::step() { core_->control.run_due(); }

}  // namespace myelin::engine::broker
