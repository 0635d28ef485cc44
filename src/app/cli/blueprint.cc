#include "app/cli/blueprint.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/model_folder.h"
#include "app/cli/new_folder.h"
#include "app/cli/write_new.h"
#include "blueprint/blueprint.h"
#include "document/scalar.h"
#include "review/insert.h"

namespace myelin::app::cli {
namespace {

namespace fs = std::filesystem;
using blueprint::Blueprint;

struct SquadOptions {
  std::string folder;
  blueprint::NewSquad squad;
  std::map<std::string, std::int64_t> limits;  // by their names in a Policy
};

std::string quota_item(const SquadOptions& options) {
  auto item = fmt::format("{{squad: {}", document::scalar(options.squad.name));
  for (const auto& [name, limit] : options.limits) item += fmt::format(", {}: {}", name, limit);
  return item + "}";
}

// The file of the Policy with a line for the squad; nullopt without limits.
Result<std::optional<document::Source>> with_limits(const model::Model& model, const SquadOptions& options) {
  if (options.limits.empty()) return std::nullopt;
  const auto* policy = review::document_of(model.documents, model.policy.place);
  if (policy == nullptr) {
    return fail(Code::NotFound, "limits stand in the Policy, and {} has none: write one, or leave the limits out",
                options.folder);
  }
  auto source = review::with_item(*policy, {"spec", "quotas", "squads"}, quota_item(options));
  if (!source) return pass(source);
  return *std::move(source);
}

void tell(const std::string& folder, const Blueprint& blueprint, const std::string& what) {
  for (const auto& file : blueprint.files) fmt::print("{}\n", (fs::path(folder) / file.file).string());
  fmt::print("next:\n  myelin plan {0}\n  myelin apply {0} --message \"{1}\"\n", folder, what);
  if (blueprint.has_grant) {
    fmt::print("    (or `myelin propose {}`, where you don't answer for the product: its squad agrees)\n", folder);
  }
  if (blueprint.new_principal) {
    fmt::print(
        "  (umask 077; openssl rand -base64 18 > {0}.password)\n"
        "  myelin principal add {0} --password-file {0}.password\n",
        blueprint.new_principal->text());
  }
  if (blueprint.clients.empty()) return;
  fmt::print("  run a client: {}\n", (fs::path(folder) / blueprint.clients / "README.md").string());
}

int write(const std::string& folder, const Result<Blueprint>& blueprint, const std::string& what) {
  if (!blueprint) return report_plan(blueprint.error());
  if (const auto written = add_new_files(folder, blueprint->files); !written) return report_plan(written.error());
  tell(folder, *blueprint, what);
  return 0;
}

int new_squad(const SquadOptions& options) {
  auto model = model_in(options.folder);
  if (!model) return report_plan(model.error());
  const auto blueprint = blueprint::squad_blueprint(*model, options.squad);
  if (!blueprint) return report_plan(blueprint.error());
  const auto policy = with_limits(*model, options);
  if (!policy) return report_plan(policy.error());
  const auto code = write(options.folder, blueprint, "squad " + options.squad.name);
  if (code != 0 || !*policy) return code;
  const auto path = fs::path(options.folder) / (*policy)->file;
  if (const auto replaced = replace_file(path, (*policy)->text); !replaced) return report_plan(replaced.error());
  fmt::print("its limits stand in {}\n", path.string());
  return 0;
}

int new_product(const std::string& folder, const blueprint::NewProduct& product) {
  auto model = model_in(folder);
  if (!model) return report_plan(model.error());
  return write(folder, blueprint::product_blueprint(*model, product), "product " + product.name);
}

int new_consumer(const std::string& folder, const blueprint::NewConsumer& consumer) {
  auto model = model_in(folder);
  if (!model) return report_plan(model.error());
  const auto blueprint = blueprint::consumer_blueprint(*model, consumer);
  const auto code = write(folder, blueprint, fmt::format("{} reads {}", consumer.application, consumer.product));
  if (code == 0 && !blueprint->has_grant) {
    fmt::print("squad {} owns product {}: it reads it without a grant\n", consumer.squad, consumer.product);
  }
  return code;
}

void add_folder(CLI::App& command, std::string& folder) {
  command
      .add_option("--folder", folder, "Folder of the model; created when it is missing. Nothing in it is overwritten")
      ->required();
}

void add_limit(CLI::App& command, SquadOptions& options, const std::string& name, const std::string& what,
               std::int64_t most) {
  auto option = "--" + name;
  std::ranges::replace(option, '_', '-');
  command
      .add_option_function<std::int64_t>(
          option, [&options, name](std::int64_t limit) { options.limits[name] = limit; },
          what + ", as a line of the Policy that the folder holds")
      ->check(CLI::Range(std::int64_t{1}, most));
}

void add_new_squad(CLI::App& app, int& exit_code) {
  constexpr std::int64_t kConnectionsMax = 1'000'000;
  constexpr std::int64_t kBytesMax = 1'000'000'000'000;
  auto options = std::make_shared<SquadOptions>();
  std::vector<std::string> types;
  for (const auto type : model::kSquadTypes) types.emplace_back(model::name_of(type));
  auto* command = app.add_subcommand("squad", "A squad with its members and its profile");
  command->add_option("name", options->squad.name, "Its name, as contracts and grants say it")->required();
  add_folder(*command, options->folder);
  command->add_option("--domain", options->squad.domain,
                      "Where it belongs; declared where it is new. Without it the only one of the folder");
  command->add_option("--members", options->squad.members, "Persons, separated by commas; declared where they are new")
      ->delimiter(',');
  command
      ->add_option_function<std::string>(
          "--type",
          [options](const std::string& name) {
            const auto is_it = [&](model::SquadType type) { return model::name_of(type) == name; };
            options->squad.type = *std::ranges::find_if(model::kSquadTypes, is_it);
          },
          "What kind of squad it is, after Team Topologies; stream-aligned without")
      ->check(CLI::IsMember(types));
  command->add_option("--on-call", options->squad.on_call, "How to reach who is on call, such as \"#shop-on-call\"");
  add_limit(*command, *options, "connections_max", "At most so many connections", kConnectionsMax);
  add_limit(*command, *options, "produce_bytes_per_second", "At most so much written", kBytesMax);
  add_limit(*command, *options, "fetch_bytes_per_second", "At most so much read", kBytesMax);
  command->callback([options, &exit_code] { exit_code = new_squad(*options); });
}

void add_new_product(CLI::App& app, int& exit_code) {
  struct Options {
    std::string folder;
    blueprint::NewProduct product;
  };
  auto options = std::make_shared<Options>();
  auto& product = options->product;
  auto* command = app.add_subcommand(
      "product", "A product with its contract, the application that writes it, and sample clients of that one");
  command->add_option("name", product.name, "Its name, as grants say it")->required();
  add_folder(*command, options->folder);
  command->add_option("--squad", product.squad, "Whose it is")->required();
  command->add_option("--topic", product.topic, "The topic behind it; called as the product without");
  command->add_option("--application", product.application, "What writes it; NAME-producer without");
  command->add_option("--purpose", product.purpose, "What it is for, in words");
  command->callback([options, &exit_code] { exit_code = new_product(options->folder, options->product); });
}

void add_new_consumer(CLI::App& app, int& exit_code) {
  struct Options {
    std::string folder;
    blueprint::NewConsumer consumer;
  };
  auto options = std::make_shared<Options>();
  auto& consumer = options->consumer;
  auto* command =
      app.add_subcommand("consumer", "An application that reads a product: its grant, and sample clients of it");
  command->add_option("application", consumer.application, "Its name; it may be declared already")->required();
  add_folder(*command, options->folder);
  command->add_option("--product", consumer.product, "What it reads")->required();
  command->add_option("--squad", consumer.squad, "Whose the application is")->required();
  command->add_option("--purpose", consumer.purpose, "What it reads it for; the product's squad is asked by this");
  command->add_option("--port", consumer.port, "The product's output port; its only one without");
  command->add_option("--until", consumer.until, "A day, such as 2027-06-30, or a time; without end when left out");
  command->callback([options, &exit_code] { exit_code = new_consumer(options->folder, options->consumer); });
}

}  // namespace

void add_new_commands(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("new", "Write what a new squad, product or consumer begins with");
  command->require_subcommand(1);
  add_new_squad(*command, exit_code);
  add_new_product(*command, exit_code);
  add_new_consumer(*command, exit_code);
}

}  // namespace myelin::app::cli
