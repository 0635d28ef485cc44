#pragma once
// Builds JSON objects member by member: JsonObject().text("name", name).number("bytes", bytes).node().
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "document/json_writer.h"
#include "document/node.h"

namespace myelin::api {

// "2026-11-21T04:00:00.123Z"
[[nodiscard]] std::string rfc3339(WallTime time);

class JsonObject {
 public:
  JsonObject& add(std::string_view key, document::Node value);
  JsonObject& text(std::string_view key, std::string_view value) { return add(key, document::Node::string(value)); }
  JsonObject& number(std::string_view key, std::int64_t value) { return add(key, document::Node::number(value)); }
  JsonObject& real(std::string_view key, double value);  // finite, as short as it reads back the same
  JsonObject& rate(std::string_view key, double value);  // not negative, one decimal
  JsonObject& boolean(std::string_view key, bool value) { return add(key, document::Node::boolean(value)); }
  JsonObject& time(std::string_view key, WallTime value) { return text(key, rfc3339(value)); }
  JsonObject& time(std::string_view key, const std::optional<WallTime>& value);  // null when there is none
  [[nodiscard]] document::Node node() { return std::move(node_); }

 private:
  document::Node node_ = document::Node::map({});
};

// A list made of each value by `make`, which returns a Node.
template <typename Values, typename Make>
[[nodiscard]] document::Node json_list(const Values& values, Make make) {
  std::vector<document::Node> items;
  items.reserve(values.size());
  for (const auto& value : values) items.push_back(make(value));
  return document::Node::list(std::move(items));
}

// A list of strings, of names or plain text.
template <typename Names>
[[nodiscard]] document::Node json_texts(const Names& names) {
  return json_list(names, [](const auto& name) {
    if constexpr (requires { name.text(); }) {
      return document::Node::string(name.text());
    } else {
      return document::Node::string(name);
    }
  });
}

}  // namespace myelin::api
