#include "app/cli/transfer.h"

#include <fmt/core.h>

#include <chrono>
#include <filesystem>
#include <memory>

#include "app/cli/import_teams.h"
#include "app/cli/server.h"
#include "app/data_directory.h"
#include "storage/posix_file_system.h"
#include "transfer/export.h"
#include "transfer/import.h"

namespace myelin::app::cli {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr auto kProgressEvery = std::chrono::seconds(2);

struct ImportArguments {
  std::string from;
  std::string data;
  std::vector<std::string> topics;
  net::TlsClientFiles tls;
  std::string user;
  std::string password_file;
  std::string mechanism = "SCRAM-SHA-512";
  bool dev_mode = false;
};

int complain(const Error& error, int exit_code) {
  fmt::print(stderr, "myelin: {}\n", error.message);
  return exit_code;
}

Result<transfer::ImportOptions> options_of(const ImportArguments& arguments) {
  auto source = transfer::SourceOptions::parse(arguments.from);
  if (!source) return pass(source);
  const auto& tls = arguments.tls;
  if (tls.certificate.empty() != tls.key.empty()) {
    return fail(Code::Invalid, "--certificate and --key: who signs in by a certificate needs both");
  }
  if (source->tls) {
    source->tls = tls;
  } else if (!tls.ca.empty() || !tls.certificate.empty()) {
    return fail(Code::Invalid,
                "--ca, --certificate: --from {} does not speak TLS; write ssl:// or sasl_ssl:// before it",
                arguments.from);
  }
  if (source->login.has_value() != !arguments.user.empty()) {
    return source->login
               ? fail(Code::Invalid, "--from {}: name who signs in, with --user and --password-file", arguments.from)
               : fail(Code::Invalid, "--user: --from {} does not sign in; write sasl_ssl://HOST:PORT", arguments.from);
  }
  if (source->login) {
    auto mechanism = transfer::parse_mechanism(arguments.mechanism);
    if (!mechanism) return pass(mechanism);
    auto password = read_secret(arguments.password_file);
    if (!password) return pass(password);
    source->login = {*mechanism, arguments.user, *std::move(password)};
  }
  return transfer::ImportOptions{*std::move(source), arguments.data, arguments.topics};
}

// A line now and then, and one at the end.
class Pace {
 public:
  bool is_due(bool at_end) {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < kProgressEvery && !at_end) return false;
    last_ = now;
    return true;
  }

 private:
  std::chrono::steady_clock::time_point last_;
};

transfer::ImportWatch progress_lines() {
  return {.step = [](std::string_view step) { fmt::print(stderr, "{}\n", step); },
          .copied =
              [pace = Pace()](const transfer::CopyProgress& progress) mutable {
                if (!pace.is_due(progress.offsets >= progress.offsets_total)) return;
                fmt::print(stderr, "  {} of {} offsets, {} MB\n", progress.offsets, progress.offsets_total,
                           progress.bytes / 1'000'000);
              },
          .compared =
              [pace = Pace()](std::size_t partitions, std::size_t of) mutable {
                if (pace.is_due(partitions == of)) fmt::print(stderr, "  {} of {} partitions\n", partitions, of);
              }};
}

int print(const transfer::ImportReport& report, const std::string& data) {
  for (const auto& one : report.partitions) {
    fmt::print("{}-{}  offsets {} to {}  {} records  digest {:016x}  {}", one.topic, one.partition, one.start, one.end,
               one.records, one.digest, one.difference.empty() ? "equal" : "DIFFERENT: " + one.difference);
    if (one.gone_since > 0) fmt::print("  ({} more here, compacted at the source since)", one.gone_since);
    fmt::print("\n");
  }
  for (const auto& note : report.notes) fmt::print("note: {}\n", note);
  fmt::print("{} topics, {} partitions, {} group offsets from cluster {}\n", report.topics, report.partitions.size(),
             report.commits, report.cluster);
  if (report.is_complete()) {
    fmt::print("complete: every record was read again at the source and is the same in {}\n", data);
    return 0;
  }
  for (const auto& open : report.open_transactions) fmt::print(stderr, "myelin: open transaction: {}\n", open);
  fmt::print(stderr, "myelin: not complete, {} is not to be served yet; {} and run the same command again\n", data,
             report.open_transactions.empty()
                 ? "import what differs into a new directory if it stays different: stop what writes at the source"
                 : "end these transactions (stop their producers, or kafka-transactions --abort)");
  return kFailed;
}

