#include "quokka/records.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <utility>
#include <variant>

namespace quokka {
namespace {

// The company opens on Monday 2 March 2026, 06:00 UTC.
constexpr std::int64_t kOpeningMs = 1772431200000;

// splitmix64
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::int64_t between(std::int64_t low, std::int64_t high) {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    z ^= z >> 31;
    return low + static_cast<std::int64_t>(z % static_cast<std::uint64_t>(high - low + 1));
  }

 private:
  std::uint64_t state_;
};

std::uint64_t hash_of(std::string_view text, std::uint64_t hash) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

// What a string field may say: one of some words, or PREFIX-1 to PREFIX-count.
struct Vocabulary {
  std::string_view field;
  std::string_view words;  // parted by '|'
  std::int64_t count = 0;
};

constexpr std::array kVocabularies{
    Vocabulary{"store_id", "store", 48},
    Vocabulary{"sku", "sku", 5000},
    Vocabulary{"receipt_id", "receipt", 9999999},
    Vocabulary{"order_id", "order", 9999999},
    Vocabulary{"customer_id", "customer", 20000},
    Vocabulary{"session_id", "session", 900000},
    Vocabulary{"supplier_id", "supplier", 90},
    Vocabulary{"notice_id", "notice", 9999999},
    Vocabulary{"task_id", "task", 9999999},
    Vocabulary{"shipment_id", "shipment", 9999999},
    Vocabulary{"email", "reader", 20000},
    Vocabulary{"bin", "aisle", 240},
    Vocabulary{"payload", "row", 9999999},
    Vocabulary{"name", "desk lamp|kettle|rain jacket|running shoe|tea towel|notebook|bicycle light|garden chair"},
    Vocabulary{"category", "home|garden|clothing|sport|paper"},
    Vocabulary{"reason", "too small|damaged|late|promotion|competitor|end of season"},
    Vocabulary{"action", "add|add|add|remove|checkout"},
    Vocabulary{"segment", "new|regular|regular|gold"},
    Vocabulary{"scheme", "card|invoice|wallet"},
    Vocabulary{"verdict", "pass|pass|pass|pass|review|stop"},
    Vocabulary{"state", "created|started|done"},
    Vocabulary{"carrier", "parcel|van|bicycle"},
    Vocabulary{"channel", "store|store|online"},
};
constexpr Vocabulary kAnyWord{"", "red|green|blue|amber"};

const Vocabulary& vocabulary_of(std::string_view field) {
  for (const Vocabulary& vocabulary : kVocabularies) {
    if (vocabulary.field == field) return vocabulary;
  }
  return kAnyWord;
}

std::string choose_word(std::string_view words, Dice& dice) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto bar = words.find('|');
    parts.push_back(words.substr(0, bar));
    if (bar == std::string_view::npos) break;
    words.remove_prefix(bar + 1);
  }
  return std::string(parts[static_cast<std::size_t>(dice.between(0, static_cast<std::int64_t>(parts.size()) - 1))]);
}

struct Hundredths {
  std::int64_t count;
};
struct Moment {
  std::int64_t ms;
};
using Value = std::variant<std::string, std::int64_t, Hundredths, bool, Moment>;

std::string time_text(Moment moment, const char* pattern) {
  const std::time_t seconds = moment.ms / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 40> text{};
  return {text.data(), std::strftime(text.data(), text.size(), pattern, &utc)};
}

Value roll(const Field& field, Dice& dice, Moment moment, std::int64_t count) {
  switch (field.type) {
    case FieldType::kString: {
      const Vocabulary& vocabulary = vocabulary_of(field.name);
      if (vocabulary.count == 0) return choose_word(vocabulary.words, dice);
      return std::string(vocabulary.words) + "-" +
             std::to_string(dice.between(1, count > 0 ? count : vocabulary.count));
    }
    case FieldType::kInteger:
      return dice.between(1, 240);
    case FieldType::kNumber:
      return Hundredths{dice.between(99, 49999)};
    case FieldType::kBoolean:
      return dice.between(0, 3) == 0;
    case FieldType::kDate:
      return time_text(moment, "%Y-%m-%d");
    case FieldType::kTimestamp:
      break;
  }
  return moment;
}

using NamedValues = std::vector<std::pair<std::string, Value>>;

struct JsonText {
  std::string operator()(const std::string& text) const { return "\"" + text + "\""; }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(bool flag) const { return flag ? "true" : "false"; }
  std::string operator()(Moment moment) const { return "\"" + time_text(moment, "%Y-%m-%dT%H:%M:%SZ") + "\""; }
  std::string operator()(Hundredths hundredths) const {
    const std::string rest = std::to_string(hundredths.count % 100);
    return std::to_string(hundredths.count / 100) + (rest.size() == 1 ? ".0" : ".") + rest;
  }
};

