#pragma once
// What the company's applications say: records that are a function of (seed, writer, topic, sequence) and of nothing
// else, so that two runs with one seed differ in how far they got but never in what they wrote.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quokka {

enum class Format { kJson, kAvro, kProtobuf };
enum class FieldType { kString, kInteger, kNumber, kBoolean, kTimestamp, kDate };

std::optional<Format> format_named(std::string_view name);
std::optional<FieldType> field_type_named(std::string_view name);

struct Field {
  std::string name;
  FieldType type = FieldType::kString;
};

// The form of a topic's records, from the plan.
struct RecordForm {
  Format format = Format::kJson;
  std::string key;        // the field whose value is the record's key
  std::int64_t keys = 0;  // how many there are; 0: as many as its vocabulary has
  std::vector<Field> fields;
};

struct RecordIdentity {
  std::uint64_t seed = 1;
  std::string_view writer;
  std::string_view topic;
  std::int64_t sequence = 0;
  double per_second = 1;  // the virtual clock: record n happens n / per_second after the company opens
  std::string_view key;   // of what it answers; empty: its own
};

struct Record {
  std::string key;
  std::string value;
};

// The value tells its writer and sequence: JSON in two further fields; Avro and Protobuf, whose schemas are closed, at
// the end of their last string field.
Record make_record(const RecordForm& form, const RecordIdentity& identity);

}  // namespace quokka