int run_import(const ImportArguments& arguments) {
  auto options = options_of(arguments);
  if (!options) return complain(options.error(), kUsage);
  const auto mode = arguments.dev_mode ? Mode::Dev : Mode::Earnest;
  if (auto prepared = prepare_data_directory(arguments.data, mode); !prepared) {
    return complain(prepared.error(), kFailed);
  }
  storage::PosixFileSystem files;
  const SystemClock clock;
  storage::StoragePool pool;
  const auto report = transfer::import_kafka(*options, {files, clock, pool}, progress_lines());
  return report ? print(*report, arguments.data) : complain(report.error(), kFailed);
}

void add_import(CLI::App& app, int& exit_code) {
  auto* parent = app.add_subcommand("import", "Bring in what is elsewhere: records of a Kafka cluster, teams");
  parent->require_subcommand(1);
  auto arguments = std::make_shared<ImportArguments>();
  auto* command = parent->add_subcommand(
      "kafka", "Copy a Kafka cluster into a data directory; killed or not, run again it goes on");
  command
      ->add_option("--from", arguments->from,
                   "HOST:PORT of a broker; before it ssl://, sasl_plaintext:// or sasl_ssl://")
      ->required();
  command->add_option("--data", arguments->data, "Data directory, new or of an earlier run, that no server has")
      ->required();
  command->add_option("--topic", arguments->topics, "Only this topic; repeatable");
  command->add_option("--ca", arguments->tls.ca, "PEM file of the authority that signed the brokers' certificates");
  command->add_option("--certificate", arguments->tls.certificate, "PEM file of the client's own certificate");
  command->add_option("--key", arguments->tls.key, "PEM file of its key");
  command->add_option("--user", arguments->user, "Who signs in");
  command->add_option("--password-file", arguments->password_file, "File with the password; - reads standard input");
  command->add_option("--mechanism", arguments->mechanism, "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512")
      ->capture_default_str();
  command->add_flag("--dev", arguments->dev_mode, "Make a directory for `myelin serve --dev`");
  command->callback([arguments, &exit_code] { exit_code = run_import(*arguments); });
  add_import_teams(*parent, exit_code);
}

int run_export(const transfer::ExportOptions& options) {
  storage::PosixFileSystem files;
  const SystemClock clock;
  storage::StoragePool pool;
  const auto report = transfer::export_kafka_directory(options, {files, clock, pool});
  if (!report) return complain(report.error(), kFailed);
  for (const auto& note : report->notes) fmt::print("note: {}\n", note);
  fmt::print("{} topics, {} partitions, {} MB of records, {} group offsets in {}\n", report->topics, report->partitions,
             report->bytes / 1'000'000, report->commits, options.to);
  fmt::print(
      "Apache Kafka 4 starts on it, without kafka-storage format, with these in its server.properties:\n"
      "  process.roles=broker,controller\n  node.id={}\n  controller.quorum.voters={}@localhost:9093\n"
      "  listeners=PLAINTEXT://:9092,CONTROLLER://:9093\n  controller.listener.names=CONTROLLER\n  log.dirs={}\n"
      "  offsets.topic.num.partitions=1\n  transaction.state.log.num.partitions=1\n"
      "  offsets.topic.replication.factor=1\n  transaction.state.log.replication.factor=1\n"
      "  transaction.state.log.min.isr=1\n",
      transfer::kExportedNode, transfer::kExportedNode, std::filesystem::absolute(options.to).string());
  return 0;
}

void add_export(CLI::App& app, int& exit_code) {
  auto* parent = app.add_subcommand("export", "Take topics, records and group offsets elsewhere");
  parent->require_subcommand(1);
  auto options = std::make_shared<transfer::ExportOptions>();
  auto* command = parent->add_subcommand("kafka-dir",
                                         "Make a directory that Apache Kafka 4 starts on, from one that no server has");
  command->add_option("--data", options->data_directory, "Data directory; it stays as it is")->required();
  command->add_option("--to", options->to, "Directory to make, new or empty")->required();
  command->callback([options, &exit_code] { exit_code = run_export(*options); });
}

}  // namespace

void add_transfer_commands(CLI::App& app, int& exit_code) {
  add_import(app, exit_code);
  add_export(app, exit_code);
}

}  // namespace myelin::app::cli
