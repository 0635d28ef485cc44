#pragma once
// What must be known before any partition is opened: the cluster's identity, the topics there are and were, and the
// producer ids given out. One append-only file, DIR/state/catalogue; format: docs/formats/topic-catalogue.md. A change
// is one frame, so it is there whole or not at all after a crash.
//
// Threads: names() from any; everything else from one at a time.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/uuid.h"
#include "engine/broker/topic_config.h"
#include "storage/file_system.h"

namespace myelin::engine::broker {

struct ClusterNamed {
  Uuid cluster_id;
  bool operator==(const ClusterNamed&) const = default;
};
struct TopicCreated {
  TopicId id;
  TopicName name;
  std::int32_t partitions = 0;
  WallTime time;
  ConfigOverrides configs;
  bool operator==(const TopicCreated&) const = default;
};
struct TopicDeleted {
  TopicId id;
  WallTime time;
  bool operator==(const TopicDeleted&) const = default;
};
// No producer id below `next` is given out again.
struct ProducerIdsReserved {
  std::int64_t next = 0;
  bool operator==(const ProducerIdsReserved&) const = default;
};
// A deleted topic whose id is still named by the provenance journal.
struct TopicRemembered {
  TopicId id;
  TopicName name;
  WallTime deleted;
  bool operator==(const TopicRemembered&) const = default;
};
// A topic that goes on with more partitions or other settings.
struct TopicChanged {
  TopicId id;
  std::int32_t partitions = 0;
  ConfigOverrides configs;  // all that the topic sets itself from now on
  bool operator==(const TopicChanged&) const = default;
};
using CatalogueEntry =
    std::variant<ClusterNamed, TopicCreated, TopicDeleted, ProducerIdsReserved, TopicRemembered, TopicChanged>;
using CatalogueFrame = std::vector<CatalogueEntry>;

class CatalogueJournal {
 public:
  // The journal and every frame in it, oldest first. A missing file is made; a torn last frame is cut; damage before
  // a valid frame is an error.
  struct Opened;
  [[nodiscard]] static Result<Opened> open(storage::FileSystem& files, const std::string& directory);

  // Durable on return. After a failed sync or repair every further append is refused: what is on disk is unknown.
  [[nodiscard]] Result<void> append(const CatalogueFrame& frame);
  // Replaces everything by one frame, atomically.
  [[nodiscard]] Result<void> rewrite(const CatalogueFrame& frame);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  // Of every topic that the file names, as it is when this is called. Blocks for the disk.
  using Names = std::unordered_map<TopicId, TopicName>;
  [[nodiscard]] Result<Names> names() const;

 private:
  CatalogueJournal(storage::FileSystem& files, std::string path, std::shared_ptr<storage::File> file,
                   std::uint64_t size)
      : files_(files), path_(std::move(path)), file_(std::move(file)), size_(size) {}

  storage::FileSystem& files_;
  const std::string path_;
  std::shared_ptr<storage::File> file_;
  std::uint64_t size_;
  bool broken_ = false;
};

struct CatalogueJournal::Opened {
  std::unique_ptr<CatalogueJournal> journal;
  std::vector<CatalogueFrame> frames;
};

}  // namespace myelin::engine::broker
