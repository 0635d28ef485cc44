#pragma once
// Opening a data directory: storage recovers with the settings that the topic catalogue knows, then each makes the
// other complete. For the broker, and for what works on a directory that no broker serves.
#include <memory>

#include "engine/broker/topic_catalogue.h"
#include "storage/log_directory.h"

namespace myelin::engine::broker {

struct OpenedData {
  std::unique_ptr<TopicCatalogue> catalogue;
  std::unique_ptr<storage::LogDirectory> logs;
};

struct DataOpening {
  std::string data_directory;
  storage::LogDirectoryOptions storage;  // config_of is set here
  storage::FileSystem& files;
  const Clock& clock;
  storage::Executor& executor;
};

// The error says what the operator can do.
[[nodiscard]] Result<OpenedData> open_data(DataOpening opening);

// The partition of an internal topic, which is made when it is missing. Waits for the disk.
[[nodiscard]] Result<std::shared_ptr<storage::PartitionLog>> ensure_internal(TopicCatalogue& catalogue,
                                                                             const TopicName& name,
                                                                             ConfigOverrides configs);

}  // namespace myelin::engine::broker
