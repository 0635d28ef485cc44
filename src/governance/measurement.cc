#include "governance/measurement.h"

#include <charconv>
#include <initializer_list>
#include <tuple>

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

// The amounts and the span of an hour; its key and hour are the stored key.
std::string encode_hour(std::initializer_list<std::int64_t> amounts, WallTime first_seen, WallTime last_seen) {
  state::FieldWriter writer(kVersion);
  for (const auto amount : amounts) writer.number(amount);
  writer.number(unix_milliseconds(first_seen));
  writer.number(unix_milliseconds(last_seen));
  return writer.finish();
}

std::string hour_text(usage::Hour hour) { return std::to_string(hour.time_since_epoch().count()); }

std::optional<std::int64_t> parse_number(const std::string& text) {
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  if (std::from_chars(text.data(), end, number).ptr != end) return std::nullopt;
  return number;
}

std::optional<usage::Hour> parse_hour(const std::string& text) {
  const auto hours = parse_number(text);
  return hours ? std::optional(usage::Hour(std::chrono::hours(*hours))) : std::nullopt;
}

std::string flow_key(const usage::FlowRow& row) {
  return join({row.key.principal.text(), row.key.client_id, row.key.client, row.key.topic.text(), hour_text(row.hour)});
}

std::optional<usage::FlowRow> decode_flow(usage::Direction direction, const std::string& key,
                                          const std::string& value) {
  const auto parts = split(key);
  if (parts.size() != 5) return std::nullopt;
  const auto hour = parse_hour(parts[4]);
  state::FieldReader reader(value, kVersion);
  usage::FlowRow row{{PrincipalName(parts[0]), parts[1], parts[2], TopicName(parts[3]), direction},
                     hour.value_or(usage::Hour()),
                     {},
                     {},
                     {}};
  row.amount.offsets = reader.number();
  row.amount.bytes = reader.number();
  row.first_seen = from_unix_milliseconds(reader.number());
  row.last_seen = from_unix_milliseconds(reader.number());
  if (!hour || !reader.complete()) return std::nullopt;
  return row;
}

std::optional<usage::ConsumerRow> decode_consumed(const std::string& key, const std::string& value) {
  const auto parts = split(key);
  if (parts.size() != 5) return std::nullopt;
  const auto partition = parse_number(parts[3]);
  const auto hour = parse_hour(parts[4]);
  if (!partition || !hour) return std::nullopt;
  state::FieldReader reader(value, kVersion);
  usage::ConsumerRow row{
      {PrincipalName(parts[0]), GroupName(parts[1]), TopicName(parts[2]), static_cast<std::int32_t>(*partition)},
      *hour,
      {},
      {},
      {}};
  row.amount.offsets = reader.number();
  row.first_seen = from_unix_milliseconds(reader.number());
  row.last_seen = from_unix_milliseconds(reader.number());
  return reader.complete() ? std::optional(std::move(row)) : std::nullopt;
}

std::optional<usage::CallerRow> decode_asked(const std::string& key, const std::string& value) {
  const auto parts = split(key);
  if (parts.size() != 4) return std::nullopt;
  const auto hour = parse_hour(parts[3]);
  state::FieldReader reader(value, kVersion);
  usage::CallerRow row{
      {PrincipalName(parts[0]), parts[1], TopicName(parts[2])}, hour.value_or(usage::Hour()), {}, {}, {}};
  row.amount.requests = reader.number();
  row.amount.microseconds = reader.number();
  row.amount.connections = reader.number();
  row.amount.refused_bytes = reader.number();
  row.first_seen = from_unix_milliseconds(reader.number());
  row.last_seen = from_unix_milliseconds(reader.number());
  if (!hour || !reader.complete()) return std::nullopt;
  return row;
}

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

std::string encode_span(WallTime first_seen, WallTime last_seen, std::optional<bool> certain) {
  state::FieldWriter writer(kVersion);
  writer.number(unix_milliseconds(first_seen));
  writer.number(unix_milliseconds(last_seen));
  if (certain) writer.number(*certain ? 1 : 0);
  return writer.finish();
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
  ledger_.appended(attribution,
                   {fact.topic, fact.partition, fact.base_offset, fact.records, fact.log_bytes, fact.time, fact.span});
  see_client(attribution, fact.time + fact.span);
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
  auto restored = restore_usage();
  if (!restored) return restored;
  if (!is_rebuilt()) {
    restored = restore_without_journal();
    if (!restored) return restored;
    restore_write_edges();
  }
  restore_read_edges();
  return restore_lineage();
}

