#pragma once
// One fetch session (KIP-227): the partitions that a client reads, as it told them, and what it was last told of each.
// An incremental request names only what changed and is made whole by it; an incremental answer is cut down to what is
// news. Nothing of this reaches an engine.
//
// Not thread-safe; FetchSessions sees to that.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"
#include "engine/engine.h"
#include "kafka/message/fetch.h"

namespace myelin::governance {

class FetchSession {
 public:
  // The longest name that a topic can have; what is longer is not worth keeping.
  static constexpr std::size_t kNameBytesMax = 249;

  // `by_id`: its requests give topics by id instead of name.
  explicit FetchSession(bool by_id) : by_id_(by_id) {}

  [[nodiscard]] bool by_id() const { return by_id_; }
  [[nodiscard]] std::size_t size() const { return partitions_.size(); }
  [[nodiscard]] static bool can_keep(const kafka::FetchRequest& request);

  // Takes in what the request adds, changes and, after that, forgets. Of what it names twice the last counts.
  void update(const kafka::FetchRequest& request);
  // Looks for the names that are not known yet. A name, once known, stays: the topic that gets the name of a deleted
  // one has another id.
  void learn_names(const engine::TopicNames& names);
  // Makes the request name every partition, beginning behind the last one that was served.
  void make_whole(kafka::FetchRequest& request) const;

  enum class Extent : std::uint8_t { Whole, News };
  // Notes what the client is told, and takes what is no news out of the answer unless it is to stay whole.
  void tell(kafka::FetchResponse& response, Extent extent);
  // The same for an answer that a later request of the session has overtaken: nothing is noted, so the later one tells
  // it, too.
  void keep_news(kafka::FetchResponse& response) const;

 private:
  struct Partition {
    std::int32_t number = 0;
    std::int32_t current_leader_epoch = -1;
    std::int64_t fetch_offset = 0;
    std::int64_t log_start_offset = -1;
    std::int32_t last_fetched_epoch = -1;
    std::int32_t bytes_max = 0;
    std::int64_t told_high_watermark = -1;
    std::int64_t told_log_start = -1;
  };
  struct Topic {
    std::string name;
    Uuid id;
    std::size_t first = 0;  // of its partitions, which end where those of the next topic begin
  };
  using AskedTopic = kafka::FetchRequest::FetchTopic;
  using Asked = kafka::FetchRequest::FetchPartition;
  using Answer = kafka::FetchResponse::PartitionData;
  struct Added {
    const AskedTopic* topic = nullptr;
    const Asked* partition = nullptr;
  };
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  [[nodiscard]] std::size_t end_of(std::size_t topic) const;
  // `hint`: where it is looked for first.
  [[nodiscard]] std::size_t find_topic(std::string_view name, const Uuid& id, std::size_t hint) const;
  [[nodiscard]] std::size_t find_partition(std::size_t topic, std::int32_t number, std::size_t hint) const;
  static void take(const Asked& asked, Partition& partition);
  void add(const std::vector<Added>& added);
  void forget(const kafka::FetchRequest& request);
  void append_to(kafka::FetchRequest& request, std::size_t topic, std::size_t first, std::size_t end) const;
  [[nodiscard]] static bool is_news(const Partition& known, const Answer& answer);
  template <typename Keep>
  void keep_parts(kafka::FetchResponse& response, Keep keep) const;

  bool by_id_;
  std::vector<Topic> topics_;          // by id or name
  std::vector<Partition> partitions_;  // by topic, then number
  std::size_t next_ = 0;               // the partition that the next fetch begins with
};

}  // namespace myelin::governance
