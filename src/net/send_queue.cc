#include "net/send_queue.h"

#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <optional>

#include "base/check.h"

namespace myelin::net {
namespace {

using Status = IoResult::Status;

// The kernel reads ahead at least as much, so a probe stands for what lies up to the next one.
constexpr std::size_t kProbeStride = std::size_t{128} * 1024;
constexpr std::size_t kFileChunk = std::size_t{64} * 1024;
constexpr std::size_t kKeptEntries = 64;
// A probe, a sendfile and a send of its own for what stands before it cost more than the copy of a range of up to this,
// measured at 1 to 64 KiB. What is gathered of a peer that stops reading stays in memory.
constexpr std::size_t kShortFile = std::size_t{32} * 1024;
constexpr std::size_t kGatheredMax = std::size_t{64} * 1024;

bool probe(int file, std::uint64_t offset) {
  std::byte scratch{};
  iovec one{&scratch, 1};
  const auto got = ::preadv2(file, &one, 1, static_cast<off_t>(offset), RWF_NOWAIT);
  return got >= 0 || errno != EAGAIN;
}

// All of the range, or nothing; then errno is EAGAIN when it would have to be waited for.
std::optional<SharedBytes> read_whole(const FileRange& range, bool wait_for_disk) {
  const std::shared_ptr<std::byte[]> block = std::make_shared_for_overwrite<std::byte[]>(range.length);
  iovec one{block.get(), range.length};
  const auto offset = static_cast<off_t>(range.offset);
  const auto got = ::preadv2(range.file->descriptor(), &one, 1, offset, wait_for_disk ? 0 : RWF_NOWAIT);
  if (got != static_cast<ssize_t>(range.length)) {
    if (got >= 0) errno = 0;  // it ends somewhere in between: whoever probes its end learns why
    return std::nullopt;
  }
  return SharedBytes(block, ByteSpan(block.get(), range.length));
}

}  // namespace

bool in_page_cache(const FileRange& range) {
  if (range.length == 0) return true;
  for (std::uint64_t at = 0; at < range.length; at += kProbeStride) {
    if (!probe(range.file->descriptor(), range.offset + at)) return false;
  }
  return probe(range.file->descriptor(), range.offset + range.length - 1);
}

void warm_page_cache(const FileRange& range) {
  std::vector<std::byte> scratch(std::min<std::size_t>(range.length, kFileChunk));
  for (std::uint64_t at = 0; at < range.length;) {
    const auto wanted = std::min<std::uint64_t>(scratch.size(), range.length - at);
    const auto got = ::pread(range.file->descriptor(), scratch.data(), wanted, static_cast<off_t>(range.offset + at));
    if (got <= 0) return;  // the sender will meet the same error and report it
    at += static_cast<std::uint64_t>(got);
  }
}

std::size_t SendQueue::Entry::memory() const {
  return prefix_size + (std::holds_alternative<SharedBytes>(payload) ? payload_size(payload) : 0);
}

void SendQueue::add(Entry entry) {
  memory_bytes_ += entry.memory();
  entries_.push_back(std::move(entry));
}

void SendQueue::push(Payload payload) {
  if (payload_size(payload) > 0) add(Entry{{}, 0, false, std::move(payload)});
}

void SendQueue::push_frame(PayloadChain body) {
  std::size_t total = 0;
  for (const auto& payload : body) total += payload_size(payload);
  CHECK(total <= static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()));
  Entry first;
  first.prefix_size = 4;
  store_big_endian(first.prefix.data(), static_cast<std::int32_t>(total));
  auto rest = body.begin();
  if (rest != body.end()) first.payload = std::move(*rest++);
  add(std::move(first));
  for (; rest != body.end(); ++rest) push(std::move(*rest));
  entries_.back().ends_frame = true;
}

void SendQueue::clear() {
  entries_ = {};
  next_ = sent_ = memory_bytes_ = 0;
  resident_ = {};
}

bool SendQueue::front_is_file() const {
  const auto& front = entries_[next_];
  return std::holds_alternative<FileRange>(front.payload) && sent_ >= front.prefix_size;
}

FileRange SendQueue::front_range() const {
  const auto& front = entries_[next_];
  auto range = std::get<FileRange>(front.payload);
  const auto done = static_cast<std::uint32_t>(sent_ - front.prefix_size);
  range.offset += done;
  range.length -= done;
  return range;
}

FileRange SendQueue::cold_range() const {
  auto range = front_range();
  range.length = static_cast<std::uint32_t>(std::min<std::size_t>(range.length, 4 * kTurnBytes));
  return range;
}

bool SendQueue::is_known_resident(const FileRange& range) const {
  return range.file == resident_.file && range.offset >= resident_.offset &&
         range.offset + range.length <= resident_.offset + resident_.length;
}

// Probes beyond this turn, so that the next turns go without.
bool SendQueue::is_resident(const FileRange& range) {
  if (is_known_resident(range)) return true;
  auto ahead = cold_range();
  if (!in_page_cache(ahead)) return false;
  resident_ = std::move(ahead);
  return true;
}