Result<void> Measurement::restore_usage() {
  Result<void> outcome;
  store_.each(state::Table::ServedHours, [&](const std::string& key, const std::string& value) {
    const auto row = decode_flow(usage::Direction::Read, key, value);
    if (row) rollup_.reads.restore(*row);
    if (!row && outcome) outcome = unreadable("served");
  });
  store_.each(state::Table::AskedHours, [&](const std::string& key, const std::string& value) {
    const auto row = decode_asked(key, value);
    if (row) rollup_.callers.restore(*row);
    if (!row && outcome) outcome = unreadable("asked");
  });
  store_.each(state::Table::Beginnings, [&](const std::string& key, const std::string& value) {
    const auto parts = split(key);
    state::FieldReader reader(value, kVersion);
    const auto first = reader.number();
    const auto partition = parts.size() == 4 ? parse_number(parts[3]) : std::nullopt;
    if ((!reader.complete() || !partition) && outcome) outcome = unreadable("began");
    if (!partition) return;
    streaks_.restore(
        {{PrincipalName(parts[0]), parts[1], TopicName(parts[2]), static_cast<std::int32_t>(*partition)}, first});
  });
  store_.each(state::Table::Clients, [&](const std::string& key, const std::string& value) {
    const auto parts = split(key);
    state::FieldReader reader(value, kVersion);
    ClientSeen client{PrincipalName(parts[0]), parts.size() > 1 ? parts[1] : "", reader.text(), reader.text(),
                      from_unix_milliseconds(reader.number())};
    if ((!reader.complete() || parts.size() != 2) && outcome) outcome = unreadable("clients");
    clients_[{client.principal, client.client_id}] = client;
  });
  return outcome;
}

Result<void> Measurement::restore_without_journal() {
  Result<void> outcome;
  store_.each(state::Table::WrittenHours, [&](const std::string& key, const std::string& value) {
    const auto row = decode_flow(usage::Direction::Write, key, value);
    if (row) rollup_.writes.restore(*row);
    if (!row && outcome) outcome = unreadable("written");
  });
  store_.each(state::Table::ConsumedHours, [&](const std::string& key, const std::string& value) {
    const auto row = decode_consumed(key, value);
    if (row) rollup_.consumers.restore(*row);
    if (!row && outcome) outcome = unreadable("consumed");
  });
  return outcome;
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
  Result<void> outcome;
  const auto keep_first = [&outcome](std::string_view table) {
    if (outcome) outcome = unreadable(table);
  };
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

void Measurement::take_hours(std::vector<state::Change>& changes) {
  const auto encode_flow = [](const usage::FlowRow& row) {
    return encode_hour({row.amount.offsets, row.amount.bytes}, row.first_seen, row.last_seen);
  };
  for (const auto& row : rollup_.writes.take_changed()) {
    if (!is_rebuilt()) changes.push_back({state::Table::WrittenHours, flow_key(row), encode_flow(row)});
  }
  for (const auto& row : rollup_.consumers.take_changed()) {
    if (is_rebuilt()) continue;
    changes.push_back({state::Table::ConsumedHours,
                       join({row.key.principal.text(), row.key.group.text(), row.key.topic.text(),
                             std::to_string(row.key.partition), hour_text(row.hour)}),
                       encode_hour({row.amount.offsets}, row.first_seen, row.last_seen)});
  }
  for (const auto& row : rollup_.reads.take_changed()) {
    changes.push_back({state::Table::ServedHours, flow_key(row), encode_flow(row)});
  }
  for (const auto& row : rollup_.callers.take_changed()) {
    changes.push_back(
        {state::Table::AskedHours,
         join({row.key.principal.text(), row.key.client, row.key.topic.text(), hour_text(row.hour)}),
         encode_hour({row.amount.requests, row.amount.microseconds, row.amount.connections, row.amount.refused_bytes},
                     row.first_seen, row.last_seen)});
  }
}

std::vector<state::Change> Measurement::take_changes() {
  std::vector<state::Change> changes;
  take_hours(changes);
  for (const auto& [reader, first] : streaks_.take_new()) {
    state::FieldWriter writer(kVersion);
    writer.number(first);
    changes.push_back(
        {state::Table::Beginnings,
         join({reader.principal.text(), reader.client_id, reader.topic.text(), std::to_string(reader.partition)}),
         writer.finish()});
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
  for (const auto& [key, client] : clients_) {
    clients.push_back(client);
    clients.back().principal = key.first;
    clients.back().client_id = key.second;
  }
  return clients;
}

}  // namespace myelin::governance
