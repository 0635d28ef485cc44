#include "governance/measurement.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/sabotage.h"
#include "governance/measured_tables.h"

namespace myelin::governance {
namespace {

usage::Flow writer_of(const Attribution& attribution, const engine::AppendFact& fact) {
  return {attribution.principal, attribution.client_id, usage::client_of(attribution), fact.topic,
          usage::Direction::Write};
}

void add_write(decltype(usage::Rollup::writes)& writes, const Attribution& attribution,
               const engine::AppendFact& fact) {
  const auto writer = writer_of(attribution, fact);
  writes.add(writer, fact.time, {fact.records, fact.log_bytes});
  if (fact.span.count() != 0) writes.add(writer, fact.time + fact.span, {});
}

usage::ConsumerRow consumer_row(const engine::ConsumedFact& fact) {
  return {{fact.principal, fact.group, fact.topic, fact.partition},
          usage::hour_of(fact.last),
          {fact.advanced},
          fact.first,
          fact.last};
}

}  // namespace

Result<std::unique_ptr<Measurement>> Measurement::open(const engine::Engine& engine, state::StateStore& store,
                                                       const Clock& clock, usage::Exactness at_best) {
  std::unique_ptr<Measurement> measurement(new Measurement(engine, store, clock));
  measurement->rollup_.at_best = at_best;
  auto restored = measurement->restore();
  if (!restored) return pass(restored);
  auto replayed = engine.replay_appends([&](const Attribution& attribution, const engine::AppendFact& fact) {
    measurement->add_append(attribution, fact);
  });
  if (!replayed) return pass(replayed);
  replayed = engine.replay_consumed(
      [&](const engine::ConsumedFact& fact) { measurement->rollup_.consumers.restore(consumer_row(fact)); });
  if (!replayed) return pass(replayed);
  (void)measurement->take_changes();
  return measurement;
}

void Measurement::record(std::shared_ptr<const Attribution> attribution, Answered answered) {
  std::size_t queued = 0;
  {
    const std::lock_guard lock(queue_mutex_);
    queue_.push_back({std::move(attribution), clock_.wall(), std::move(answered)});
    queued = queue_.size();
  }
  if (queued >= kQueuedMax) fold();
}

void Measurement::fold() {
  const std::lock_guard lock(mutex_);
  fold_locked();
}

void Measurement::fold_locked() {
  std::vector<Facts> facts;
  {
    const std::lock_guard lock(queue_mutex_);
    facts.swap(queue_);
  }
  for (const auto& one : facts) add(one);
}

void Measurement::add(const Facts& facts) {
  const auto& who = *facts.attribution;
  for (const auto& fact : facts.answered.appended) add_append(who, fact);
  for (const auto& fact : facts.answered.served) {
    rollup_.reads.add({who.principal, who.client_id, usage::client_of(who), fact.topic, usage::Direction::Read},
                      facts.time, {fact.next_offset - fact.first_offset, fact.bytes});
    ledger_.served(who, {fact.topic, fact.partition, fact.first_offset, fact.next_offset, fact.bytes, facts.time});
  }
  for (const auto& fact : facts.answered.offered) {
    streaks_.served({who.principal, who.client_id, fact.topic, fact.partition}, fact.first_offset, fact.next_offset);
  }
  for (const auto& fact : facts.answered.committed) {
    ledger_.committed(who, {fact.group, fact.topic, facts.time});
    if (fact.advanced == 0) continue;
    rollup_.consumers.add({who.principal, fact.group, fact.topic, fact.partition}, fact.time, {fact.advanced});
  }
  add_caller(facts);
  see_client(who, facts.time);
}

void Measurement::add_caller(const Facts& facts) {
  const auto& answered = facts.answered;
  usage::Caller caller{facts.attribution->principal, usage::client_of(*facts.attribution), {}};
  if (answered.requests > 0) {
    rollup_.callers.add(caller, facts.time,
                        {.requests = answered.requests,
                         .microseconds = answered.took.count(),
                         .connections = answered.is_first_of_connection ? 1 : 0});
  }
  for (const auto& refused : answered.refused) {
    caller.topic = refused.topic;
    rollup_.callers.add(caller, facts.time, {.refused_bytes = refused.bytes});
  }
}

void Measurement::add_append(const Attribution& attribution, const engine::AppendFact& fact) {
  add_write(rollup_.writes, attribution, fact);
  if (sabotaged(Sabotage::MeterTwice)) add_write(rollup_.writes, attribution, fact);
  ledger_.appended(attribution,
                   {fact.topic, fact.partition, fact.base_offset, fact.records, fact.log_bytes, fact.time, fact.span});
  see_client(attribution, fact.time + fact.span);
}

void Measurement::see_client(const Attribution& attribution, WallTime time) {
  const auto [found, is_new] = clients_.try_emplace({attribution.principal, attribution.client_id});
  auto& client = found->second;
  if (is_new) std::tie(client.principal, client.client_id) = found->first;
  if (client.last_seen <= time) {
    client.library = attribution.library;
    client.library_version = attribution.library_version;
    client.last_seen = time;
  }
}

Result<void> Measurement::restore() {
  auto restored = restore_usage();
  if (restored && !is_rebuilt()) restored = restore_without_journal();
  if (!restored) return restored;
  restore_read_edges();
  return restore_lineage();
}

Result<void> Measurement::restore_usage() {
  auto restored = each_flow(store_, usage::Direction::Read, [this](const auto& row) { rollup_.reads.restore(row); });
  if (restored) restored = each_caller(store_, [this](const auto& row) { rollup_.callers.restore(row); });
  if (restored) restored = each_beginning(store_, [this](const auto& beginning) { streaks_.restore(beginning); });
  if (restored) {
    restored = each_client(
        store_, [this](const ClientSeen& client) { clients_[{client.principal, client.client_id}] = client; });
  }
  return restored;
}

Result<void> Measurement::restore_without_journal() {
  auto restored = each_flow(store_, usage::Direction::Write, [this](const auto& row) { rollup_.writes.restore(row); });
  if (restored) restored = each_consumer(store_, [this](const auto& row) { rollup_.consumers.restore(row); });
  if (restored) restore_write_edges();
  return restored;
}

// One edge per principal and topic, with the client that was seen last.
void Measurement::restore_write_edges() {
  std::map<std::pair<PrincipalName, TopicName>, lineage::WriteEdge> edges;
  for (const auto& total : rollup_.writes.totals()) {
    const auto& flow = total.key;
    auto [found, is_new] = edges.try_emplace({flow.principal, flow.topic});
    auto& edge = found->second;
    if (is_new) {
      edge.principal = flow.principal;
      edge.topic = flow.topic;
      edge.first_seen = total.first_seen;
    }
    edge.records += total.amount.offsets;
    edge.bytes += total.amount.bytes;
    edge.first_seen = std::min(edge.first_seen, total.first_seen);
    const auto client = clients_.find({flow.principal, flow.client_id});
    if (client != clients_.end() && edge.last_seen <= total.last_seen) {
      edge.library = client->second.library;
      edge.library_version = client->second.library_version;
    }
    edge.last_seen = std::max(edge.last_seen, total.last_seen);
  }
  for (auto& [key, edge] : edges) ledger_.restore(edge);
}

// One edge per client id, whatever libraries it came with.
void Measurement::restore_read_edges() {
  std::map<std::tuple<TopicName, PrincipalName, std::string>, lineage::ReadEdge> edges;
  for (const auto& total : rollup_.reads.totals()) {
    const auto& flow = total.key;
    auto [found, is_new] = edges.try_emplace({flow.topic, flow.principal, flow.client_id});
    auto& edge = found->second;
    if (is_new) {
      edge.topic = flow.topic;
      edge.principal = flow.principal;
      edge.client_id = flow.client_id;
      edge.first_seen = total.first_seen;
    }
    edge.offsets += total.amount.offsets;
    edge.bytes += total.amount.bytes;
    edge.first_seen = std::min(edge.first_seen, total.first_seen);
    edge.last_seen = std::max(edge.last_seen, total.last_seen);
  }
  for (auto& [key, edge] : edges) {
    const auto client = clients_.find({edge.principal, edge.client_id});
    if (client != clients_.end()) {
      edge.library = client->second.library;
      edge.library_version = client->second.library_version;
    }
    ledger_.restore(edge);
  }
}

Result<void> Measurement::restore_lineage() {
  auto restored = each_commit(store_, [this](const auto& edge) { ledger_.restore(edge); });
  if (restored) restored = each_triple(store_, [this](const auto& triple) { ledger_.restore(triple); });
  return restored;
}

std::vector<state::Change> Measurement::take_changes() {
  std::vector<state::Change> changes;
  const auto put_all = [&](const auto& rows) {
    for (const auto& row : rows) changes.push_back(change_of(row));
  };
  const auto written = rollup_.writes.take_changed();
  const auto consumed = rollup_.consumers.take_changed();
  if (!is_rebuilt()) {
    put_all(written);
    put_all(consumed);
  }
  put_all(rollup_.reads.take_changed());
  put_all(rollup_.callers.take_changed());
  put_all(streaks_.take_new());
  const auto put_if_changed = [&](state::Change change) {
    auto& stored = stored_[std::string(to_text(change.table)) + '/' + change.key];
    if (stored == *change.value) return;
    stored = *change.value;
    changes.push_back(std::move(change));
  };
  for (const auto& [key, client] : clients_) put_if_changed(change_of(client));
  for (const auto& edge : ledger_.commits()) put_if_changed(change_of(edge));
  for (const auto& triple : ledger_.triples()) put_if_changed(change_of(triple));
  return changes;
}

Result<void> Measurement::store_changes() {
  std::vector<state::Change> changes;
  {
    const std::lock_guard lock(mutex_);
    fold_locked();
    changes = take_changes();
  }
  if (changes.empty()) return {};
  return store_.put_and_wait(std::move(changes));
}

usage::Rows Measurement::usage_rows() {
  const std::lock_guard lock(mutex_);
  fold_locked();
  return usage::rows_of(rollup_);
}

Result<usage::Rows> Measurement::recomputed_rows() const {
  usage::Rollup rollup;
  auto replayed = engine_.replay_appends([&](const Attribution& attribution, const engine::AppendFact& fact) {
    add_write(rollup.writes, attribution, fact);
  });
  if (!replayed) return pass(replayed);
  replayed =
      engine_.replay_consumed([&](const engine::ConsumedFact& fact) { rollup.consumers.restore(consumer_row(fact)); });
  if (!replayed) return pass(replayed);
  return usage::rows_of(rollup);
}

std::vector<usage::FlowRow> Measurement::flow_totals() {
  const std::lock_guard lock(mutex_);
  fold_locked();
  auto totals = rollup_.writes.totals();
  for (auto& read : rollup_.reads.totals()) totals.push_back(std::move(read));
  return totals;
}

std::optional<std::int64_t> Measurement::began_reading(const ReadStreaks::Reader& reader) {
  const std::lock_guard lock(mutex_);
  fold_locked();
  return streaks_.began(reader);
}

std::optional<std::int64_t> Measurement::began_reading_for(const ReadStreaks::Reader& producer) {
  const std::lock_guard lock(mutex_);
  fold_locked();
  const auto began = streaks_.began(producer);
  return began ? began : streaks_.began_by_only_reader(producer);
}

Measurement::Edges Measurement::edges() {
  const std::lock_guard lock(mutex_);
  fold_locked();
  const auto now = clock_.wall();
  return {ledger_.writes(now), ledger_.reads(now), ledger_.commits(), ledger_.triples()};
}

std::vector<ClientSeen> Measurement::clients() {
  const std::lock_guard lock(mutex_);
  fold_locked();
  std::vector<ClientSeen> clients;
  for (const auto& [key, client] : clients_) clients.push_back(client);
  return clients;
}

}  // namespace myelin::governance
