#pragma once
// An id is a type, not a string: a TopicName can't be passed where a SquadName is meant.
#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace myelin {

template <typename Tag>
class StrongName {
 public:
  StrongName() = default;
  explicit StrongName(std::string text) : text_(std::move(text)) {}
  explicit StrongName(std::string_view text) : text_(text) {}
  explicit StrongName(const char* text) : text_(text) {}

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  auto operator<=>(const StrongName&) const = default;

 private:
  std::string text_;
};

using TopicName = StrongName<struct TopicNameTag>;
using PrincipalName = StrongName<struct PrincipalNameTag>;
using ApplicationName = StrongName<struct ApplicationNameTag>;
using SquadName = StrongName<struct SquadNameTag>;
using DomainName = StrongName<struct DomainNameTag>;
using ProductName = StrongName<struct ProductNameTag>;
using GroupName = StrongName<struct GroupNameTag>;  // a Kafka consumer group

}  // namespace myelin

template <typename Tag>
struct std::hash<myelin::StrongName<Tag>> {
  std::size_t operator()(const myelin::StrongName<Tag>& name) const noexcept {
    return std::hash<std::string>{}(name.text());
  }
};