std::string json_of(const NamedValues& values) {
  std::string text;
  for (const auto& [name, value] : values) {
    text += (text.empty() ? "{\"" : ",\"") + name + "\":" + std::visit(JsonText{}, value);
  }
  return text + "}";
}

void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7f) | 0x80);
  out += static_cast<char>(value);
}

// The number behind a value that is no string: times in milliseconds, numbers in hundredths.
std::int64_t number_of(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* hundredths = std::get_if<Hundredths>(&value)) return hundredths->count;
  if (const auto* moment = std::get_if<Moment>(&value)) return moment->ms;
  return std::get<bool>(value) ? 1 : 0;
}

// Avro binary encoding: the fields in order; int and long are zig-zag varints, a boolean is one byte.
std::string avro_of(const NamedValues& values) {
  std::string out;
  const auto put_long = [&out](std::int64_t n) {
    put_varint(out, (static_cast<std::uint64_t>(n) << 1) ^ static_cast<std::uint64_t>(n >> 63));
  };
  for (const auto& [name, value] : values) {
    if (const auto* text = std::get_if<std::string>(&value)) {
      put_long(static_cast<std::int64_t>(text->size()));
      out += *text;
    } else if (std::holds_alternative<bool>(value)) {
      out += static_cast<char>(number_of(value));
    } else {
      put_long(number_of(value));
    }
  }
  return out;
}

// Protobuf wire format: field numbers count from 1 in the plan's order; a string is length-delimited, the rest are
// varints.
std::string protobuf_of(const NamedValues& values) {
  std::string out;
  std::uint64_t field = 0;
  for (const auto& [name, value] : values) {
    ++field;
    if (const auto* text = std::get_if<std::string>(&value)) {
      put_varint(out, field << 3 | 2);
      put_varint(out, text->size());
      out += *text;
    } else {
      put_varint(out, field << 3);
      put_varint(out, static_cast<std::uint64_t>(number_of(value)));
    }
  }
  return out;
}

void sign(NamedValues& values, const RecordForm& form, const RecordIdentity& identity) {
  if (form.format == Format::kJson) {
    values.emplace_back("application", std::string(identity.writer));
    values.emplace_back("sequence", identity.sequence);
    return;
  }
  for (auto it = values.rbegin(); it != values.rend(); ++it) {
    auto* text = std::get_if<std::string>(&it->second);
    if (text == nullptr || it->first == form.key) continue;
    *text += " " + std::string(identity.writer) + "/" + std::to_string(identity.sequence);
    return;
  }
}

}  // namespace

std::optional<Format> format_named(std::string_view name) {
  if (name == "json") return Format::kJson;
  if (name == "avro") return Format::kAvro;
  if (name == "protobuf") return Format::kProtobuf;
  return std::nullopt;
}

std::optional<FieldType> field_type_named(std::string_view name) {
  if (name == "string") return FieldType::kString;
  if (name == "integer") return FieldType::kInteger;
  if (name == "number") return FieldType::kNumber;
  if (name == "boolean") return FieldType::kBoolean;
  if (name == "timestamp") return FieldType::kTimestamp;
  if (name == "date") return FieldType::kDate;
  return std::nullopt;
}

Record make_record(const RecordForm& form, const RecordIdentity& identity) {
  Dice dice(hash_of(identity.writer, hash_of(identity.topic, 0xcbf29ce484222325ULL ^ identity.seed)) +
            static_cast<std::uint64_t>(identity.sequence) * 0x2545f4914f6cdd1dULL);
  const Moment moment{kOpeningMs +
                      static_cast<std::int64_t>(static_cast<double>(identity.sequence) * 1000 / identity.per_second)};
  NamedValues values;
  Record record;
  for (const Field& field : form.fields) {
    const bool is_key = field.name == form.key;
    values.emplace_back(field.name, roll(field, dice, moment, is_key ? form.keys : 0));
    if (!is_key) continue;
    if (!identity.key.empty()) values.back().second = std::string(identity.key);
    const auto* text = std::get_if<std::string>(&values.back().second);
    record.key = text != nullptr ? *text : std::to_string(number_of(values.back().second));
  }
  sign(values, form, identity);
  switch (form.format) {
    case Format::kJson:
      record.value = json_of(values);
      break;
    case Format::kAvro:
      record.value = avro_of(values);
      break;
    case Format::kProtobuf:
      record.value = protobuf_of(values);
      break;
  }
  return record;
}

}  // namespace quokka
