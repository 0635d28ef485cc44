#include "quokka/consumer.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <thread>

namespace quokka {
namespace {

constexpr std::chrono::milliseconds kServeAgain{50};
constexpr int kSeekMs = 10'000;

std::string header_of(const rd_kafka_message_t& message, const char* name) {
  rd_kafka_headers_t* headers = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR &&
      rd_kafka_header_get_last(headers, name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    return {static_cast<const char*>(value), size};
  }
  return "";
}

rd_kafka_conf_t* member_conf(const Connection& connection, const std::string& group) {
  rd_kafka_conf_t* conf = client_conf(connection);
  set(conf, "group.id", group);
  set(conf, "enable.auto.commit", "false");
  set(conf, "enable.auto.offset.store", "false");
  set(conf, "auto.offset.reset", "earliest");
  set(conf, "isolation.level", "read_committed");
  set(conf, "enable.partition.eof", "true");
  set(conf, "session.timeout.ms", "10000");
  set(conf, "heartbeat.interval.ms", "1000");
  set(conf, "fetch.wait.max.ms", "250");
  set(conf, "fetch.error.backoff.ms", "100");
  set(conf, "queued.max.messages.kbytes", "4096");
  return conf;
}

}  // namespace

Consumer::Consumer(std::vector<ReadPlan> reads, bool stalls, const Connection& connection, TruthLog& truth)
    : reads_(std::move(reads)), stalls_(stalls), truth_(truth) {
  rd_kafka_conf_t* conf = member_conf(connection, reads_.front().group);
  rd_kafka_conf_set_opaque(conf, this);
  rd_kafka_conf_set_rebalance_cb(conf, &Consumer::on_rebalance);
  rd_kafka_conf_set_offset_commit_cb(conf, &Consumer::on_commit);
  std::array<char, 512> why{};
  handle_.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf, why.data(), why.size()));
  if (!handle_) throw std::runtime_error(why.data());
  rd_kafka_poll_set_consumer(handle_.get());
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(static_cast<int>(reads_.size()));
  for (const ReadPlan& read : reads_) {
    rd_kafka_topic_partition_list_add(topics, read.topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  rd_kafka_subscribe(handle_.get(), topics);
  rd_kafka_topic_partition_list_destroy(topics);
}

void Consumer::on_rebalance(rd_kafka_t* handle, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* partitions,
                            void* self) {
  auto& consumer = *static_cast<Consumer*>(self);
  if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    consumer.joined_ = true;
    ++consumer.assignment_;
    consumer.positions_.clear();
    for (int i = 0; i < partitions->cnt; ++i)
      consumer.positions_[{partitions->elems[i].topic, partitions->elems[i].partition}];
    rd_kafka_assign(handle, partitions);
    if (consumer.stalled_) consumer.stall();
  } else {
    consumer.write_truth();
    if (rd_kafka_assignment_lost(handle) == 0) consumer.commit(false);
    ++consumer.assignment_;
    consumer.positions_.clear();
    rd_kafka_assign(handle, nullptr);
  }
  std::string held;
  for (const auto& [where, position] : consumer.positions_) {
    held += (held.empty() ? "" : ",") + quoted(where.first + "-" + std::to_string(where.second));
  }
  consumer.truth_.line("assigned",
                       "\"group\":" + quoted(consumer.reads_.front().group) + ",\"partitions\":[" + held + "]");
}

void Consumer::on_commit(rd_kafka_t*, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* offsets, void* self) {
  auto& consumer = *static_cast<Consumer*>(self);
  consumer.commit_under_way_ = false;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR && offsets != nullptr) consumer.note_committed(*offsets);
}

void Consumer::note_committed(const rd_kafka_topic_partition_list_t& offsets) {
  for (int i = 0; i < offsets.cnt; ++i) {
    const auto& entry = offsets.elems[i];
    if (entry.err != RD_KAFKA_RESP_ERR_NO_ERROR || entry.offset < 0) continue;
    note_committed({entry.topic, entry.partition}, entry.offset);
  }
}

