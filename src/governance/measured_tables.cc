#include "governance/measured_tables.h"

#include <charconv>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/fields.h"

namespace myelin::governance {
namespace {

using state::FieldReader;
using state::FieldWriter;
using state::Table;
using Parts = std::vector<std::string>;

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

Parts split(std::string_view joined) {
  Parts parts;
  for (;;) {
    const auto end = joined.find(kSeparator);
    parts.emplace_back(joined.substr(0, end));
    if (end == std::string_view::npos) return parts;
    joined.remove_prefix(end + 1);
  }
}

template <typename Number>
std::optional<Number> parse_number(const std::string& text) {
  Number number{};
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  return parsed.ec == std::errc() && parsed.ptr == end ? std::optional(number) : std::nullopt;
}

std::string text_of(usage::Hour hour) { return std::to_string(hour.time_since_epoch().count()); }

std::optional<usage::Hour> parse_hour(const std::string& text) {
  const auto hours = parse_number<std::int64_t>(text);
  return hours ? std::optional(usage::Hour(std::chrono::hours(*hours))) : std::nullopt;
}

// Numbers, then from when to when.
std::string encode(std::initializer_list<std::int64_t> numbers, WallTime first_seen, WallTime last_seen) {
  FieldWriter writer(kVersion);
  for (const auto number : numbers) writer.number(number);
  writer.number(unix_milliseconds(first_seen));
  writer.number(unix_milliseconds(last_seen));
  return writer.finish();
}

WallTime read_time(FieldReader& reader) { return from_unix_milliseconds(reader.number()); }

void read_span(FieldReader& reader, auto& row) {
  row.first_seen = read_time(reader);
  row.last_seen = read_time(reader);
}

Table table_of(usage::Direction direction) {
  return direction == usage::Direction::Read ? Table::ServedHours : Table::WrittenHours;
}

// `decode` makes a row of a key's parts, which are as many as it says, and a value.
template <typename Row, typename Decode>
Result<void> each_row(const state::StateStore& store, Table table, std::size_t parts_of_key, Decode decode,
                      const RowSink<Row>& sink) {
  Result<void> outcome;
  store.each(table, [&](const std::string& key, const std::string& value) {
    const auto parts = split(key);
    FieldReader reader(value, kVersion);
    const std::optional<Row> row = parts.size() == parts_of_key ? decode(parts, reader) : std::nullopt;
    if (row && reader.complete()) {
      sink(*row);
    } else if (outcome) {
      outcome = fail(Code::Corrupt, "an entry of the stored table \"{}\" can't be read", to_text(table));
    }
  });
  return outcome;
}

}  // namespace

state::Change change_of(const usage::FlowRow& row) {
  return {table_of(row.key.direction),
          join({row.key.principal.text(), row.key.client_id, row.key.client, row.key.topic.text(), text_of(row.hour)}),
          encode({row.amount.offsets, row.amount.bytes}, row.first_seen, row.last_seen)};
}

state::Change change_of(const usage::ConsumerRow& row) {
  return {Table::ConsumedHours,
          join({row.key.principal.text(), row.key.group.text(), row.key.topic.text(), std::to_string(row.key.partition),
                text_of(row.hour)}),
          encode({row.amount.offsets}, row.first_seen, row.last_seen)};
}

state::Change change_of(const usage::CallerRow& row) {
  const auto& amount = row.amount;
  return {Table::AskedHours, join({row.key.principal.text(), row.key.client, row.key.topic.text(), text_of(row.hour)}),
          encode({amount.requests, amount.microseconds, amount.connections, amount.refused_bytes}, row.first_seen,
                 row.last_seen)};
}

state::Change change_of(const ReadStreaks::Beginning& beginning) {
  const auto& reader = beginning.reader;
  FieldWriter writer(kVersion);
  writer.number(beginning.first);
  return {Table::Beginnings,
          join({reader.principal.text(), reader.client_id, reader.topic.text(), std::to_string(reader.partition)}),
          writer.finish()};
}

state::Change change_of(const ClientSeen& client) {
  FieldWriter writer(kVersion);
  writer.text(client.library);
  writer.text(client.library_version);
  writer.number(unix_milliseconds(client.last_seen));
  return {Table::Clients, join({client.principal.text(), client.client_id}), writer.finish()};
}

state::Change change_of(const lineage::CommitEdge& edge) {
  return {Table::Commits, join({edge.group.text(), edge.topic.text(), edge.principal.text()}),
          encode({}, edge.first_seen, edge.last_seen)};
}

state::Change change_of(const lineage::Triple& triple) {
  FieldWriter writer(kVersion);
  writer.number(unix_milliseconds(triple.first_seen));
  writer.number(unix_milliseconds(triple.last_seen));
  writer.number(triple.certain ? 1 : 0);
  return {Table::Triples, join({triple.producer.text(), triple.topic.text(), triple.consumer.text()}), writer.finish()};
}

Result<void> each_flow(const state::StateStore& store, usage::Direction direction,
                       const RowSink<usage::FlowRow>& sink) {
  const auto decode = [direction](const Parts& key, FieldReader& value) -> std::optional<usage::FlowRow> {
    const auto hour = parse_hour(key[4]);
    if (!hour) return std::nullopt;
    usage::FlowRow row{{PrincipalName(key[0]), key[1], key[2], TopicName(key[3]), direction}, *hour, {}, {}, {}};
    row.amount.offsets = value.number();
    row.amount.bytes = value.number();
    read_span(value, row);
    return row;
  };
  return each_row<usage::FlowRow>(store, table_of(direction), 5, decode, sink);
}

Result<void> each_consumer(const state::StateStore& store, const RowSink<usage::ConsumerRow>& sink) {
  const auto decode = [](const Parts& key, FieldReader& value) -> std::optional<usage::ConsumerRow> {
    const auto partition = parse_number<std::int32_t>(key[3]);
    const auto hour = parse_hour(key[4]);
    if (!partition || !hour) return std::nullopt;
    usage::ConsumerRow row{
        {PrincipalName(key[0]), GroupName(key[1]), TopicName(key[2]), *partition}, *hour, {}, {}, {}};
    row.amount.offsets = value.number();
    read_span(value, row);
    return row;
  };
  return each_row<usage::ConsumerRow>(store, Table::ConsumedHours, 5, decode, sink);
}

Result<void> each_caller(const state::StateStore& store, const RowSink<usage::CallerRow>& sink) {
  const auto decode = [](const Parts& key, FieldReader& value) -> std::optional<usage::CallerRow> {
    const auto hour = parse_hour(key[3]);
    if (!hour) return std::nullopt;
    usage::CallerRow row{{PrincipalName(key[0]), key[1], TopicName(key[2])}, *hour, {}, {}, {}};
    row.amount.requests = value.number();
    row.amount.microseconds = value.number();
    row.amount.connections = value.number();
    row.amount.refused_bytes = value.number();
    read_span(value, row);
    return row;
  };
  return each_row<usage::CallerRow>(store, Table::AskedHours, 4, decode, sink);
}

Result<void> each_beginning(const state::StateStore& store, const RowSink<ReadStreaks::Beginning>& sink) {
  const auto decode = [](const Parts& key, FieldReader& value) -> std::optional<ReadStreaks::Beginning> {
    const auto partition = parse_number<std::int32_t>(key[3]);
    if (!partition) return std::nullopt;
    return ReadStreaks::Beginning{{PrincipalName(key[0]), key[1], TopicName(key[2]), *partition}, value.number()};
  };
  return each_row<ReadStreaks::Beginning>(store, Table::Beginnings, 4, decode, sink);
}

Result<void> each_client(const state::StateStore& store, const RowSink<ClientSeen>& sink) {
  const auto decode = [](const Parts& key, FieldReader& value) -> std::optional<ClientSeen> {
    return ClientSeen{PrincipalName(key[0]), key[1], value.text(), value.text(), read_time(value)};
  };
  return each_row<ClientSeen>(store, Table::Clients, 2, decode, sink);
}

Result<void> each_commit(const state::StateStore& store, const RowSink<lineage::CommitEdge>& sink) {
  const auto decode = [](const Parts& key, FieldReader& value) -> std::optional<lineage::CommitEdge> {
    lineage::CommitEdge edge{GroupName(key[0]), TopicName(key[1]), PrincipalName(key[2]), {}, {}};
    read_span(value, edge);
    return edge;
  };
  return each_row<lineage::CommitEdge>(store, Table::Commits, 3, decode, sink);
}

Result<void> each_triple(const state::StateStore& store, const RowSink<lineage::Triple>& sink) {
  const auto decode = [](const Parts& key, FieldReader& value) -> std::optional<lineage::Triple> {
    lineage::Triple triple{PrincipalName(key[0]), TopicName(key[1]), PrincipalName(key[2]), {}, {}, false};
    read_span(value, triple);
    triple.certain = value.number() == 1;
    return triple;
  };
  return each_row<lineage::Triple>(store, Table::Triples, 3, decode, sink);
}

}  // namespace myelin::governance
