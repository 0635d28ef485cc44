#include "engine/broker/topic_rules.h"

#include <algorithm>

namespace myelin::engine::broker {
namespace {

bool is_legal(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
         letter == '.' || letter == '_' || letter == '-';
}

char folded(char letter) { return letter == '.' ? '_' : letter; }

}  // namespace

Result<void> check_topic_name(std::string_view name) {
  if (name.empty()) return fail(Code::Invalid, "Topic name is illegal, it can't be empty");
  if (name == "." || name == "..") return fail(Code::Invalid, "Topic name cannot be '.' or '..'");
  if (name.size() > kTopicNameBytesMax) {
    return fail(Code::Invalid, "Topic name is illegal, it can't be longer than {} characters, topic name: {}",
                kTopicNameBytesMax, name);
  }
  if (!std::ranges::all_of(name, is_legal)) {
    return fail(Code::Invalid,
                "Topic name '{}' is illegal, it contains a character other than ASCII alphanumerics, '.', '_' and '-'",
                name);
  }
  return {};
}

kafka::ErrorCode absence_of(std::string_view name) {
  return check_topic_name(name) ? kafka::ErrorCode::UnknownTopicOrPartition : kafka::ErrorCode::InvalidTopicException;
}

const Topic* find_collision(const Topics& topics, std::string_view name) {
  if (name.find_first_of("._") == std::string_view::npos) return nullptr;
  for (const auto& [other, topic] : topics.by_name()) {
    if (other != name && std::ranges::equal(other, name, {}, folded, folded)) return topic.get();
  }
  return nullptr;
}

kafka::ErrorCode to_error_code(const Error& error) {
  switch (error.code) {
    case Code::Exists:
      return kafka::ErrorCode::TopicAlreadyExists;
    case Code::NotFound:
      return kafka::ErrorCode::UnknownTopicOrPartition;
    case Code::Io:
    case Code::Unavailable:
    case Code::Corrupt:
      return kafka::ErrorCode::KafkaStorageError;
    case Code::Invalid:
      return kafka::ErrorCode::InvalidRequest;
    case Code::Unsupported:
      return kafka::ErrorCode::UnsupportedVersion;
    case Code::Timeout:
      return kafka::ErrorCode::RequestTimedOut;
    case Code::TooLarge:
    case Code::Denied:
    case Code::Unauthenticated:
      break;
  }
  return kafka::ErrorCode::UnknownServerError;
}

}  // namespace myelin::engine::broker
