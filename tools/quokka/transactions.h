#pragma once
// The transactions of an application, one after another: records come in until there are as many as the plan says or
// the time is up, all of them are answered for, and then the transaction is committed or, by the plan, given up. With
// inputs, the offsets of what was answered are committed in it. Each end is a line of the truth log.
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "quokka/consumer.h"
#include "quokka/plan.h"
#include "quokka/truth_log.h"

namespace quokka {

class Transactions {
 public:
  using Clock = std::chrono::steady_clock;
  // A new producer with the same transactional id, for when the present one is stuck.
  using Renew = std::function<rd_kafka_t*()>;

  Transactions(TransactionPlan plan, TruthLog& truth, Renew renew)
      : plan_(std::move(plan)), truth_(truth), renew_(std::move(renew)) {}

  // Takes the transactional id over; what was open under it is aborted by this. Throws when that is not to be had.
  void use(rd_kafka_t* producer);

  // How many more records the transaction takes now.
  [[nodiscard]] int room() const;
  void begin_when_none();
  void took(const std::string& topic, std::int64_t sequence);
  void took_input(Consumer& reader, const std::string& topic, std::int32_t partition, std::int64_t offset);
  [[nodiscard]] bool is_open() const { return step_ != Step::None; }

  // Goes on as far as it can without waiting for records: `all_answered` says that none is under way.
  void move_on(Clock::time_point now, bool all_answered, bool stops);

 private:
  enum class Step { None, Open, Flushing, Sending, Committing, Aborting };
  struct Inputs {
    std::int64_t first = 0;
    std::int64_t next = 0;
  };

  [[nodiscard]] bool is_given_up() const;
  void send_offsets(Clock::time_point now);
  void commit();
  void abort();
  void start_anew();
  void finish(bool committed);
  // What the library said of a step, if anything. True: done.
  bool is_done(rd_kafka_error_t* error, const char* what);

  const TransactionPlan plan_;
  TruthLog& truth_;
  const Renew renew_;
  rd_kafka_t* producer_ = nullptr;
  Step step_ = Step::None;
  std::int64_t number_ = 0;
  int records_ = 0;
  Clock::time_point begun_{};
  Clock::time_point sending_since_{};
  std::map<std::string, std::set<std::int64_t>> sequences_;  // by topic
  Consumer* reader_ = nullptr;
  std::map<Consumer::TopicPartition, Inputs> inputs_;
  int assignment_ = 0;  // the reader's, at the first input
};

}  // namespace quokka
