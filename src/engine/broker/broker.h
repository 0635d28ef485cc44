#pragma once
// The embedded engine: Kafka's requests answered from a data directory of this process. One broker is the whole
// cluster. Produce, Fetch and Metadata work on an immutable snapshot of the topics and on partitions that lock
// themselves; changes of topics go through one serial executor, groups through one control loop.
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/broker/control_loop.h"
#include "engine/broker/groups/settings.h"
#include "engine/broker/transactions/settings.h"
#include "engine/engine.h"
#include "engine/internal_log.h"
#include "engine/maintenance.h"
#include "storage/executor.h"
#include "storage/file_system.h"
#include "storage/log_directory.h"

namespace myelin::engine::broker {

struct BrokerOptions {
  std::string data_directory;
  std::int32_t broker_id = 1;
  std::int32_t default_partitions = 1;
  bool auto_create_topics = false;  // on a Metadata request that asks for it, if the caller may
  bool clamp_replication = false;   // a replication factor above 1 is taken as 1 instead of refused
  groups::Settings groups;          // node_id is set by the broker
  transactions::Settings transactions;
  storage::LogDirectoryOptions storage;  // config_of is set by the broker
  // Stepped: nothing runs by itself but what the executor runs; see step().
  ControlLoop::Drive drive = ControlLoop::Drive::Threaded;
};

class Broker final : public Engine, public InternalLog, public Maintenance {
 public:
  // Recovers the data directory; the error says what the operator can do. File system, clock and executor outlive the
  // broker.
  [[nodiscard]] static Result<std::unique_ptr<Broker>> open(BrokerOptions options, storage::FileSystem& files,
                                                            const Clock& clock, storage::Executor& executor);
  // As abrupt as a kill when close() was not called.
  ~Broker() override;

  // Stops answering, syncs everything and marks the directory as cleanly stopped. No more requests may come; those that
  // read from the disk are answered before, by the executor's threads, which is waited for.
  [[nodiscard]] Result<void> close();

  [[nodiscard]] std::vector<ApiRange> served() const override;
  [[nodiscard]] std::vector<Feature> features() const override;
  void handle(Call call, kafka::Request request, Reply reply) override;
  [[nodiscard]] std::shared_ptr<const TopicNames> topic_names() const override;
  [[nodiscard]] Result<void> replay_appends(const AppendSink& sink) const override;
  [[nodiscard]] Result<void> replay_consumed(const ConsumedSink& sink) const override;

  [[nodiscard]] Result<void> open(const TopicName& topic, InternalCleanup cleanup) override;
  void append(const TopicName& topic, std::vector<InternalRecord> records, Durable durable) override;
  [[nodiscard]] Result<void> replay(const TopicName& topic, const Sink& sink) const override;

  [[nodiscard]] Result<std::vector<DamagedOffsets>> damaged(const PartitionChoice& choice) const override;
  [[nodiscard]] Result<void> skip(const DamagedOffsets& damage) override;
  [[nodiscard]] Result<VerifyProgress> verify(const std::optional<TopicName>& topic, const VerifyWatch& watch) override;

  [[nodiscard]] storage::LogDirectory& logs();
  [[nodiscard]] Uuid cluster_id() const;

  // Runs what the control loop has ready. Only with Drive::Stepped.
  void step();

  struct Core;

 private:
  explicit Broker(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

}  // namespace myelin::engine::broker
