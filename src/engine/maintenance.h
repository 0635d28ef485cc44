#pragma once
// The engine's door for whoever looks after its disk: what lies there damaged, finding more of it, and letting readers
// pass. Only governance uses it, for the role platform. It knows the topics of this process's own data directory, those
// of an upstream cluster are that cluster's to look after.
//
// Threads: every function may be called from any thread that may block.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace myelin::engine {

// Offsets [first, next) of a partition that are not served, because their bytes fail their check.
struct DamagedOffsets {
  TopicName topic;
  std::int32_t partition = 0;
  std::int64_t first_offset = 0;
  std::int64_t next_offset = 0;
  std::string file;  // in DIR/log
  std::uint64_t position = 0;
  std::uint64_t bytes = 0;
  bool skipped = false;  // readers pass over them
};

// Which partitions: all of a topic, or one.
struct PartitionChoice {
  TopicName topic;
  std::optional<std::int32_t> partition;
};

struct VerifyProgress {
  std::size_t partitions = 0;  // looked through so far
  std::size_t partitions_total = 0;
  std::uint64_t bytes = 0;  // read so far
  std::uint64_t bytes_total = 0;
};

class Maintenance {
 public:
  virtual ~Maintenance() = default;

  // NotFound when there is no such topic or partition.
  [[nodiscard]] virtual Result<std::vector<DamagedOffsets>> damaged(const PartitionChoice& choice) const = 0;
  // Readers at these offsets go on behind them from now on, also after a restart. NotFound when they are not damaged.
  [[nodiscard]] virtual Result<void> skip(const DamagedOffsets& damage) = 0;

  struct VerifyWatch {
    // Called after every read, on the calling thread; false ends the run with Unavailable.
    std::function<bool(const VerifyProgress&)> progress;
    std::function<void(const DamagedOffsets&)> found;  // everything damaged, known before or not
  };
  // Reads all that rests in the topic, or in every topic, internal ones included, and checks each batch's CRC. Blocks
  // for as long as that takes at kVerifyBytesPerSecond. One run at a time: Exists when one is under way.
  [[nodiscard]] virtual Result<VerifyProgress> verify(const std::optional<TopicName>& topic,
                                                      const VerifyWatch& watch) = 0;
};

// A disk of today reads several times as fast, so that producers and consumers keep the rest.
inline constexpr std::uint64_t kVerifyBytesPerSecond = 64U << 20;

}  // namespace myelin::engine
