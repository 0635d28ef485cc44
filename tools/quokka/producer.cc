#include "quokka/producer.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace quokka {
namespace {

// CRC-32 as in zlib, so that the oracle can check contents with its standard library.
std::uint32_t crc32(const void* data, std::size_t size) {
  static const auto kTable = [] {
    std::array<std::uint32_t, 256> made{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t c = i;
      for (int bit = 0; bit < 8; ++bit) c = (c & 1) != 0 ? 0xedb88320U ^ (c >> 1) : c >> 1;
      made[i] = c;
    }
    return made;
  }();
  std::uint32_t crc = 0xffffffffU;
  const auto* bytes = static_cast<const unsigned char*>(data);
  for (std::size_t i = 0; i < size; ++i) crc = kTable[(crc ^ bytes[i]) & 0xff] ^ (crc >> 8);
  return crc ^ 0xffffffffU;
}

constexpr int kCreateAttempts = 20;
constexpr int kAnswerAttempts = 300;

bool is_denial(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
         code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED || code == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
}

}  // namespace

Producer::Producer(const ApplicationPlan& plan, const Connection& connection, std::uint64_t seed, double pace,
                   TruthLog& truth, const std::map<std::string, std::int64_t>& next_sequences)
    : plan_(plan), connection_(connection), seed_(seed), pace_(pace), truth_(truth) {
  for (const WritePlan& write : plan.writes) {
    Stream stream;
    stream.plan = write;
    if (const auto known = next_sequences.find(write.topic); known != next_sequences.end()) stream.next = known->second;
    stream.first = stream.next;
    streams_.push_back(std::move(stream));
  }
  if (streams_.empty()) return;  // only reads
  handle_.reset(make_handle());
  if (plan.transactions.id.empty()) return;
  transactions_.emplace(plan.transactions, truth, [this] {
    handle_.reset();
    handle_.reset(make_handle());
    return handle_.get();
  });
  transactions_->use(handle_.get());
}

rd_kafka_t* Producer::make_handle() const {
  rd_kafka_conf_t* conf = client_conf(connection_);
  set(conf, "enable.idempotence", "true");
  set(conf, "message.timeout.ms", "0");  // for ever: whatever was produced is answered for before the end
  set(conf, "linger.ms", "50");
  if (!plan_.transactions.id.empty()) {
    set(conf, "transactional.id", plan_.transactions.id);
    set(conf, "transaction.timeout.ms", "120000");  // none is ended by the platform
  }
  // Where the log forgets records, the oracle knows the size of each as a batch of its own.
  const bool is_compacted = std::ranges::any_of(plan_.writes, [](const auto& write) { return write.compaction.is_on; });
  if (is_compacted) set(conf, "batch.num.messages", "1");
  set(conf, "retry.backoff.ms", "100");
  rd_kafka_conf_set_opaque(conf, const_cast<Producer*>(this));
  rd_kafka_conf_set_dr_msg_cb(conf, &Producer::on_delivery);
  rd_kafka_conf_set_error_cb(conf, &Producer::on_error);
  std::array<char, 512> why{};
  rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why.data(), why.size());
  if (handle == nullptr) throw std::runtime_error(why.data());
  return handle;
}

// True when the platform has answered for every topic; those without a final answer stay in `missing`.
bool Producer::create_topics_once(std::set<std::string>& missing) {
  std::vector<rd_kafka_NewTopic_t*> topics;
  for (const WritePlan& write : plan_.writes) {
    if (!missing.contains(write.topic)) continue;
    rd_kafka_NewTopic_t* topic =
        rd_kafka_NewTopic_new(write.topic.c_str(), write.create_with_partitions, 1, nullptr, 0);
    for (const auto& [name, value] : write.configs) rd_kafka_NewTopic_set_config(topic, name.c_str(), value.c_str());
    topics.push_back(topic);
  }
  rd_kafka_queue_t* queue = rd_kafka_queue_new(handle_.get());
  rd_kafka_AdminOptions_t* options = rd_kafka_AdminOptions_new(handle_.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS);
  rd_kafka_AdminOptions_set_request_timeout(options, 5000, nullptr, 0);
  rd_kafka_CreateTopics(handle_.get(), topics.data(), topics.size(), options, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 6000);
  if (event != nullptr && rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    std::size_t count = 0;
    const auto* result = rd_kafka_event_CreateTopics_result(event);
    const rd_kafka_topic_result_t** answers = rd_kafka_CreateTopics_result_topics(result, &count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto code = rd_kafka_topic_result_error(answers[i]);
      const std::string name = rd_kafka_topic_result_name(answers[i]);
      if (is_denial(code)) log_denial(name, "create");
      const bool exists = code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS;
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR || is_denial(code) || (exists && configure(name))) {
        missing.erase(name);
      } else if (!exists) {
        truth_.line("error", "\"what\":" + quoted("create " + name + ": " + rd_kafka_err2str(code)));
      }
    }
  }
  if (event != nullptr) rd_kafka_event_destroy(event);
  rd_kafka_AdminOptions_destroy(options);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy_array(topics.data(), topics.size());
  return missing.empty();
}

