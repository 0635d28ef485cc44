#pragma once
// The writing half of an application: produces each topic at its rate, idempotently, and logs what was acknowledged.
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "quokka/client.h"
#include "quokka/plan.h"
#include "quokka/transactions.h"
#include "quokka/truth_log.h"

namespace quokka {

class Producer {
 public:
  // `pace`: how many seconds of the plan's time pass in one.
  Producer(const ApplicationPlan& plan, const Connection& connection, std::uint64_t seed, double pace, TruthLog& truth,
           const std::map<std::string, std::int64_t>& next_sequences);

  // Creates the topics that the plan gives to this application; retries until the platform has answered for each.
  void create_topics();
  void produce_due(std::chrono::steady_clock::time_point now);
  void poll();
  void stop() { stopped_ = true; }
  // For an application that answers what it reads: how many records it takes now, and one of them.
  [[nodiscard]] int room_for_answers() const;
  void answer(Consumer& reader, const rd_kafka_message_t& question);
  // Ends the transaction that is due; with `leaves`, the one that is open.
  void move_on(std::chrono::steady_clock::time_point now, bool leaves);
  [[nodiscard]] bool is_between_transactions() const { return !transactions_ || !transactions_->is_open(); }
  // True once stopped and everything produced was answered for.
  bool drained() const;
  void write_truth();
  bool failed() const { return failed_; }

 private:
  struct Stream {
    WritePlan plan;
    std::int64_t first = 0;  // of this run
    std::int64_t next = 0;
    bool refused = false;  // the platform does not let this principal write here
    std::set<std::int64_t> acked_since_line;
    std::uint64_t crc_sum = 0;
  };

  static void on_delivery(rd_kafka_t* handle, const rd_kafka_message_t* message, void* self);
  static void on_error(rd_kafka_t* handle, int code, const char* reason, void* self);
  void delivered(const rd_kafka_message_t& message);
  void log_denial(const std::string& topic, const char* operation);
  struct Question {
    std::string_view key;
    std::string where;  // topic-partition@offset
  };
  bool produce_one(Stream& stream, const Question& question = {});
  void note_keyed(const Stream& stream, const rd_kafka_message_t& message, std::int64_t sequence);
  [[nodiscard]] rd_kafka_t* make_handle() const;
  bool create_topics_once(std::set<std::string>& missing);
  // A topic that an apply made has what its contract says; the plan's configs take the place of all others.
  bool configure(const std::string& topic);

  const ApplicationPlan& plan_;
  const Connection connection_;
  std::uint64_t seed_;
  double pace_;
  TruthLog& truth_;
  std::vector<Stream> streams_;
  std::chrono::steady_clock::time_point start_{};
  bool stopped_ = false;
  bool failed_ = false;
  std::int64_t unanswered_ = 0;
  std::set<std::string> denials_;
  struct Destroy {
    void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
  };
  std::unique_ptr<rd_kafka_t, Destroy> handle_;
  std::optional<Transactions> transactions_;
};

}  // namespace quokka
