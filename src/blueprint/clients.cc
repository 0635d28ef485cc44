#include "blueprint/clients.h"

#include <fmt/core.h>

#include <array>
#include <string_view>
#include <utility>

#include "blueprint/templates.h"

namespace myelin::blueprint {
namespace {

void replace_all(std::string& text, std::string_view placeholder, std::string_view value) {
  for (auto at = text.find(placeholder); at != std::string::npos; at = text.find(placeholder, at + value.size())) {
    text.replace(at, placeholder.size(), value);
  }
}

std::string filled(std::string_view text, const Client& client) {
  std::string topics;
  for (const auto& topic : client.topics) topics += (topics.empty() ? "" : ",") + topic.text();
  const bool is_producer = client.kind == ClientKind::Producer;
  const std::array<std::pair<std::string_view, std::string_view>, 5> values{
      {{"@APPLICATION@", client.application.text()},
       {"@PRINCIPAL@", client.principal.text()},
       {"@TOPICS@", topics},
       {"@TOPIC@", client.topics.front().text()},
       {"@CLASS@", is_producer ? "Producer" : "Consumer"}}};
  std::string whole(text);
  for (const auto& [placeholder, value] : values) replace_all(whole, placeholder, value);
  return whole;
}

}  // namespace

std::vector<document::Source> client_files(const Client& client) {
  const std::string_view own = client.kind == ClientKind::Producer ? "producer/" : "consumer/";
  std::vector<document::Source> files;
  for (const auto& [name, text] : templates()) {
    if (!name.starts_with(own) && !name.starts_with("shared/")) continue;
    const auto path = name.substr(name.find('/') + 1);
    files.push_back({fmt::format("clients/{}/{}", client.application.text(), path), filled(text, client)});
  }
  return files;
}

}  // namespace myelin::blueprint
