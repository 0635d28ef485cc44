#pragma once
// The one door to the records: a typed Kafka request in, a typed Kafka response out. Two implementations stand behind
// it, broker (embedded, over storage) and upstream (an existing Kafka cluster), and only governance, state and app
// include it.
//
// Threads: handle() may be called from any thread. `reply` is called exactly once, on any thread, possibly before
// handle() returns. The engine trusts its caller: everything in the request has been authorised.
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/attribution.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/uuid.h"
#include "kafka/messages.h"

namespace myelin::engine {

// How a topic that is made on first use begins, where that is laid down; another one begins by the engine's defaults.
struct FirstUse {
  TopicName topic;
  std::optional<std::int32_t> partitions;
  std::map<std::string, std::string> configs;
};

// What is known about the caller and its connection besides the request itself.
struct Call {
  std::shared_ptr<const Attribution> attribution;
  std::int16_t version = 0;     // of the request's API, within api_range()
  std::string advertised_host;  // where this client reached us; answered as the broker's address
  std::int32_t advertised_port = 0;
  std::string client_host;         // the peer's address without port, as DescribeGroups shows it
  bool may_create_topics = false;  // the caller may have topics made on first use (Metadata with auto creation)
  // OffsetCommit: where this client began to read the partition, as far as is known; asked only when a group commits
  // for the first time, to know what that commit advanced. May be called on any thread until the reply.
  std::function<std::optional<std::int64_t>(const TopicName&, std::int32_t partition)> began_reading = {};
  // ConsumerGroupHeartbeat: whether the caller may know of a topic, for what its pattern names; empty: of all. May be
  // called on any thread until the reply.
  std::function<bool(const std::string& topic)> may_know = {};
  std::vector<FirstUse> first_uses = {};
  // The client's connection: expires with it. Empty for what is not asked for a client.
  std::weak_ptr<const void> connection = {};
  // Runs a task after so long, on any thread; destroys it unrun once the reply was called or the connection has ended.
  // At most once a call. Empty: the engine keeps the time itself.
  std::function<void(std::chrono::milliseconds, std::move_only_function<void()>)> run_after = {};
};

// What was appended: not a duplicate, not refused. The same facts as in the provenance journal.
struct AppendFact {
  TopicName topic;
  TopicId topic_id;
  std::int32_t partition = 0;
  std::int64_t base_offset = 0;
  std::int64_t records = 0;
  std::int64_t log_bytes = 0;  // the batch as it lies in the log, headers included
  WallTime time;
  std::chrono::milliseconds span{0};  // a replay joins neighbouring batches, of one hour: so long after `time` the last
};

// Offsets [first, next) of a partition that were put into a fetch response.
struct ServedFact {
  TopicName topic;
  TopicId topic_id;
  std::int32_t partition = 0;
  std::int64_t first_offset = 0;
  std::int64_t next_offset = 0;
  std::int64_t bytes = 0;
};

// An offset commit that is durable. `previous` is -1 when the group had none for the partition. `advanced` is what the
// group consumed with it: never negative, and zero when it is not known where the group began.
struct CommitFact {
  GroupName group;
  TopicName topic;
  TopicId topic_id;
  std::int32_t partition = 0;
  std::int64_t previous = -1;
  std::int64_t committed = 0;
  std::int64_t advanced = 0;
  WallTime time = {};
};

// What the commits of one principal advanced one partition of one group in one UTC hour.
struct ConsumedFact {
  GroupName group;
  TopicName topic;
  std::int32_t partition = 0;
  PrincipalName principal;
  std::int64_t advanced = 0;
  WallTime first;  // of the hour's advancing commits
  WallTime last;
};

struct Outcome {
  kafka::Response response;
  std::vector<AppendFact> appended;
  std::vector<ServedFact> served;
  std::vector<CommitFact> committed;
  // The API has no word for what went wrong: the connection is closed instead of answered, and the client asks again.
  bool close = false;
};

using Reply = std::move_only_function<void(Outcome)>;

// The API keys and version ranges an engine can answer.
struct ApiRange {
  kafka::ApiKey key;
  std::int16_t lowest;
  std::int16_t highest;
  bool operator==(const ApiRange&) const = default;
};

// What clients may rely on besides API versions (KIP-584), under Kafka's name: "transaction.version".
struct Feature {
  std::string name;
  std::int16_t level = 0;
  bool operator==(const Feature&) const = default;
};

// What the topics there are are called. Immutable: whoever holds it sees the same names throughout.
class TopicNames {
 public:
  virtual ~TopicNames() = default;
  // nullptr: no topic has this id. A topic's name never changes, and its id is never given to another one.
  [[nodiscard]] virtual const TopicName* name_of(const TopicId& id) const = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;

  // Any thread. Changes when a cluster behind is reached or replaced.
  [[nodiscard]] virtual std::vector<ApiRange> served() const = 0;
  // Any thread, and changes with served().
  [[nodiscard]] virtual std::vector<Feature> features() const { return {}; }
  virtual void handle(Call call, kafka::Request request, Reply reply) = 0;
  // Any thread. nullptr: only a cluster behind could tell. Such an engine serves no version of Fetch that names topics
  // by id.
  [[nodiscard]] virtual std::shared_ptr<const TopicNames> topic_names() const { return nullptr; }

  // Calls `sink` for every append the engine's journal remembers, oldest first, with the attribution it was made under.
  using AppendSink = std::function<void(const Attribution&, const AppendFact&)>;
  [[nodiscard]] virtual Result<void> replay_appends(const AppendSink& sink) const = 0;

  // Calls `sink` for every hour of consumption that the committed offsets remember. The last call for a group,
  // partition, principal and hour counts.
  using ConsumedSink = std::function<void(const ConsumedFact&)>;
  [[nodiscard]] virtual Result<void> replay_consumed(const ConsumedSink& sink) const = 0;
};

}  // namespace myelin::engine
