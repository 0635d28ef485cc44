#include "storage/segment.h"

#include <fmt/core.h>

#include <array>
#include <charconv>

#include "base/crc32c.h"

namespace myelin::storage {
namespace {

constexpr std::size_t kOffsetDigits = 20;
constexpr std::uint64_t kIndexBytesMax = std::uint64_t{64} << 20;

Result<void> write_at(FileSystem& files, const std::string& path, std::uint64_t at, ByteSpan bytes) {
  auto file = files.open(path, OpenMode::Create);
  if (!file) return pass(file);
  if (auto cut = (*file)->truncate(at); !cut) return cut;
  const std::array parts{bytes};
  return (*file)->write_at(at, parts);
}

}  // namespace

std::string offset_file_name(std::int64_t offset, std::string_view suffix) {
  return fmt::format("{:020}{}", offset, suffix);
}

std::optional<std::int64_t> parse_offset_file_name(std::string_view name, std::string_view suffix) {
  if (name.size() != kOffsetDigits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
  std::int64_t offset = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kOffsetDigits, offset);
  if (error != std::errc{} || end != name.data() + kOffsetDigits || offset < 0) return std::nullopt;
  return offset;
}

std::optional<SparseIndex> load_index(FileSystem& files, const Segment& segment) {
  const auto offset_bytes = read_file(files, segment.path(kOffsetIndexSuffix), kIndexBytesMax);
  const auto time_bytes = read_file(files, segment.path(kTimeIndexSuffix), kIndexBytesMax);
  if (!offset_bytes || !time_bytes) return std::nullopt;
  auto offsets = decode_offset_index(*offset_bytes);
  auto times = decode_time_index(*time_bytes);
  if (!offsets || !times) return std::nullopt;
  return SparseIndex{std::move(*offsets), std::move(*times)};
}

Result<void> store_index(FileSystem& files, const Segment& segment, const SparseIndex& index) {
  return extend_index(files, segment, index, 0, 0);
}

Result<void> extend_index(FileSystem& files, const Segment& segment, const SparseIndex& more,
                          std::size_t offsets_before, std::size_t times_before) {
  auto stored =
      write_at(files, segment.path(kOffsetIndexSuffix), offsets_before * kOffsetEntrySize, encode(more.offsets));
  if (!stored) return stored;
  return write_at(files, segment.path(kTimeIndexSuffix), times_before * kTimeEntrySize, encode(more.times));
}

std::optional<AbortedIndex> stored_aborted_index(FileSystem& files, const Segment& segment) {
  const auto bytes = read_file(files, segment.path(kAbortedIndexSuffix), kIndexBytesMax);
  return bytes ? decode_aborted_index(*bytes) : std::nullopt;
}

std::optional<AbortedIndex> load_aborted_index(FileSystem& files, const Segment& segment,
                                               const AbortedSummary& summary) {
  const auto bytes = read_file(files, segment.path(kAbortedIndexSuffix), kIndexBytesMax);
  const auto size = std::size_t{summary.count} * kAbortedEntrySize;
  if (!bytes || bytes->size() < size) return std::nullopt;
  const auto entries = ByteSpan(*bytes).first(size);
  if (crc32c(entries) != summary.crc) return std::nullopt;
  return decode_aborted_index(entries);
}

Result<void> store_aborted_index(FileSystem& files, const Segment& segment, const AbortedIndex& index) {
  const auto path = segment.path(kAbortedIndexSuffix);
  if (index.entries.empty()) {
    auto removed = files.remove_file(path);
    return removed || removed.error().code == Code::NotFound ? Result<void>{} : removed;
  }
  const auto bytes = encode(index);
  const auto there = read_file(files, path, bytes.size());
  return there && *there == bytes ? Result<void>{} : write_at(files, path, 0, bytes);
}

Result<AbortedSummary> extend_aborted_index(FileSystem& files, const Segment& segment, const AbortedSummary& summary,
                                            const AbortedEntry& entry) {
  const auto bytes = encode(AbortedIndex{{entry}});
  auto written = write_at(files, segment.path(kAbortedIndexSuffix), summary.count * kAbortedEntrySize, bytes);
  if (!written) return pass(written);
  return AbortedSummary{summary.count + 1, crc32c(bytes, summary.crc), summary.open_from};
}

AbortedSummary summary_of(const AbortedIndex& index) {
  return {.count = static_cast<std::uint32_t>(index.entries.size()), .crc = crc32c(encode(index))};
}

}  // namespace myelin::storage
