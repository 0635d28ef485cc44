#include "quokka/plan.h"

#include <boost/json/parse.hpp>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace quokka {
namespace {

namespace json = boost::json;

std::string text_at(const json::object& object, const char* name) { return std::string(object.at(name).as_string()); }

int number_at(const json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  return value != nullptr ? value->to_number<int>() : 0;
}

const json::object& object_at(const json::object& object, const char* name) {
  static const json::object kNone;
  const auto* value = object.if_contains(name);
  return value != nullptr ? value->as_object() : kNone;
}

const json::array& list_at(const json::object& object, const char* name) {
  static const json::array kNone;
  const auto* value = object.if_contains(name);
  return value != nullptr ? value->as_array() : kNone;
}

// The application whose write comes first in the plan creates the topic.
bool is_first_writer(const json::object& plan, const std::string& topic, const std::string& principal) {
  for (const auto& application : list_at(plan, "applications")) {
    for (const auto& write : list_at(application.as_object(), "writes")) {
      if (text_at(write.as_object(), "topic") == topic)
        return text_at(application.as_object(), "principal") == principal;
    }
  }
  return false;
}

const json::object& topic_named(const json::object& plan, const std::string& name) {
  for (const auto& topic : list_at(plan, "topics")) {
    if (text_at(topic.as_object(), "topic") == name) return topic.as_object();
  }
  throw std::runtime_error("topics: has no \"" + name + "\"");
}

RecordForm form_of(const json::object& topic) {
  RecordForm form;
  const auto format = format_named(text_at(topic, "format"));
  if (!format) throw std::runtime_error(text_at(topic, "topic") + ": format is json, avro or protobuf");
  form.format = *format;
  form.key = text_at(topic, "key");
  form.keys = number_at(topic, "keys");
  for (const auto& entry : list_at(topic, "fields")) {
    const auto type = field_type_named(text_at(entry.as_object(), "type"));
    if (!type) throw std::runtime_error(text_at(topic, "topic") + ": type of " + text_at(entry.as_object(), "name"));
    form.fields.push_back({text_at(entry.as_object(), "name"), *type});
  }
  return form;
}

bool is_written_in_transactions(const json::object& plan, const std::string& topic) {
  for (const auto& application : list_at(plan, "applications")) {
    if (!application.as_object().contains("transactions")) continue;
    for (const auto& write : list_at(application.as_object(), "writes")) {
      if (text_at(write.as_object(), "topic") == topic) return true;
    }
  }
  return false;
}

WritePlan read_write(const json::object& plan, const json::object& source, const std::string& principal) {
  WritePlan write;
  write.topic = text_at(source, "topic");
  const auto& topic = topic_named(plan, write.topic);
  write.form = form_of(topic);
  write.per_second = source.at("records_per_second").to_number<double>();
  write.compaction = {topic.contains("keys"), number_at(topic, "tombstone_every")};
  if (!is_first_writer(plan, write.topic, principal)) return write;
  write.create_with_partitions = number_at(topic, "partitions");
  for (const auto& config : object_at(topic, "configs")) {
    write.configs.emplace_back(config.key(), config.value().as_string());
  }
  return write;
}

TransactionPlan read_transactions(const json::object& application) {
  const auto& source = object_at(application, "transactions");
  if (source.empty()) return {};
  return {.id = text_at(source, "id"),
          .records = number_at(source, "records"),
          .abort_every = number_at(source, "abort_every"),
          .answers = source.contains("answers") ? text_at(source, "answers") : ""};
}

ApplicationPlan read_application(const json::object& plan, const json::object& source) {
  ApplicationPlan application;
  application.principal = text_at(source, "principal");
  application.client_id = text_at(source, "client_id");
  for (const auto& entry : list_at(source, "writes")) {
    application.writes.push_back(read_write(plan, entry.as_object(), application.principal));
  }
  application.transactions = read_transactions(source);
  for (const char* kind : {"reads", "attempts"}) {
    for (const auto& entry : list_at(source, kind)) {
      const auto topic = text_at(entry.as_object(), "topic");
      application.reads.push_back(
          {topic, text_at(entry.as_object(), "group"), is_written_in_transactions(plan, topic)});
    }
  }
  for (const auto& plant : list_at(source, "plants")) {
    if (plant.as_string() == "consumer_stalls") application.stalls = true;
  }
  return application;
}

}  // namespace

ApplicationPlan load_plan(const std::string& path, const std::string& principal) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path + ": cannot be read");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto plan = json::parse(text);
  for (const auto& entry : list_at(plan.as_object(), "applications")) {
    if (text_at(entry.as_object(), "principal") == principal)
      return read_application(plan.as_object(), entry.as_object());
  }
  throw std::runtime_error(path + ": has no application with principal \"" + principal + "\"");
}

}  // namespace quokka
