#include <thread>
#include <vector>

#include "bench/commands.h"
#include "bench/member.h"
#include "bench/window.h"
#include "kafka/message/end_txn.h"
#include "kafka/message/init_producer_id.h"
#include "kafka/message/produce.h"
#include "kafka/record_batch.h"

namespace myelin::bench {
namespace {

constexpr std::int16_t kInitVersion = 5;
constexpr std::int16_t kProduceVersion = 12;  // partitions become part of the transaction unannounced
constexpr std::int16_t kEndVersion = 5;       // answers the epoch of the next one
constexpr std::int16_t kTransactional = 0x10;

struct Plan {
  std::string address;
  std::string topic;
  long partitions = 1;
  long transactions = 0;  // of one producer
  long records = 1000;    // of a transaction, in one batch
  long record_bytes = 100;
};

class Producer {
 public:
  Producer(const Plan& plan, long index)
      : plan_(plan), connection_(plan.address), id_(fmt::format("{}-{}", plan.topic, index)) {
    batch_.set_attribute_bits(kTransactional);
    for (long record = 0; record < plan.records; ++record)
      batch_.add(1'750'000'000'000, std::nullopt, std::string(static_cast<std::size_t>(plan.record_bytes), 'v'));
    await_coordinator(connection_, id_, CoordinatorOf::Transaction);
    kafka::InitProducerIdRequest request;
    request.transactional_id = id_;
    request.transaction_timeout_ms = 60'000;
    const auto answer = once_coordinated("InitProducerId", [&] {
      return ask<kafka::InitProducerIdResponse>(connection_, kafka::ApiKey::InitProducerId, kInitVersion, request);
    });
    producer_id_ = answer.producer_id;
    epoch_ = answer.producer_epoch;
  }

  void run(long index) {
    for (long done = 0; done < plan_.transactions; ++done) {
      write(static_cast<std::int32_t>((index + done) % plan_.partitions));
      commit();
    }
  }

 private:
  void write(std::int32_t partition) {
    batch_.set_producer(producer_id_, epoch_, 0);
    kafka::ProduceRequest request;
    request.transactional_id = id_;
    request.acks = -1;
    request.timeout_ms = 30'000;
    auto& data = request.topic_data.emplace_back();
    data.name = plan_.topic;
    auto& slot = data.partition_data.emplace_back();
    slot.index = partition;
    slot.records = SharedBytes(batch_.finish());
    once_coordinated("Produce", [&] {
      return ask<kafka::ProduceResponse>(connection_, kafka::ApiKey::Produce, kProduceVersion, request)
          .responses.at(0)
          .partition_responses.at(0);
    });
  }
  void commit() {
    kafka::EndTxnRequest request;
    request.transactional_id = id_;
    request.producer_id = producer_id_;
    request.producer_epoch = epoch_;
    request.committed = true;
    const auto answer = once_coordinated(
        "EndTxn", [&] { return ask<kafka::EndTxnResponse>(connection_, kafka::ApiKey::EndTxn, kEndVersion, request); });
    producer_id_ = answer.producer_id;
    epoch_ = answer.producer_epoch;
  }

  const Plan& plan_;
  Connection connection_;
  std::string id_;
  kafka::BatchBuilder batch_;
  std::int64_t producer_id_ = -1;
  std::int16_t epoch_ = -1;
};

}  // namespace

// Producers that each commit one transaction after the other.
void run_transactions(const Options& options) {
  Plan plan{.address = options.text("address"), .topic = options.text("topic")};
  const long producers = options.number("producers", 4);
  plan.partitions = options.number("partitions", 1);
  plan.transactions = options.number("transactions", 100) / producers;
  std::vector<std::unique_ptr<Producer>> all;
  for (long index = 0; index < producers; ++index) all.push_back(std::make_unique<Producer>(plan, index));
  const Window window(options);
  std::vector<std::jthread> threads;
  for (long index = 0; index < producers; ++index)
    threads.emplace_back([&, index] { all[static_cast<std::size_t>(index)]->run(index); });
  threads.clear();
  fmt::print("{{\"transactions\":{},{}}}\n", plan.transactions * producers, window.json());
}

}  // namespace myelin::bench
