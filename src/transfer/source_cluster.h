#pragma once
// The Kafka cluster that is copied, as one: its topics with ids, settings and leaders, where each log begins and ends,
// and what its groups have committed. Keeps a connection per broker, and makes a new one when that has ended: a copy
// may take longer than brokers keep idle connections and sign-ins.
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "transfer/source_connection.h"

namespace myelin::transfer {

struct SourcePartition {
  std::int32_t leader = -1;
  std::int64_t start = 0;
  std::int64_t end = 0;  // the high watermark
};

struct SourceTopic {
  std::string name;
  TopicId id;                                                      // zero from before Kafka 2.8
  std::map<std::string, std::string, std::less<>> configs;         // what was set at the topic, by name
  std::map<std::string, std::string, std::less<>> broker_configs;  // what else holds for it, and is set at its brokers
  std::vector<SourcePartition> partitions;
};

struct SourceCommit {
  std::string group;
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int32_t leader_epoch = -1;
  std::string metadata;
};

class SourceCluster {
 public:
  [[nodiscard]] static Result<SourceCluster> open(SourceOptions options);

  [[nodiscard]] const std::string& id() const { return id_; }
  // All but Kafka's own, by name, with everything that there is to know.
  [[nodiscard]] Result<std::vector<SourceTopic>> topics();
  [[nodiscard]] Result<std::vector<SourceCommit>> commits();

  struct FetchFrom {
    const SourceTopic* topic = nullptr;
    std::int32_t partition = 0;
    std::int64_t offset = 0;
  };
  struct Fetched {
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t high_watermark = 0;
    SharedBytes batches;  // whole ones; the first may begin before the offset asked for, the last may be cut
  };
  // From partitions that one broker leads. Uncommitted records and markers, too.
  [[nodiscard]] Result<std::vector<Fetched>> fetch(std::int32_t broker, const std::vector<FetchFrom>& from);

 private:
  explicit SourceCluster(SourceOptions options) : options_(std::move(options)) {}
  [[nodiscard]] Result<kafka::MetadataResponse> metadata();
  // The one whose address was given, which answers what every broker can.
  static constexpr std::int32_t kAnyBroker = -1;
  [[nodiscard]] Result<SourceConnection*> connection(std::int32_t broker);
  // Once more over a new connection when the one there is has ended: everything that is asked may be asked twice.
  template <typename Response, typename Request>
  [[nodiscard]] Result<Response> ask(std::int32_t broker, const Request& request, std::int16_t highest) {
    const bool is_known = connections_.contains(broker);
    auto connected = connection(broker);
    if (!connected) return pass(connected);
    auto answer = (*connected)->template ask<Response>(request, highest);
    if (answer) return answer;
    connections_.erase(broker);
    return is_known ? ask<Response>(broker, request, highest) : answer;
  }
  [[nodiscard]] Result<void> describe(std::vector<SourceTopic>& topics);
  [[nodiscard]] Result<void> find_ends(std::vector<SourceTopic>& topics);
  [[nodiscard]] Result<void> commits_of(const std::string& group, std::vector<SourceCommit>& into);

  SourceOptions options_;
  std::string id_;
  std::map<std::int32_t, net::Endpoint> brokers_;
  std::map<std::int32_t, std::unique_ptr<SourceConnection>> connections_;
};

}  // namespace myelin::transfer