SendQueue::Written SendQueue::write(Transport& transport, bool wait_for_disk) {
  Written written;
  while (!empty()) {
    if (written.bytes >= kTurnBytes) {
      written.stop = Stop::TurnOver;
      return written;
    }
    if (read_short_files(wait_for_disk) && !is_known_resident(front_range())) {
      written.stop = Stop::ColdFile;
      return written;
    }
    IoResult result;
    if (!front_is_file()) {
      result = write_memory(transport);
    } else {
      auto range = front_range();
      range.length = static_cast<std::uint32_t>(std::min<std::size_t>(range.length, kTurnBytes - written.bytes));
      if (!wait_for_disk && !is_resident(range)) {
        written.stop = Stop::ColdFile;
        return written;
      }
      if (!transport.takes_files()) {
        if (range.length == 0) {
          advance(0);
        } else if (!read_front_file()) {
          written.stop = Stop::Failed;
          return written;
        }
        continue;
      }
      result = write_front_file(transport, range.length);
    }
    if (result.status != Status::Done) {
      resident_ = {};  // the peer may take its time, and the kernel may drop pages meanwhile
      written.stop = result.status == Status::WantRead    ? Stop::WantRead
                     : result.status == Status::WantWrite ? Stop::WantWrite
                                                          : Stop::Failed;
      return written;
    }
    written.bytes += result.bytes;
    advance(result.bytes);
  }
  resident_ = {};
  return written;
}

bool SendQueue::read_short_files(bool wait_for_disk) {
  std::size_t gathered = 0;
  for (std::size_t index = next_; index < entries_.size() && index - next_ < kVectors / 2; ++index) {
    auto& entry = entries_[index];
    gathered += entry.size();
    if (gathered > kGatheredMax) return false;
    const auto* const range = std::get_if<FileRange>(&entry.payload);
    if (range == nullptr) continue;
    const bool is_begun = index == next_ && sent_ > entry.prefix_size;
    if (is_begun || range->length == 0 || range->length > kShortFile) return false;
    auto bytes = read_whole(*range, wait_for_disk);
    if (!bytes) return errno == EAGAIN && index == next_ && front_is_file();
    memory_bytes_ += bytes->size();
    entry.payload = std::move(*bytes);
  }
  return false;
}

IoResult SendQueue::write_memory(Transport& transport) {
  std::array<iovec, kVectors> vectors{};
  std::size_t used = 0;
  std::size_t gathered = 0;
  std::size_t skip = sent_;
  std::size_t index = next_;
  const auto gather = [&](const std::byte* data, std::size_t size) {
    const auto skipped = std::min(skip, size);
    skip -= skipped;
    if (size == skipped) return;
    // An iovec is for reading and writing; this one is only read.
    vectors[used++] = iovec{const_cast<std::byte*>(data) + skipped, size - skipped};
    gathered += size - skipped;
  };
  bool more = false;
  for (; index < entries_.size() && used + 2 <= kVectors && gathered < kTurnBytes; ++index) {
    const auto& entry = entries_[index];
    gather(entry.prefix.data(), entry.prefix_size);
    if (std::holds_alternative<FileRange>(entry.payload)) {
      more = transport.takes_files();
      break;
    }
    const auto view = std::get<SharedBytes>(entry.payload).view();
    gather(view.data(), view.size());
  }
  return transport.write(std::span<const iovec>(vectors.data(), used), more);
}

IoResult SendQueue::write_front_file(Transport& transport, std::size_t budget) {
  const auto range = front_range();
  if (range.length == 0) return {};
  return transport.write_file(range.file->descriptor(), range.offset, std::min<std::size_t>(range.length, budget));
}

// Replaces the beginning of the file range in front by its bytes.
bool SendQueue::read_front_file() {
  auto range = front_range();
  const auto wanted = std::min<std::size_t>(range.length, kFileChunk);
  const std::shared_ptr<std::byte[]> block = std::make_shared_for_overwrite<std::byte[]>(wanted);
  const auto got = ::pread(range.file->descriptor(), block.get(), wanted, static_cast<off_t>(range.offset));
  if (got <= 0) {
    file_failure_ = got == 0 ? "the file ends before the range that was promised" : std::strerror(errno);
    return false;
  }
  const auto size = static_cast<std::size_t>(got);
  range.offset += size;
  range.length -= static_cast<std::uint32_t>(size);
  Entry bytes{{}, 0, false, SharedBytes(block, ByteSpan(block.get(), size))};
  memory_bytes_ += size;
  auto& front = entries_[next_];
  memory_bytes_ -= front.memory();  // its prefix has gone out already
  sent_ = 0;
  if (range.length == 0) {
    bytes.ends_frame = front.ends_frame;
    front = std::move(bytes);
    return true;
  }
  front = Entry{{}, 0, front.ends_frame, std::move(range)};
  if (next_ > 0) {
    entries_[--next_] = std::move(bytes);
    return true;
  }
  entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(next_), std::move(bytes));
  return true;
}

void SendQueue::advance(std::size_t bytes) {
  sent_ += bytes;
  while (!empty() && sent_ >= entries_[next_].size()) {
    sent_ -= entries_[next_].size();
    pop();
  }
}

void SendQueue::pop() {
  auto& done = entries_[next_];
  memory_bytes_ -= done.memory();
  frames_written_ += done.ends_frame ? 1 : 0;
  done.payload = SharedBytes();
  ++next_;
  if (next_ == entries_.size()) {
    // Small queues keep their memory, so a steady request and answer allocates nothing here.
    if (entries_.capacity() > kKeptEntries) entries_ = {};
    entries_.clear();
    next_ = 0;
  } else if (next_ > kKeptEntries && next_ * 2 > entries_.size()) {
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(next_));
    next_ = 0;
  }
}

}  // namespace myelin::net
