#pragma once
// Reading what a request says: parameters of its query and members of its body, checked.
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "document/node.h"
#include "net/http_message.h"
#include "usage/report.h"

namespace myelin::api {

// The value of a query parameter; empty when it is not given.
[[nodiscard]] std::string_view query_text(const net::HttpRequest& request, std::string_view name);
// A whole number in [lowest, highest], or `otherwise` when it is not given.
struct NumberRange {
  std::int64_t lowest;
  std::int64_t highest;
  std::int64_t otherwise;
};
[[nodiscard]] Result<std::int64_t> query_number(const net::HttpRequest& request, std::string_view name,
                                                NumberRange range);

[[nodiscard]] Result<usage::Filter> usage_filter(const net::HttpRequest& request);
[[nodiscard]] Result<usage::GroupBy> usage_columns(const net::HttpRequest& request);

struct BodyLimits {
  // NOLINTNEXTLINE(google-explicit-constructor): most bodies are limited by their bytes alone
  BodyLimits(std::size_t bytes_max, std::size_t nodes_max = 64) : bytes(bytes_max), nodes(nodes_max) {}
  std::size_t bytes;
  std::size_t nodes;
};
// The body as a JSON object with no members but these.
[[nodiscard]] Result<document::Node> body_object(const net::HttpRequest& request, const BodyLimits& limits,
                                                 std::initializer_list<std::string_view> members);
// A member that must be a string and not empty.
[[nodiscard]] Result<std::string> required_text(const document::Node& body, std::string_view member);
// A name that a principal could have by its length; what follows may write it down.
[[nodiscard]] Result<PrincipalName> principal_named(std::string name);
[[nodiscard]] Result<PrincipalName> required_principal(const document::Node& body, std::string_view member);

}  // namespace myelin::api
