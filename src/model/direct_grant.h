#pragma once
// What one principal may do with names that it does not own and that no product offers: a document of kind DirectGrant,
// or an ACL that was made over Kafka's API.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "document/problem.h"

namespace myelin::model {

enum class RightResource : std::uint8_t { Topic, Group, TransactionalId };
inline constexpr std::array kRightResources{RightResource::Topic, RightResource::Group, RightResource::TransactionalId};
[[nodiscard]] std::string_view name_of(RightResource resource);

// Kafka's operations, as far as one of them alone has a meaning here: whoever may alter a topic may alter its configs.
enum class RightOperation : std::uint8_t { All, Read, Write, Create, Delete, Alter, Describe, DescribeConfigs };
inline constexpr std::array kRightOperations{
    RightOperation::All,    RightOperation::Read,  RightOperation::Write,    RightOperation::Create,
    RightOperation::Delete, RightOperation::Alter, RightOperation::Describe, RightOperation::DescribeConfigs};
[[nodiscard]] std::string_view name_of(RightOperation operation);
// Whether the operation means something for such a resource, as in Kafka.
[[nodiscard]] bool is_known(RightResource resource, RightOperation operation);

struct Right {
  PrincipalName principal;
  RightResource resource = RightResource::Topic;
  std::string name;  // or what the names begin with
  bool is_prefix = false;
  RightOperation operation = RightOperation::All;
  auto operator<=>(const Right&) const = default;
};

// What is wrong with the name that the right is about: it is none, too long, or takes in internal topics.
[[nodiscard]] std::optional<std::string> wrong_name(const Right& right);

// "read topics that begin with pos.", "all of group till-1"
[[nodiscard]] std::string described(const Right& right);

struct DirectGrant {
  Right right;
  std::string id;         // of its document; empty when no document declares it
  document::Place place;  // of its document
  PrincipalName made_by;  // over Kafka's API; empty when a document declares it
  WallTime made_at;
  [[nodiscard]] bool is_made() const { return !made_by.empty(); }
};

}  // namespace myelin::model
