// What our own files may hold after a disk, a power cut or a person had their way with them: each reader ends, in
// memory bounded by the file, with a refusal or with something that is written and read again to the same. Checksums
// are made right where a step says so: else nothing behind them would ever be reached.
//
// Input: one byte chooses the reader, then its bytes. Readers of frames and batches take pieces: a byte (bit 0: as they
// are, else framed with a right checksum), a length (two bytes) and as many bytes.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "base/check.h"
#include "base/crc32c.h"
#include "engine/broker/catalogue_codec.h"
#include "engine/broker/groups/consumer_records.h"
#include "engine/broker/groups/offsets_records.h"
#include "engine/broker/transactions/transaction_records.h"
#include "state/fields.h"
#include "storage/aborted_index.h"
#include "storage/journal_file.h"
#include "storage/leader_epochs.h"
#include "storage/memory_file_system.h"
#include "storage/producer_state.h"
#include "storage/provenance_journal.h"
#include "storage/segment_scan.h"
#include "storage/sparse_index.h"
#include "storage/transaction_marker.h"

namespace myelin::fuzz {
namespace {

constexpr std::int64_t kNow = 1'750'000'000'000;

void put(ByteBuffer& to, ByteSpan bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

class Pieces {
 public:
  explicit Pieces(ByteSpan bytes) : rest_(bytes) {}
  // The next piece; false at the end.
  bool next() {
    if (rest_.size() < 3) return false;
    is_framed_ = (rest_[0] & std::byte{1}) == std::byte{0};
    const std::size_t length = load_big_endian<std::uint16_t>(rest_.data() + 1);
    rest_ = rest_.subspan(3);
    piece_ = rest_.first(std::min(length, rest_.size()));
    rest_ = rest_.subspan(piece_.size());
    return true;
  }
  [[nodiscard]] bool is_framed() const { return is_framed_; }
  [[nodiscard]] ByteSpan bytes() const { return piece_; }

 private:
  ByteSpan rest_;
  ByteSpan piece_;
  bool is_framed_ = false;
};

// Frames of the provenance and the catalogue journal: length, CRC, body.
ByteBuffer frames(ByteSpan input) {
  ByteBuffer file;
  for (Pieces pieces(input); pieces.next();) {
    if (pieces.is_framed()) {
      std::array<std::byte, 8> head;
      store_big_endian(head.data(), static_cast<std::uint32_t>(pieces.bytes().size()));
      store_big_endian(head.data() + 4, crc32c(pieces.bytes()));
      put(file, head);
    }
    put(file, pieces.bytes());
  }
  return file;
}

storage::FramesEnd read_frames(const ByteBuffer& content, const storage::JournalFile::Visit& visit) {
  storage::MemoryFileSystem files;
  files.set_content("journal", content);
  const auto file = storage::JournalFile::open(files, "journal");
  CHECK(file.has_value());
  return *file->read_frames(visit);
}

void read_provenance_frames(ByteSpan input) {
  using namespace storage::provenance;
  auto file = encode(FileHeader{1, kNow});
  put(file, frames(input));
  const auto end = read_frames(file, [](const Frame& frame) {
    auto again = encode(FileHeader{1, kNow});
    encode_to(again, frame);
    std::size_t visited = 0;
    const auto whole = read_frames(again, [&](const Frame& same) {
      ++visited;
      CHECK(same.index() == frame.index());
      ByteBuffer once;
      ByteBuffer twice;
      encode_to(once, frame);
      encode_to(twice, same);
      CHECK(once == twice);
    });
    CHECK(visited == 1 && whole.position == again.size());
  });
  CHECK(end.position <= file.size() && end.damaged_bytes <= file.size());
}

// Records and bytes by partition, writer and hour.
auto said_by(const storage::ProvenanceJournal& journal) {
  std::map<std::tuple<TopicId, std::int32_t, Attribution, std::int64_t>, std::pair<std::uint64_t, std::uint64_t>> said;
  CHECK(journal.replay([](const auto&) { return std::nullopt; },
                       [&](const Attribution& who, const storage::ProvenanceEntry& entry) {
                         const auto hour =
                             std::chrono::floor<std::chrono::hours>(entry.time).time_since_epoch().count();
                         auto& [count, bytes] = said[{entry.topic_id, entry.partition, who, hour}];
                         count += static_cast<std::uint64_t>(entry.count);
                         bytes += static_cast<std::uint64_t>(entry.log_bytes);
                       }));
  return said;
}

// The journal as a server finds it: opened, taken over, replayed, coalesced.
void open_journal(ByteSpan input) {
  storage::MemoryFileSystem files;
  CHECK(files.create_directory("journal"));
  auto content = storage::provenance::encode(storage::provenance::FileHeader{1, kNow});
  put(content, frames(input));
  files.set_content("journal/" + storage::provenance::file_name(1), content);
  ManualClock clock;
  storage::QueuedExecutor executor;
  auto journal = storage::ProvenanceJournal::open("journal", files, clock, executor, {});
  if (!journal) return;
  const auto recovery = (*journal)->take_recovery();
  CHECK(recovery.damaged_bytes <= content.size());
  if (!(*journal)->begin({})) return;
  std::size_t entries = 0;
  static_cast<void>((*journal)->replay([](const auto&) { return 1000; },
                                       [&](const Attribution&, const storage::ProvenanceEntry& entry) {
                                         ++entries;
                                         CHECK(entry.count > 0);
                                       }));
  CHECK(entries <= content.size());
  const auto said = said_by(**journal);
  CHECK((*journal)->coalesce([] { return false; }));
  CHECK(said_by(**journal) == said);
  executor.run_all();
}

void scan(ByteSpan input) {
  using namespace storage;
  ByteBuffer content;
  for (Pieces pieces(input); pieces.next();) {
    ByteBuffer batch(pieces.bytes().begin(), pieces.bytes().end());
    if (pieces.is_framed() && batch.size() >= kBatchHeaderSize) {
      store_big_endian(batch.data() + 8, static_cast<std::int32_t>(batch.size() - kBatchLengthOverhead));
      batch[16] = std::byte{2};
      store_big_endian(batch.data() + 17, crc32c(ByteSpan(batch).subspan(21)));
    }
    put(content, batch);
  }
  MemoryFileSystem files;
  files.set_content("segment", content);
  const auto file = files.open("segment", OpenMode::Read).value();
  for (const bool gaps_allowed : {false, true}) {
    std::int64_t next = 0;
    std::uint64_t position = 0;
    ScanRequest request;
    request.limit = content.size();
    request.gaps_allowed = gaps_allowed;
    request.epoch_max = 3;
    request.on_batch = [&](const LocatedBatch& batch) {
      CHECK(batch.header.base_offset >= next && batch.header.next_offset() > batch.header.base_offset);
      CHECK(batch.position >= position && batch.end() <= content.size());
      next = batch.header.next_offset();
      position = batch.end();
    };
    const auto result = scan_segment(*file, request);
    CHECK(result.has_value());
    CHECK(result->end_offset == next && result->end_position == position);
    CHECK(result->end_position + result->tail_bytes == content.size());
    for (const auto& range : result->damaged) CHECK(range.position < range.end_position);
  }
}

void restore_producers(ByteSpan input) {
  using storage::ProducerState;
  constexpr std::size_t kCrcAt = 2;
  constexpr std::size_t kCrcFrom = 6;
  ByteBuffer bytes(input.begin(), input.end());
  if (bytes.size() >= kCrcFrom) store_big_endian(bytes.data() + kCrcAt, crc32c(ByteSpan(bytes).subspan(kCrcFrom)));
  const auto state = ProducerState::restore(bytes, kNow);
  if (!state) return;
  for (const auto& [id, entry] : state->entries()) {
    storage::BatchHeader header;
    header.producer_id = id;
    header.producer_epoch = entry.epoch;
    header.base_sequence = entry.last().base_sequence;
    header.last_offset_delta = entry.last().offset_delta;
    header.count = 1;
    static_cast<void>(state->check(header));
  }
  const auto again = ProducerState::restore(state->snapshot(), kNow);
  CHECK(again.has_value() && again->entries().size() == state->entries().size());
  CHECK(again->undecided().size() == state->undecided().size() && again->open_from() == state->open_from());
}

void read_aborted_index(ByteSpan input) {
  const auto index = storage::decode_aborted_index(input);
  if (index) CHECK(std::ranges::equal(storage::encode(*index), input));
}

void read_offset_index(ByteSpan input) {
  using namespace storage;
  const auto index = decode_offset_index(input);
  if (!index) return;
  CHECK(decode_offset_index(encode(*index)) == index);
  for (const std::int64_t offset : {std::int64_t{0}, std::int64_t{1000}, std::int64_t{INT32_MAX}}) {
    const auto* entry = entry_for_offset(*index, offset);
    CHECK(entry == nullptr || entry->relative_offset <= offset);
    entry = entry_for_position(*index, static_cast<std::uint64_t>(offset));
    CHECK(entry == nullptr || entry->position <= offset);
  }
}

void read_time_index(ByteSpan input) {
  using namespace storage;
  const auto index = decode_time_index(input);
  if (!index) return;
  CHECK(decode_time_index(encode(*index)) == index);
  const auto* entry = entry_before_time(*index, kNow);
  CHECK(entry == nullptr || entry->timestamp < kNow);
}

void read_leader_epochs(ByteSpan input) {
  using storage::LeaderEpochs;
  auto epochs = LeaderEpochs::parse(as_text(input));
  if (!epochs) return;
  const auto again = LeaderEpochs::parse(epochs->text());
  CHECK(again && again->entries() == epochs->entries());
  const auto is_rising = [](const LeaderEpochs::Entry& one, const LeaderEpochs::Entry& next) {
    return one.epoch < next.epoch && one.start_offset < next.start_offset;
  };
  const auto check = [&] {
    const auto& entries = epochs->entries();
    CHECK(std::ranges::adjacent_find(entries, std::not_fn(is_rising)) == entries.end());
  };
  check();
  epochs->cut_before(1000);
  check();
  epochs->cut_from(5000);
  check();
  epochs->begin(epochs->latest() < INT32_MAX ? epochs->latest() + 1 : INT32_MAX, 5000);
  check();
}

void read_marker(ByteSpan input) {
  using namespace storage;
  const auto marker = parse_marker(input);
  if (!marker) return;
  const auto again = parse_marker(encode(*marker, kNow));
  CHECK(again.has_value() && again->producer_id == marker->producer_id && again->commits == marker->commits);
  CHECK(again->producer_epoch == marker->producer_epoch && again->coordinator_epoch == marker->coordinator_epoch);
}

void read_catalogue(ByteSpan input) {
  const auto bytes = frames(input);
  ByteSpan rest = bytes;
  while (const auto decoded = engine::broker::decode_frame(rest)) {
    CHECK(decoded->size <= rest.size());
    const auto once = engine::broker::encode_frame(decoded->frame);
    const auto again = engine::broker::decode_frame(once);
    CHECK(again.has_value() && engine::broker::encode_frame(again->frame) == once);
    rest = rest.subspan(decoded->size);
  }
}

void read_offsets_key(ByteSpan input) {
  using namespace engine::groups;
  if (const auto consumer = read_consumer_key(input); consumer && *consumer) {
    const auto again = read_consumer_key(consumer_tombstone(**consumer).key);
    CHECK(again && *again && (*again)->member_id == (*consumer)->member_id);
  }
  const auto key = read_key(input);
  if (!key) return;
  if (const auto* offset = std::get_if<OffsetKey>(&*key)) {
    CHECK(std::get<OffsetKey>(read_key(offset_tombstone(*offset).key).value()) == *offset);
  } else if (const auto* group = std::get_if<GroupName>(&*key)) {
    CHECK(std::get<GroupName>(read_key(group_tombstone(*group).key).value()) == *group);
  }
}

// What was read and written whole is read again as the same.
void read_consumer_value(engine::groups::ConsumerRecord kind, ByteSpan input) {
  using namespace engine::groups;
  const GroupName name("g");
  ConsumerGroup consumer;
  if (!replay_consumer_record(consumer, {kind, name, "m"}, input)) return;
  settle_replayed(consumer);
  std::vector<OffsetsRecord> once;
  add_whole_consumer_group(once, name, consumer);
  ConsumerGroup copy;
  for (const auto& record : once) {
    const auto key = read_consumer_key(record.key);
    CHECK(replay_consumer_record(copy, **key, ByteSpan(*record.value)).has_value());
  }
  settle_replayed(copy);
  std::vector<OffsetsRecord> again;
  add_whole_consumer_group(again, name, copy);
  CHECK(once.size() == again.size());
  for (std::size_t at = 0; at < once.size(); ++at) CHECK(once[at].value == again[at].value);
}

void read_offsets_value(ByteSpan input) {
  using namespace engine::groups;
  for (const auto kind : {ConsumerRecord::Group, ConsumerRecord::Member, ConsumerRecord::TargetEpoch,
                          ConsumerRecord::TargetOfMember, ConsumerRecord::Position}) {
    read_consumer_value(kind, input);
  }
  if (const auto offset = read_offset(input)) {
    const auto record = offset_record({GroupName("g"), TopicName("t"), 0}, *offset);
    CHECK(read_offset(*record.value).has_value());
  }
  if (const auto group = read_group(input)) {
    const auto once = group_record(GroupName("g"), *group);
    const auto again = read_group(*once.value);
    CHECK(again.has_value() && group_record(GroupName("g"), *again).value == once.value);
  }
}

void read_transaction_key(ByteSpan input) {
  using namespace engine::transactions;
  const auto key = engine::transactions::read_transaction_key(input);
  if (!key || !*key) return;
  CHECK(engine::transactions::read_transaction_key(transaction_tombstone(**key).key).value() == *key);
}

void read_transaction_value(ByteSpan input) {
  using namespace engine::transactions;
  const auto transaction = read_transaction(input);
  if (!transaction) return;
  const auto again = read_transaction(*transaction_record("t", *transaction).value);
  CHECK(again.has_value() && *again == *transaction);
}

// The first byte of each step asks for a number or a text.
void read_state_fields(ByteSpan input) {
  const auto text = as_text(input);
  const auto half = text.size() / 2;
  state::FieldReader reader(text.substr(half), 1);
  std::size_t bytes = 0;
  for (const char step : text.substr(0, half)) {
    if ((step & 1) != 0) {
      bytes += reader.text().size();
    } else {
      static_cast<void>(reader.number());
    }
  }
  CHECK(bytes <= text.size());
}

}  // namespace
}  // namespace myelin::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace myelin::fuzz;
  constexpr std::array kReaders{&read_provenance_frames,
                                &open_journal,
                                &scan,
                                &restore_producers,
                                &read_catalogue,
                                &read_offsets_key,
                                &read_offsets_value,
                                &read_state_fields,
                                &read_aborted_index,
                                &read_marker,
                                &read_transaction_key,
                                &read_transaction_value,
                                &read_offset_index,
                                &read_time_index,
                                &read_leader_epochs};
  if (size == 0) return 0;
  kReaders[data[0] % kReaders.size()](std::as_bytes(std::span(data + 1, size - 1)));
  return 0;
}