void Consumer::note_committed(const TopicPartition& where, std::int64_t offset) {
  if (const auto held = positions_.find(where); held != positions_.end()) {
    if (held->second.committed >= offset) return;
    held->second.committed = offset;
  }
  truth_.line("committed", "\"group\":" + quoted(reads_.front().group) + ",\"topic\":" + quoted(where.first) +
                               ",\"partition\":" + std::to_string(where.second) +
                               ",\"offset\":" + std::to_string(offset));
}

void Consumer::committed_elsewhere(const Offsets& offsets) {
  for (const auto& [where, offset] : offsets) note_committed(where, offset);
}

rd_kafka_consumer_group_metadata_t* Consumer::membership() const {
  return rd_kafka_consumer_group_metadata(handle_.get());
}

void Consumer::go_back(const Offsets& offsets) {
  write_truth();
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size()));
  for (const auto& [where, offset] : offsets) {
    rd_kafka_topic_partition_list_add(list, where.first.c_str(), where.second)->offset = offset;
    if (const auto held = positions_.find(where); held != positions_.end()) held->second.at_end = false;
  }
  rd_kafka_error_t* error = rd_kafka_seek_partitions(handle_.get(), list, kSeekMs);
  rd_kafka_topic_partition_list_destroy(list);
  if (error == nullptr) return;
  const std::string why = rd_kafka_error_string(error);
  rd_kafka_error_destroy(error);
  throw std::runtime_error("records of a transaction that was aborted can't be had again: " + why);
}

rd_kafka_topic_partition_list_t* Consumer::uncommitted() const {
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(static_cast<int>(positions_.size()));
  for (const auto& [where, position] : positions_) {
    if (position.next > position.committed) {
      rd_kafka_topic_partition_list_add(list, where.first.c_str(), where.second)->offset = position.next;
    }
  }
  return list;
}

rd_kafka_resp_err_t Consumer::commit(bool asynchronous) {
  if (is_handed_over()) return RD_KAFKA_RESP_ERR_NO_ERROR;
  rd_kafka_topic_partition_list_t* list = uncommitted();
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  if (list->cnt > 0) {
    code = rd_kafka_commit(handle_.get(), list, asynchronous ? 1 : 0);
    if (!asynchronous && code == RD_KAFKA_RESP_ERR_NO_ERROR) note_committed(*list);
    if (asynchronous && code == RD_KAFKA_RESP_ERR_NO_ERROR) commit_under_way_ = true;
  }
  rd_kafka_topic_partition_list_destroy(list);
  return code;
}

void Consumer::commit_when_due(std::chrono::steady_clock::time_point now) {
  if (now < next_commit_ || commit_under_way_) return;
  next_commit_ = now + std::chrono::seconds(1);
  commit(true);
}

int Consumer::poll(int limit) {
  int count = 0;
  while (count < limit) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(handle_.get(), 0);
    if (message == nullptr) break;
    ++count;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      take(*message);
    } else {
      take_error(*message);
    }
    rd_kafka_message_destroy(message);
  }
  return count;
}

void Consumer::take(const rd_kafka_message_t& message) {
  const auto held = positions_.find({rd_kafka_topic_name(message.rkt), message.partition});
  if (held == positions_.end() || stalled_) return;
  Position& position = held->second;
  if (position.from < 0) position.from = message.offset;
  position.next = message.offset + 1;
  position.at_end = false;
  position.bytes += static_cast<std::int64_t>(message.len);
  ++position.records;
  const auto origin = header_of(message, "application");
  ++position.origins[origin];
  if (is_in_transactions(held->first.first)) {
    position.sequences[origin].insert(std::stoll(header_of(message, "sequence")));
  }
  if (taker_) taker_(message);
  if (++received_ >= kStallAfter && stalls_) stall();
}

