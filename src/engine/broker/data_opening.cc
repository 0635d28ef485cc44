#include "engine/broker/data_opening.h"

#include <mutex>

namespace myelin::engine::broker {
namespace {

// How much longer than the journal's entries the names of deleted topics are known.
constexpr std::chrono::days kNameMemoryMargin{30};

// Settings of topics while storage recovers: it asks from several threads, after it has locked the directory.
class ConfigSourceOnDisk {
 public:
  ConfigSourceOnDisk(storage::FileSystem& files, std::string state_directory, const Clock& clock,
                     std::chrono::days name_memory)
      : files_(files), state_directory_(std::move(state_directory)), clock_(clock), name_memory_(name_memory) {}

  storage::LogConfig config_of(const TopicName& name) {
    read();
    return catalogue_ ? (*catalogue_)->config_of(name) : storage::LogConfig{};
  }
  Result<std::unique_ptr<TopicCatalogue>> take() {
    read();
    return std::move(catalogue_);
  }

 private:
  void read() {
    std::call_once(once_,
                   [this] { catalogue_ = TopicCatalogue::open(files_, state_directory_, clock_, name_memory_); });
  }

  storage::FileSystem& files_;
  const std::string state_directory_;
  const Clock& clock_;
  const std::chrono::days name_memory_;
  std::once_flag once_;
  Result<std::unique_ptr<TopicCatalogue>> catalogue_ = nullptr;
};

}  // namespace

Result<OpenedData> open_data(DataOpening opening) {
  auto& [data_directory, options, files, clock, executor] = opening;
  const auto source = std::make_shared<ConfigSourceOnDisk>(files, storage::join_path(data_directory, "state"), clock,
                                                           options.journal_retention + kNameMemoryMargin);
  options.config_of = [source](const TopicName& name) { return source->config_of(name); };
  auto logs = storage::LogDirectory::open(data_directory, files, clock, executor, std::move(options));
  if (!logs) return pass(logs);
  auto catalogue = source->take();
  if (!catalogue) return pass(catalogue);
  if (auto attached = (*catalogue)->attach(**logs); !attached) return pass(attached);
  return OpenedData{*std::move(catalogue), *std::move(logs)};
}

Result<std::shared_ptr<storage::PartitionLog>> ensure_internal(TopicCatalogue& catalogue, const TopicName& name,
                                                               ConfigOverrides configs) {
  const auto topics = catalogue.snapshot();
  if (const Topic* topic = topics->find(name.text())) return topic->partitions.front();
  auto made = std::move(catalogue.create({{name, 1, std::move(configs)}}).front());
  if (!made) return pass(made);
  return (*made)->partitions.front();
}

}  // namespace myelin::engine::broker
