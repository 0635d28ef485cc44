#include "governance/measurement.h"

#include <charconv>

#include "state/fields.h"

namespace myelin::governance {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr char kSeparator = '\0';

std::string join(std::initializer_list<std::string_view> parts) {
  std::string joined;
  for (const auto part : parts) {
    joined += part;
    joined += kSeparator;
  }
  joined.pop_back();
  return joined;
}

std::vector<std::string> split(std::string_view joined) {
  std::vector<std::string> parts;
  for (;;) {
    const auto end = joined.find(kSeparator);
    parts.emplace_back(joined.substr(0, end));
    if (end == std::string_view::npos) return parts;
    joined.remove_prefix(end + 1);
  }
}

std::unexpected<Error> unreadable(std::string_view table) {
  return fail(Code::Corrupt, "an entry of the stored table \"{}\" can't be read", table);
}

std::string encode_hour(const usage::HourlyAmount& row) {
  state::FieldWriter writer(kVersion);
  for (const auto number : {row.amount.offsets, row.amount.bytes, row.amount.batches, unix_milliseconds(row.first_seen),
                            unix_milliseconds(row.last_seen)}) {
    writer.number(number);
  }
  return writer.finish();
}

Result<usage::HourlyAmount> decode_hour(const std::string& key, const std::string& value) {
  const auto parts = split(key);
  if (parts.size() != 4) return unreadable("served");
  std::int64_t hours = 0;
  const auto* end = parts[3].data() + parts[3].size();
  if (std::from_chars(parts[3].data(), end, hours).ptr != end) return unreadable("served");
  usage::HourlyAmount row;
  row.flow = {PrincipalName(parts[0]), parts[1], TopicName(parts[2]), usage::Direction::Read};
  row.hour = usage::Hour(std::chrono::hours(hours));
  state::FieldReader reader(value, kVersion);
  row.amount.offsets = reader.number();
  row.amount.bytes = reader.number();
  row.amount.batches = reader.number();
  row.first_seen = from_unix_milliseconds(reader.number());
  row.last_seen = from_unix_milliseconds(reader.number());
  if (!reader.complete()) return unreadable("served");
  return row;
}

std::string encode_span(WallTime first_seen, WallTime last_seen, std::optional<bool> certain) {
  state::FieldWriter writer(kVersion);
  writer.number(unix_milliseconds(first_seen));
  writer.number(unix_milliseconds(last_seen));
  if (certain) writer.number(*certain ? 1 : 0);
  return writer.finish();
}

}  // namespace

Result<std::unique_ptr<Measurement>> Measurement::open(const engine::Engine& engine, state::StateStore& store,
                                                       const Clock& clock) {
  std::unique_ptr<Measurement> measurement(new Measurement(store, clock));
  auto restored = measurement->restore();
  if (!restored) return pass(restored);
  auto replayed = engine.replay_appends([&](const Attribution& attribution, const engine::AppendFact& fact) {
    measurement->add_append(attribution, fact);
  });
  if (!replayed) return pass(replayed);
  (void)measurement->take_changes();
  return measurement;
}

