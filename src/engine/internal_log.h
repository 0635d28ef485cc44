#pragma once
// The engine's second, narrow door: durable control-plane records in internal topics named __myelin_*. Only module
// state uses it; the engine refuses those topics to everyone who comes through engine.h.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"

namespace myelin::engine {

// How an internal topic forgets.
enum class InternalCleanup {
  KeepLatestPerKey,  // compacted; a record without a value removes its key
  KeepAll,           // append-only
};

struct InternalRecord {
  std::string key;
  std::optional<std::string> value;  // nullopt: the key is removed
  WallTime time;                     // set by the engine on append
};

// Threads: every function may be called from any thread.
class InternalLog {
 public:
  virtual ~InternalLog() = default;

  // Creates the topic if it does not exist. The name must begin with "__myelin_".
  [[nodiscard]] virtual Result<void> open(const TopicName& topic, InternalCleanup cleanup) = 0;

  // Appends the records as one batch. `durable` is called once, on any thread, after they are on disk (level synced) or
  // have failed; appends to one topic become durable in the order in which they were made.
  using Durable = std::move_only_function<void(Result<void>)>;
  virtual void append(const TopicName& topic, std::vector<InternalRecord> records, Durable durable) = 0;

  // Calls `sink` for each record that is still there, oldest first; of a compacted topic there may be several per key,
  // the last one counts. A damaged record is an error that names its offset, never skipped.
  using Sink = std::function<void(InternalRecord)>;
  [[nodiscard]] virtual Result<void> replay(const TopicName& topic, const Sink& sink) const = 0;
};

}  // namespace myelin::engine
