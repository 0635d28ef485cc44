#include "storage/segment_scan.h"

#include <algorithm>

#include "base/crc32c.h"
#include "base/sabotage.h"

namespace myelin::storage {
namespace {

constexpr std::size_t kWindowBytes = 256 * 1024;
constexpr std::size_t kCrcStart = 21;
constexpr std::size_t kSmallBatch = 2048;
constexpr std::byte kMagicV2{2};
constexpr std::size_t kMagicAt = 16;

// A moving view of a file, so that a scan reads every byte once and holds little.
class FileWindow {
 public:
  FileWindow(const File& file, std::uint64_t limit)
      : file_(file), limit_(limit), buffer_(std::min<std::uint64_t>(limit, kWindowBytes)) {}

  // Up to `size` bytes from `position` on, fewer at the limit and beyond the window.
  Result<ByteSpan> view(std::uint64_t position, std::size_t size) {
    if (position >= limit_) return ByteSpan{};
    size = std::min<std::uint64_t>({size, limit_ - position, buffer_.size()});
    if (position < start_ || position + size > start_ + filled_) {
      const auto wanted = std::min<std::uint64_t>(buffer_.size(), limit_ - position);
      auto got = file_.read_at(position, std::span(buffer_).first(wanted));
      if (!got) return pass(got);
      start_ = position;
      filled_ = *got;
    }
    const auto at = position - start_;
    return ByteSpan(buffer_).subspan(at, std::min<std::uint64_t>(size, filled_ - std::min<std::uint64_t>(at, filled_)));
  }

  // CRC of [position, end).
  Result<std::uint32_t> crc(std::uint64_t position, std::uint64_t end) {
    std::uint32_t crc = 0;
    while (position < end) {
      auto part = view(position, std::min<std::uint64_t>(end - position, kWindowBytes));
      if (!part) return pass(part);
      if (part->empty()) break;
      crc = crc32c(*part, crc);
      position += part->size();
    }
    return crc;
  }

 private:
  const File& file_;
  const std::uint64_t limit_;
  ByteBuffer buffer_;
  std::uint64_t start_ = 0;
  std::size_t filled_ = 0;
};

class Scan {
 public:
  Scan(const File& file, const ScanRequest& request) : request_(request), window_(file, request.limit) {}

  Result<ScanResult> run() {
    ScanResult result{.end_offset = request_.first_offset, .end_position = request_.position, .damaged = {}};
    std::uint64_t at = request_.position;
    while (at < request_.limit) {
      auto batch = good_batch_at(at, result.end_offset, request_.gaps_allowed);
      if (!batch) return pass(batch);
      if (!*batch) {
        if (sabotaged(Sabotage::TruncateAtRot)) break;
        batch = next_good_after(at, result.end_offset);
        if (!batch) return pass(batch);
        if (!*batch) break;
        result.damaged.push_back({result.end_offset, (*batch)->header.base_offset, at, (*batch)->position});
      }
      request_.on_batch(**batch);
      result.end_offset = (*batch)->header.next_offset();
      at = result.end_position = (*batch)->end();
    }
    result.tail_bytes = request_.limit - result.end_position;
    return result;
  }

 private:
  using Found = Result<std::optional<LocatedBatch>>;

  // The batch at `at` if it is whole and says what a batch at this place must say.
  Found good_batch_at(std::uint64_t at, std::int64_t offset, bool gap_allowed) {
    auto head = window_.view(at, kBatchHeaderSize);
    if (!head) return pass(head);
    const auto header = parse_batch_header(*head);
    if (!header) return std::nullopt;
    const bool is_in_order = gap_allowed ? header->base_offset >= offset : header->base_offset == offset;
    if (!is_in_order || at + static_cast<std::uint64_t>(header->size()) > request_.limit) return std::nullopt;
    const auto expected = expected_at(header->base_offset);
    const bool has_epoch = expected.leader_epoch >= 0 ? header->leader_epoch == expected.leader_epoch
                                                      : header->leader_epoch <= request_.epoch_max;
    if (!has_epoch) return std::nullopt;
    auto crc = window_.crc(at + kCrcStart, at + static_cast<std::uint64_t>(header->size()));
    if (!crc) return pass(crc);
    if (*crc != header->crc && !sabotaged(Sabotage::IgnoreCrc)) return std::nullopt;
    return LocatedBatch{*header, at};
  }

  // Behind a bad batch, which is best measured by the journal, else by its own length, else by trying every byte.
  Found next_good_after(std::uint64_t at, std::int64_t offset) {
    if (const auto expected = expected_at(offset); expected.bytes > 0) {
      auto next = good_batch_at(at + expected.bytes, offset + 1, true);
      if (!next || *next) return next;
    }
    auto head = window_.view(at, kBatchHeaderSize);
    if (!head) return pass(head);
    if (const auto header = parse_batch_header(*head)) {
      // A damaged length may lead to a batch further on: only the one that the header announces is taken.
      auto next = good_batch_at(at + static_cast<std::uint64_t>(header->size()), offset + 1, true);
      if (!next || (*next && (*next)->header.base_offset == header->next_offset())) return next;
    }
    for (++at; at + kBatchHeaderSize <= request_.limit; ++at) {
      auto magic = window_.view(at, kBatchHeaderSize);
      if (!magic) return pass(magic);
      if (magic->size() < kBatchHeaderSize) break;
      if ((*magic)[kMagicAt] != kMagicV2) continue;
      auto next = good_batch_at(at, offset + 1, true);
      if (!next || *next) return next;
    }
    return std::nullopt;
  }

  ScanRequest::Expected expected_at(std::int64_t offset) const {
    return request_.expected ? request_.expected(offset) : ScanRequest::Expected{};
  }

  const ScanRequest& request_;
  FileWindow window_;
};

}  // namespace

HeaderWalk::HeaderWalk(const File& file, std::uint64_t position, std::uint64_t limit, DiskWait wait)
    : file_(file), position_(position), limit_(limit), wait_(wait) {}

Result<std::optional<LocatedBatch>> HeaderWalk::next() {
  if (is_at_limit() || limit_ - position_ < kBatchHeaderSize) return std::nullopt;
  if (position_ < buffer_start_ || position_ + kBatchHeaderSize > buffer_start_ + buffer_size_) {
    const auto wanted = std::min<std::uint64_t>(wanted_, limit_ - position_);
    const auto into = std::span(buffer_).first(wanted);
    auto got = wait_ == DiskWait::Allowed ? file_.read_at(position_, into) : file_.read_at_once(position_, into);
    if (!got) return pass(got);
    buffer_start_ = position_;
    buffer_size_ = *got;
  }
  const auto at = position_ - buffer_start_;
  const auto header = parse_batch_header(ByteSpan(buffer_).first(buffer_size_).subspan(at));
  if (!header || static_cast<std::uint64_t>(header->size()) > limit_ - position_) return std::nullopt;
  const LocatedBatch batch{*header, position_};
  position_ = batch.end();
  // Behind a large batch only the next header is of use.
  wanted_ = static_cast<std::uint64_t>(header->size()) < kSmallBatch ? buffer_.size() : kBatchHeaderSize;
  return batch;
}

Result<ScanResult> scan_segment(const File& file, const ScanRequest& request) { return Scan(file, request).run(); }

}  // namespace myelin::storage
