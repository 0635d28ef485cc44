#include "storage/leader_epochs.h"

#include <algorithm>
#include <charconv>

namespace myelin::storage {
namespace {

// Takes one decimal number and the separator after it off the front of `text`.
template <typename Integer>
std::optional<Integer> take_number(std::string_view& text, char separator) {
  Integer value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.starts_with(separator)) return std::nullopt;
  text.remove_prefix(1);
  return value;
}

}  // namespace

std::optional<LeaderEpochs> LeaderEpochs::parse(std::string_view text) {
  const auto version = take_number<int>(text, '\n');
  if (!version || *version != 0) return std::nullopt;
  const auto count = take_number<std::size_t>(text, '\n');
  if (!count) return std::nullopt;
  LeaderEpochs epochs;
  for (std::size_t i = 0; i < *count; ++i) {
    const auto epoch = take_number<std::int32_t>(text, ' ');
    if (!epoch) return std::nullopt;
    const auto start = take_number<std::int64_t>(text, '\n');
    if (!start || *epoch < 0 || *start < 0) return std::nullopt;
    if (!epochs.entries_.empty() && (*epoch <= epochs.latest() || *start <= epochs.entries_.back().start_offset)) {
      return std::nullopt;
    }
    epochs.entries_.push_back({*epoch, *start});
  }
  if (!text.empty()) return std::nullopt;
  return epochs;
}

std::string LeaderEpochs::text() const {
  auto text = fmt::format("0\n{}\n", entries_.size());
  for (const auto& entry : entries_) text += fmt::format("{} {}\n", entry.epoch, entry.start_offset);
  return text;
}

void LeaderEpochs::begin(std::int32_t epoch, std::int64_t start_offset) {
  if (epoch <= latest()) return;
  cut_from(start_offset);
  entries_.push_back({epoch, start_offset});
}

void LeaderEpochs::cut_from(std::int64_t offset) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.start_offset >= offset; });
}

void LeaderEpochs::cut_before(std::int64_t log_start_offset) {
  std::size_t passed = 0;
  while (passed + 1 < entries_.size() && entries_[passed + 1].start_offset <= log_start_offset) ++passed;
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(passed));
  if (!entries_.empty() && entries_.front().start_offset < log_start_offset) {
    entries_.front().start_offset = log_start_offset;
  }
}

EpochEnd LeaderEpochs::end_of(std::int32_t epoch, std::int64_t log_end_offset) const {
  const auto above = std::upper_bound(entries_.begin(), entries_.end(), epoch,
                                      [](std::int32_t wanted, const Entry& entry) { return wanted < entry.epoch; });
  if (epoch < 0 || above == entries_.begin() || epoch > latest()) return {};
  const auto end = above == entries_.end() ? log_end_offset : above->start_offset;
  return {std::prev(above)->epoch, end};
}

std::int32_t LeaderEpochs::epoch_at(std::int64_t offset) const {
  const auto above =
      std::upper_bound(entries_.begin(), entries_.end(), offset,
                       [](std::int64_t wanted, const Entry& entry) { return wanted < entry.start_offset; });
  return above == entries_.begin() ? -1 : std::prev(above)->epoch;
}

}  // namespace myelin::storage
