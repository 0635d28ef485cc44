#include "app/cli/schema.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "document/nearest.h"
#include "document/parse.h"
#include "model/own_schemas.h"

namespace myelin::app::cli {
namespace {

constexpr int kUsageError = 2;

int list_kinds() {
  for (const auto& schema : model::own_schemas()) {
    const auto root = document::parse_json(schema.text);
    const auto* about = root ? root->find("description") : nullptr;
    fmt::print("{:<20} {}\n", schema.kind, about == nullptr ? "" : about->text);
  }
  return 0;
}

int print_schema(const std::string& kind) {
  const auto schemas = model::own_schemas();
  const auto found = std::ranges::find(schemas, kind, &model::OwnSchema::kind);
  if (found != schemas.end()) {
    fmt::print("{}", found->text);
    return 0;
  }
  std::vector<std::string> kinds;
  std::string listed;
  for (const auto& schema : schemas) {
    listed += (kinds.empty() ? "" : ", ") + std::string(schema.kind);
    kinds.emplace_back(schema.kind);
  }
  fmt::print(stderr, "myelin: there is no kind \"{}\" of our own{}; there are {}\n", kind,
             document::suggestion(kind, kinds), listed);
  return kUsageError;
}

}  // namespace

void add_schema_command(CLI::App& app, int& exit_code) {
  auto kind = std::make_shared<std::string>();
  auto* command = app.add_subcommand("schema", "Print the JSON Schema of a kind of document; list the kinds without");
  command->add_option("kind", *kind, "Policy, DirectGrant, ...; upper and lower case count");
  command->callback([kind, &exit_code] { exit_code = kind->empty() ? list_kinds() : print_schema(*kind); });
}

}  // namespace myelin::app::cli