void Consumer::stall() {
  if (!stalled_) {
    truth_.line("stalled", "\"group\":" + quoted(reads_.front().group));
    stalled_ = true;  // what comes while the last commit is made is not taken any more
    while (commit(false) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      poll(100);
      std::this_thread::sleep_for(kServeAgain);
    }
  }
  rd_kafka_topic_partition_list_t* held = nullptr;
  if (rd_kafka_assignment(handle_.get(), &held) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_pause_partitions(handle_.get(), held);
    rd_kafka_topic_partition_list_destroy(held);
  }
}

bool Consumer::is_in_transactions(const std::string& topic) const {
  return std::ranges::any_of(reads_, [&](const auto& read) { return read.topic == topic && read.is_in_transactions; });
}

bool Consumer::holds(const std::string& topic) const {
  return std::ranges::any_of(positions_, [&](const auto& held) { return held.first.first == topic; });
}

void Consumer::deny(const char* type, const std::string& resource, const char* operation) {
  if (!denials_.insert(std::string(type) + " " + resource).second) return;
  truth_.line("denied", "\"resource_type\":" + quoted(type) + ",\"resource\":" + quoted(resource) +
                            ",\"operation\":" + quoted(operation));
}

void Consumer::take_error(const rd_kafka_message_t& message) {
  const std::string topic = message.rkt != nullptr ? rd_kafka_topic_name(message.rkt) : "";
  switch (message.err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      if (const auto held = positions_.find({topic, message.partition}); held != positions_.end())
        held->second.at_end = true;
      break;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      // Metadata comes before any fetch: a topic that it refuses is one whose existence may not be known.
      deny("topic", topic, holds(topic) ? "read" : "describe");
      break;
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
      deny("group", reads_.front().group, "read");
      break;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      break;  // not created yet; the next metadata refresh finds it
    default:
      truth_.line("error", "\"what\":" + quoted(topic + ": " + rd_kafka_message_errstr(&message)));
  }
}

void Consumer::write_truth() {
  for (auto& [where, position] : positions_) {
    if (position.from < 0) continue;
    std::string origins;
    for (const auto& [application, records] : position.origins) {
      origins += (origins.empty() ? "" : ",") + quoted(application) + ":" + std::to_string(records);
    }
    std::string sequences;
    for (const auto& [application, which] : position.sequences) {
      sequences += (sequences.empty() ? ",\"sequences\":{" : ",") + quoted(application) + ":" + ranges_of(which);
    }
    if (!sequences.empty()) sequences += "}";
    truth_.line("received",
                "\"topic\":" + quoted(where.first) + ",\"partition\":" + std::to_string(where.second) +
                    ",\"group\":" + quoted(reads_.front().group) + ",\"from\":" + std::to_string(position.from) +
                    ",\"to\":" + std::to_string(position.next - 1) +
                    ",\"records\":" + std::to_string(position.records) +
                    ",\"bytes\":" + std::to_string(position.bytes) + ",\"origins\":{" + origins + "}" + sequences);
    position.from = -1;
    position.records = 0;
    position.bytes = 0;
    position.origins.clear();
    position.sequences.clear();
  }
}

bool Consumer::caught_up() const {
  if (stalled_ || !denials_.empty()) return true;
  return joined_ && std::ranges::all_of(positions_, [](const auto& held) { return held.second.at_end; });
}

void Consumer::close(std::chrono::steady_clock::time_point deadline) {
  // By consumer_poll, which librdkafka wants for a queue that records come over too: rd_kafka_poll() aborts on one.
  while (commit_under_way_ && std::chrono::steady_clock::now() < deadline) {
    poll(100);
    std::this_thread::sleep_for(kServeAgain);
  }
  for (auto& [where, position] : positions_) position.committed = -1;  // the last word, whatever came before
  while (!stalled_ && std::chrono::steady_clock::now() < deadline) {
    const auto code = commit(false);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR__NO_OFFSET) break;
    truth_.line("error", "\"what\":" + quoted(std::string("last commit: ") + rd_kafka_err2str(code)));
    poll(100);  // a rebalance under way wants to be served before a commit can succeed
    std::this_thread::sleep_for(kServeAgain);
  }
  write_truth();
  rd_kafka_consumer_close(handle_.get());
}

}  // namespace quokka