void Measurement::record(std::shared_ptr<const Attribution> attribution, std::vector<engine::AppendFact> appended,
                         std::vector<engine::ServedFact> served, std::vector<engine::CommitFact> committed) {
  std::size_t queued = 0;
  {
    const std::lock_guard lock(queue_mutex_);
    queue_.push_back(
        {std::move(attribution), clock_.wall(), std::move(appended), std::move(served), std::move(committed)});
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
  for (const auto& fact : facts.appended) add_append(who, fact);
  for (const auto& fact : facts.served) {
    rollup_.add({who.principal, who.client_id, fact.topic, usage::Direction::Read}, facts.time,
                {fact.next_offset - fact.first_offset, fact.bytes, 1});
    ledger_.served(who, {fact.topic, fact.partition, fact.first_offset, fact.next_offset, fact.bytes, facts.time});
  }
  for (const auto& fact : facts.committed) ledger_.committed(who, {fact.group, fact.topic, facts.time});
  see_client(who, facts.time);
}

void Measurement::add_append(const Attribution& attribution, const engine::AppendFact& fact) {
  rollup_.add({attribution.principal, attribution.client_id, fact.topic, usage::Direction::Write}, fact.time,
              {fact.records, fact.log_bytes, 1});
  ledger_.appended(attribution,
                   {fact.topic, fact.partition, fact.base_offset, fact.records, fact.log_bytes, fact.time});
  see_client(attribution, fact.time);
}

void Measurement::see_client(const Attribution& attribution, WallTime time) {
  auto& client = clients_[{attribution.principal, attribution.client_id}];
  if (client.last_seen <= time) {
    client.library = attribution.library;
    client.library_version = attribution.library_version;
    client.last_seen = time;
  }
}

Result<void> Measurement::restore() {
  Result<void> outcome;
  const auto keep_first = [&outcome](std::string_view table) {
    if (outcome) outcome = unreadable(table);
  };
  store_.each(state::Table::ServedHours, [&](const std::string& key, const std::string& value) {
    const auto row = decode_hour(key, value);
    if (!row) return keep_first("served");
    rollup_.restore(*row);
  });
  store_.each(state::Table::Clients, [&](const std::string& key, const std::string& value) {
    const auto parts = split(key);
    state::FieldReader reader(value, kVersion);
    ClientSeen client{PrincipalName(parts[0]), parts.size() > 1 ? parts[1] : "", reader.text(), reader.text(),
                      from_unix_milliseconds(reader.number())};
    if (!reader.complete() || parts.size() != 2) return keep_first("clients");
    clients_[{client.principal, client.client_id}] = client;
  });
  for (const auto& total : rollup_.totals()) {
    const auto client = clients_.find({total.flow.principal, total.flow.client_id});
    lineage::ReadEdge edge{total.flow.topic,
                           total.flow.principal,
                           total.flow.client_id,
                           total.amount.offsets,
                           total.amount.bytes,
                           total.first_seen,
                           total.last_seen,
                           {},
                           {},
                           {}};
    if (client != clients_.end()) {
      edge.library = client->second.library;
      edge.library_version = client->second.library_version;
    }
    ledger_.restore(edge);
  }
  store_.each(state::Table::Commits, [&](const std::string& key, const std::string& value) {
    const auto parts = split(key);
    state::FieldReader reader(value, kVersion);
    const auto first = from_unix_milliseconds(reader.number());
    const auto last = from_unix_milliseconds(reader.number());
    if (!reader.complete() || parts.size() != 3) return keep_first("commits");
    ledger_.restore(
        lineage::CommitEdge{GroupName(parts[0]), TopicName(parts[1]), PrincipalName(parts[2]), first, last});
  });
  store_.each(state::Table::Triples, [&](const std::string& key, const std::string& value) {
    const auto parts = split(key);
    state::FieldReader reader(value, kVersion);
    const auto first = from_unix_milliseconds(reader.number());
    const auto last = from_unix_milliseconds(reader.number());
    const bool certain = reader.number() == 1;
    if (!reader.complete() || parts.size() != 3) return keep_first("triples");
    ledger_.restore(
        lineage::Triple{PrincipalName(parts[0]), TopicName(parts[1]), PrincipalName(parts[2]), first, last, certain});
  });
  return outcome;
}

std::vector<state::Change> Measurement::take_changes() {
  std::vector<state::Change> changes;
  (void)rollup_.take_changed(usage::Direction::Write);
  for (const auto& row : rollup_.take_changed(usage::Direction::Read)) {
    const auto hour = std::to_string(row.hour.time_since_epoch().count());
    changes.push_back({state::Table::ServedHours,
                       join({row.flow.principal.text(), row.flow.client_id, row.flow.topic.text(), hour}),
                       encode_hour(row)});
  }
  const auto put_if_changed = [&](state::Table table, std::string key, std::string value) {
    auto& stored = stored_[std::string(to_text(table)) + '/' + key];
    if (stored == value) return;
    stored = value;
    changes.push_back({table, std::move(key), std::move(value)});
  };
  for (const auto& [key, client] : clients_) {
    state::FieldWriter writer(kVersion);
    writer.text(client.library);
    writer.text(client.library_version);
    writer.number(unix_milliseconds(client.last_seen));
    put_if_changed(state::Table::Clients, join({key.first.text(), key.second}), writer.finish());
  }
  for (const auto& edge : ledger_.commits()) {
    put_if_changed(state::Table::Commits, join({edge.group.text(), edge.topic.text(), edge.principal.text()}),
                   encode_span(edge.first_seen, edge.last_seen, std::nullopt));
  }
  for (const auto& triple : ledger_.triples()) {
    put_if_changed(state::Table::Triples, join({triple.producer.text(), triple.topic.text(), triple.consumer.text()}),
                   encode_span(triple.first_seen, triple.last_seen, triple.certain));
  }
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

std::vector<usage::HourlyAmount> Measurement::usage_rows() {
  const std::lock_guard lock(mutex_);
  fold_locked();
  return rollup_.rows();
}

std::vector<usage::HourlyAmount> Measurement::usage_totals() {
  const std::lock_guard lock(mutex_);
  fold_locked();
  return rollup_.totals();
}

Measurement::Edges Measurement::edges() {
  const std::lock_guard lock(mutex_);
  fold_locked();
  return {ledger_.writes(), ledger_.reads(), ledger_.commits(), ledger_.triples()};
}

std::vector<ClientSeen> Measurement::clients() {
  const std::lock_guard lock(mutex_);
  fold_locked();
  std::vector<ClientSeen> clients;
  for (const auto& [key, client] : clients_) {
    clients.push_back(client);
    clients.back().principal = key.first;
    clients.back().client_id = key.second;
  }
  return clients;
}

}  // namespace myelin::governance