bool Producer::configure(const std::string& topic) {
  const auto write = std::ranges::find(plan_.writes, topic, &WritePlan::topic);
  if (write->configs.empty()) return true;
  rd_kafka_ConfigResource_t* resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
  for (const auto& [name, value] : write->configs) {
    rd_kafka_ConfigResource_set_config(resource, name.c_str(), value.c_str());
  }
  rd_kafka_queue_t* queue = rd_kafka_queue_new(handle_.get());
  rd_kafka_AdminOptions_t* options = rd_kafka_AdminOptions_new(handle_.get(), RD_KAFKA_ADMIN_OP_ALTERCONFIGS);
  rd_kafka_AdminOptions_set_request_timeout(options, 5000, nullptr, 0);
  rd_kafka_AlterConfigs(handle_.get(), &resource, 1, options, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 6000);
  bool is_configured = false;
  if (event != nullptr && rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    std::size_t count = 0;
    const auto* result = rd_kafka_event_AlterConfigs_result(event);
    const rd_kafka_ConfigResource_t** answers = rd_kafka_AlterConfigs_result_resources(result, &count);
    is_configured = count == 1 && rd_kafka_ConfigResource_error(answers[0]) == RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  if (!is_configured) truth_.line("error", "\"what\":" + quoted("configure " + topic));
  if (event != nullptr) rd_kafka_event_destroy(event);
  rd_kafka_AdminOptions_destroy(options);
  rd_kafka_queue_destroy(queue);
  rd_kafka_ConfigResource_destroy(resource);
  return is_configured;
}

void Producer::create_topics() {
  std::set<std::string> missing;
  for (const WritePlan& write : plan_.writes) {
    if (write.create_with_partitions > 0) missing.insert(write.topic);
  }
  for (int attempt = 0; !missing.empty() && attempt < kCreateAttempts; ++attempt) {
    if (create_topics_once(missing)) return;
    rd_kafka_poll(handle_.get(), 250);
  }
  if (!missing.empty()) throw std::runtime_error("topic " + *missing.begin() + " could not be created");
}

void Producer::log_denial(const std::string& topic, const char* operation) {
  if (!denials_.insert(topic + " " + operation).second) return;
  truth_.line("denied",
              "\"resource_type\":\"topic\",\"resource\":" + quoted(topic) + ",\"operation\":" + quoted(operation));
}

bool Producer::produce_one(Stream& stream, const Question& question) {
  const Record record = make_record(stream.plan.form, {.seed = seed_,
                                                       .writer = plan_.principal,
                                                       .topic = stream.plan.topic,
                                                       .sequence = stream.next,
                                                       .per_second = stream.plan.per_second,
                                                       .key = question.key});
  const int tombstones = stream.plan.compaction.tombstone_every;
  const bool is_tombstone = tombstones > 0 && stream.next % tombstones == tombstones - 1;
  const std::string sequence = std::to_string(stream.next);
  rd_kafka_headers_t* headers = rd_kafka_headers_new(2);
  rd_kafka_header_add(headers, "application", -1, plan_.principal.data(), static_cast<ssize_t>(plan_.principal.size()));
  rd_kafka_header_add(headers, "sequence", -1, sequence.data(), static_cast<ssize_t>(sequence.size()));
  if (!question.where.empty()) {
    rd_kafka_header_add(headers, "answers", -1, question.where.data(), static_cast<ssize_t>(question.where.size()));
  }
  if (transactions_) transactions_->begin_when_none();
  void* value = is_tombstone ? nullptr : const_cast<char*>(record.value.data());
  const std::array<rd_kafka_vu_t, 6> arguments{{
      {.vtype = RD_KAFKA_VTYPE_TOPIC, .u = {.cstr = stream.plan.topic.c_str()}},
      {.vtype = RD_KAFKA_VTYPE_KEY, .u = {.mem = {const_cast<char*>(record.key.data()), record.key.size()}}},
      {.vtype = RD_KAFKA_VTYPE_VALUE, .u = {.mem = {value, is_tombstone ? 0 : record.value.size()}}},
      {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u = {.i = RD_KAFKA_MSG_F_COPY}},
      // The pointer is the sequence number: nobody follows it. NOLINTNEXTLINE(performance-no-int-to-ptr)
      {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u = {.ptr = reinterpret_cast<void*>(stream.next)}},
      {.vtype = RD_KAFKA_VTYPE_HEADERS, .u = {.headers = headers}},
  }};
  rd_kafka_error_t* error = rd_kafka_produceva(handle_.get(), arguments.data(), arguments.size());
  if (error == nullptr) {
    if (transactions_) transactions_->took(stream.plan.topic, stream.next);
    ++stream.next;
    ++unanswered_;
    return true;
  }
  rd_kafka_headers_destroy(headers);
  const auto code = rd_kafka_error_code(error);
  if (is_denial(code)) stream.refused = true;
  if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL && code != RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC) {
    truth_.line("error", "\"what\":" + quoted("produce to " + stream.plan.topic + ": " + rd_kafka_error_string(error)));
  }
  rd_kafka_error_destroy(error);
  return false;
}

