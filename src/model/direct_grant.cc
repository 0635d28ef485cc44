#include "model/direct_grant.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/utf8.h"
#include "model/rules.h"

namespace myelin::model {
namespace {

constexpr std::size_t kNameBytesMax = 249;  // as of a topic
constexpr std::string_view kInternal = "__";

bool is_plain(std::string_view text) {
  const auto is_control = [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f; };
  return utf8_prefix(text) == text.size() && std::ranges::none_of(text, is_control);
}

// Of a topic's prefix: whether any topic of a contract could begin so.
std::optional<std::string> wrong_topic_prefix(std::string_view prefix) {
  if (std::string(kInternal).starts_with(prefix)) return "takes in internal topics, which start with __";
  return wrong_topic(std::string(prefix) + "x");
}

}  // namespace

std::string_view name_of(RightResource resource) {
  switch (resource) {
    case RightResource::Topic:
      return "topic";
    case RightResource::Group:
      return "group";
    case RightResource::TransactionalId:
      return "transactional_id";
  }
  return "";
}

std::string_view name_of(RightOperation operation) {
  switch (operation) {
    case RightOperation::All:
      return "all";
    case RightOperation::Read:
      return "read";
    case RightOperation::Write:
      return "write";
    case RightOperation::Create:
      return "create";
    case RightOperation::Delete:
      return "delete";
    case RightOperation::Alter:
      return "alter";
    case RightOperation::Describe:
      return "describe";
    case RightOperation::DescribeConfigs:
      return "describe_configs";
  }
  return "";
}

bool is_known(RightResource resource, RightOperation operation) {
  using enum RightOperation;
  switch (resource) {
    case RightResource::Topic:
      return true;
    case RightResource::Group:
      return operation == All || operation == Read || operation == Delete || operation == Describe;
    case RightResource::TransactionalId:
      return operation == All || operation == Write || operation == Describe;
  }
  return false;
}

std::optional<std::string> wrong_name(const Right& right) {
  if (right.name.empty()) return "is empty";
  if (right.name == "*") return "takes in everything; expected one name, or what the names begin with";
  if (right.name.size() > kNameBytesMax) return fmt::format("is longer than {} bytes", kNameBytesMax);
  if (!is_plain(right.name)) return "holds control characters, or is not UTF-8";
  if (right.resource != RightResource::Topic) return std::nullopt;
  return right.is_prefix ? wrong_topic_prefix(right.name) : wrong_topic(right.name);
}

std::string described(const Right& right) {
  const auto kind = right.resource == RightResource::TransactionalId ? "transactional id" : name_of(right.resource);
  return fmt::format("{} {}{} {}", name_of(right.operation), kind, right.is_prefix ? "s that begin with" : "",
                     right.name);
}

}  // namespace myelin::model
