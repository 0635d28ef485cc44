#include "engine/broker/offline_data.h"

#include <algorithm>
#include <future>
#include <map>

#include "engine/broker/internal_records.h"
#include "storage/posix_file_system.h"

namespace myelin::engine::broker {
namespace {

constexpr std::size_t kCommitsPerBatch = 1000;

}  // namespace

Result<std::unique_ptr<OfflineData>> OfflineData::open(const std::string& directory, storage::FileSystem& files,
                                                       const Clock& clock, storage::Executor& executor) {
  storage::LogDirectoryOptions options;
  options.background_housekeeping = false;
  options.boot_id = storage::kernel_boot_id();
  auto opened = open_data({directory, std::move(options), files, clock, executor});
  if (!opened) return pass(opened);
  return std::unique_ptr<OfflineData>(new OfflineData(*std::move(opened), clock));
}

OfflineData::~OfflineData() = default;

Result<TopicPointer> OfflineData::ensure(const NewTopic& topic) {
  auto& catalogue = *data_.catalogue;
  auto known = catalogue.snapshot()->share(topic.name.text());
  if (!known) return std::move(catalogue.create({topic}).front());
  if (topic.id && !topic.id->is_zero() && *topic.id != known->id) {
    return fail(Code::Exists, "topic {} is here with id {}, not {}: it was made anew", topic.name.text(),
                known->id.text(), topic.id->text());
  }
  const auto partitions = std::max(topic.partitions, static_cast<std::int32_t>(known->partitions.size()));
  if (known->configs == topic.configs && static_cast<std::size_t>(partitions) == known->partitions.size()) return known;
  return catalogue.change(known->id, partitions, topic.configs);
}

Result<void> OfflineData::commit(const Commits& commits) {
  auto log = ensure_internal(*data_.catalogue, TopicName(kOffsetsTopic), compacted_internal_topic());
  if (!log) return pass(log);
  for (std::size_t first = 0; first < commits.size(); first += kCommitsPerBatch) {
    std::vector<groups::OffsetsRecord> records;
    const auto last = std::min(commits.size(), first + kCommitsPerBatch);
    for (auto at = first; at < last; ++at) {
      records.push_back(groups::offset_record(commits[at].first, commits[at].second));
    }
    std::vector<RecordView> views;
    for (const auto& record : records) views.push_back({record.key, *record.value, {}});
    std::promise<Result<void>> durable;
    append_records(**log, views, clock_.wall(), [&](Result<void> outcome) { durable.set_value(std::move(outcome)); });
    if (auto outcome = durable.get_future().get(); !outcome) return outcome;
  }
  return {};
}

Result<void> OfflineData::reserve_producer_ids_below(std::int64_t end) {
  while (true) {
    const auto next = data_.catalogue->reserve_producer_ids(0);
    if (!next) return std::unexpected(next.error());
    if (*next >= end) return {};
    const auto step = static_cast<std::int32_t>(std::min<std::int64_t>(end - *next, INT32_MAX));
    if (auto reserved = data_.catalogue->reserve_producer_ids(step); !reserved) return pass(reserved);
  }
}

Result<OfflineData::Commits> OfflineData::committed() {
  std::map<groups::OffsetKey, groups::CommittedOffset> latest;
  const auto topics = data_.catalogue->snapshot();
  const auto* offsets = topics->find(kOffsetsTopic);
  if (offsets == nullptr) return Commits{};
  std::map<std::int64_t, std::map<groups::OffsetKey, std::optional<groups::CommittedOffset>>> undecided;
  const auto take = [&](const groups::OffsetKey& key, const std::optional<groups::CommittedOffset>& value) {
    if (value) {
      latest.insert_or_assign(key, *value);
    } else {
      latest.erase(key);
    }
  };
  const auto sink = [&](const RecordView& record) -> Result<void> {
    const auto key = groups::read_key(record.key);
    if (!key) return std::unexpected(key.error());
    const auto* place = std::get_if<groups::OffsetKey>(&*key);
    if (place == nullptr) return {};
    std::optional<groups::CommittedOffset> value;
    if (record.value) {
      auto read = groups::read_offset(*record.value);
      if (!read) return pass(read);
      value = *std::move(read);
    }
    if (record.transaction_of) {
      undecided[*record.transaction_of].insert_or_assign(*place, value);
    } else {
      take(*place, value);
    }
    return {};
  };
  const auto marker = [&](std::int64_t producer_id, bool commits) {
    const auto decided = undecided.extract(producer_id);
    if (decided.empty() || !commits) return;
    for (const auto& [key, value] : decided.mapped()) take(key, value);
  };
  if (auto replayed = replay_records(*offsets->partitions.front(), sink, marker); !replayed) return pass(replayed);
  return Commits(latest.begin(), latest.end());
}

}  // namespace myelin::engine::broker
