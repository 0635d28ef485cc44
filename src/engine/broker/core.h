#pragma once
// What the answers to the different APIs share. Private to this folder.
#include <atomic>
#include <memory>

#include "base/clock.h"
#include "engine/broker/broker.h"
#include "engine/broker/control_loop.h"
#include "engine/broker/disk_jobs.h"
#include "engine/broker/open_transactions.h"
#include "engine/broker/producer_ids.h"
#include "engine/broker/serial_executor.h"
#include "engine/broker/topic_catalogue.h"
#include "storage/log_directory.h"

namespace myelin::engine::broker {

class GroupDesk;
class TransactionDesk;

struct Broker::Core {
  Core(BrokerOptions broker_options, const Clock& broker_clock, storage::Executor& broker_executor);
  ~Core();

  const BrokerOptions options;
  const Clock& clock;
  std::unique_ptr<TopicCatalogue> catalogue;
  std::unique_ptr<storage::LogDirectory> logs;
  SerialExecutor changes;  // of topics and producer ids
  DiskJobs disk_jobs;
  std::unique_ptr<ProducerIds> producer_ids;
  ControlLoop control;
  OpenTransactions open_transactions;
  std::unique_ptr<GroupDesk> groups;
  std::unique_ptr<TransactionDesk> transactions;
  std::atomic<bool> verify_is_running = false;
};

using Core = Broker::Core;

}  // namespace myelin::engine::broker