void Producer::produce_due(std::chrono::steady_clock::time_point now) {
  if (stopped_ || failed_ || !plan_.transactions.answers.empty()) return;
  if (start_ == std::chrono::steady_clock::time_point{}) start_ = now;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  for (Stream& stream : streams_) {
    // A principal that may not write here keeps trying, as a misconfigured application would, but once a second only.
    const double wanted = stream.plan.per_second * pace_;
    const double per_second = stream.refused ? std::min(1.0, wanted) : wanted;
    const auto due = stream.first + static_cast<std::int64_t>(elapsed * per_second);
    while (stream.next < due && unanswered_ < 20000 && (!transactions_ || transactions_->room() > 0)) {
      if (!produce_one(stream)) break;
    }
  }
}

void Producer::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  static_cast<Producer*>(self)->delivered(*message);
}

void Producer::delivered(const rd_kafka_message_t& message) {
  --unanswered_;
  const std::string topic = rd_kafka_topic_name(message.rkt);
  const auto sequence = reinterpret_cast<std::int64_t>(message._private);
  for (Stream& stream : streams_) {
    if (stream.plan.topic != topic) continue;
    if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      stream.acked_since_line.insert(sequence);
      stream.crc_sum += crc32(message.payload, message.len);
      if (stream.plan.compaction.is_on) note_keyed(stream, message, sequence);
    } else if (is_denial(message.err)) {
      stream.refused = true;
      log_denial(topic, "write");
    } else {
      truth_.line("refused", "\"topic\":" + quoted(topic) + ",\"sequence\":" + std::to_string(sequence) +
                                 ",\"why\":" + quoted(rd_kafka_err2str(message.err)));
    }
  }
}

void Producer::on_error(rd_kafka_t* handle, int code, const char* reason, void* self) {
  auto& producer = *static_cast<Producer*>(self);
  std::string text = reason;
  if (code == RD_KAFKA_RESP_ERR__FATAL) {
    std::array<char, 512> why{};
    rd_kafka_fatal_error(handle, why.data(), why.size());
    text = std::string("fatal: ") + why.data();
    producer.failed_ = true;
  }
  producer.truth_.line("error", "\"what\":" + quoted(text));
}

void Producer::poll() {
  if (handle_) rd_kafka_poll(handle_.get(), 0);
}

bool Producer::drained() const { return stopped_ && unanswered_ == 0 && is_between_transactions(); }

int Producer::room_for_answers() const { return transactions_ ? transactions_->room() : 0; }

void Producer::answer(Consumer& reader, const rd_kafka_message_t& question) {
  const std::string topic = rd_kafka_topic_name(question.rkt);
  const Question asked{
      .key = {static_cast<const char*>(question.key), question.key_len},
      .where = topic + "-" + std::to_string(question.partition) + "@" + std::to_string(question.offset)};
  for (int attempt = 0; !produce_one(streams_.front(), asked); ++attempt) {
    if (attempt == kAnswerAttempts) throw std::runtime_error("what was read can't be answered");
    rd_kafka_poll(handle_.get(), 100);
  }
  transactions_->took_input(reader, topic, question.partition, question.offset);
}

void Producer::move_on(std::chrono::steady_clock::time_point now, bool leaves) {
  const bool stops = leaves || (stopped_ && plan_.transactions.answers.empty());
  if (transactions_) transactions_->move_on(now, unanswered_ == 0, stops);
}

// What a topic that keeps the latest record of each key was given, since its log won't tell.
void Producer::note_keyed(const Stream& stream, const rd_kafka_message_t& message, std::int64_t sequence) {
  const std::string key(static_cast<const char*>(message.key), message.key_len);
  truth_.line("keyed", "\"topic\":" + quoted(stream.plan.topic) + ",\"partition\":" +
                           std::to_string(message.partition) + ",\"offset\":" + std::to_string(message.offset) +
                           ",\"sequence\":" + std::to_string(sequence) + ",\"key\":" + quoted(key) + ",\"bytes\":" +
                           std::to_string(message.payload == nullptr ? -1 : static_cast<std::int64_t>(message.len)) +
                           ",\"crc\":" + std::to_string(crc32(message.payload, message.len)));
}

void Producer::write_truth() {
  for (Stream& stream : streams_) {
    if (stream.acked_since_line.empty()) continue;
    truth_.line("acked", "\"topic\":" + quoted(stream.plan.topic) +
                             ",\"records\":" + std::to_string(stream.acked_since_line.size()) + ",\"crc_sum\":" +
                             std::to_string(stream.crc_sum) + ",\"ranges\":" + ranges_of(stream.acked_since_line));
    stream.acked_since_line.clear();
    stream.crc_sum = 0;
  }
}

}  // namespace quokka
