#include "storage/journal_file.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace myelin::storage {
namespace {

using provenance::Frame;
using provenance::kFrameOverhead;

constexpr std::size_t kWindowBytes = std::size_t{256} << 10;
static_assert(kWindowBytes > kFrameOverhead + provenance::kFrameBodyMax);

// The bytes around where one reads.
class Window {
 public:
  Window(const File& file, std::uint64_t file_size)
      : file_(file), file_size_(file_size), bytes_(std::min<std::uint64_t>(kWindowBytes, file_size)) {}

  // `size` bytes, at most kWindowBytes, from `position` on; fewer at the end of the file, none after an error. Valid
  // until the next call.
  [[nodiscard]] ByteSpan at(std::uint64_t position, std::size_t size) {
    size = static_cast<std::size_t>(std::min<std::uint64_t>(size, file_size_ - std::min(position, file_size_)));
    if (position < begin_ || position + size > begin_ + filled_) fill(position);
    const auto skipped = static_cast<std::size_t>(position - begin_);
    return ByteSpan(bytes_).first(filled_).subspan(skipped, std::min(size, filled_ - skipped));
  }
  [[nodiscard]] bool has_ended(std::uint64_t position) const { return position >= file_size_; }
  [[nodiscard]] const Result<void>& outcome() const { return outcome_; }

 private:
  void fill(std::uint64_t position) {
    begin_ = position;
    const auto wanted = std::min<std::uint64_t>(kWindowBytes, file_size_ - position);
    auto got = file_.read_at(position, std::span(bytes_).first(static_cast<std::size_t>(wanted)));
    if (!got) outcome_ = pass(got);
    filled_ = got.value_or(0);
    if (filled_ < wanted) file_size_ = position + filled_;
  }

  const File& file_;
  std::uint64_t file_size_;
  ByteBuffer bytes_;
  std::uint64_t begin_ = 0;
  std::size_t filled_ = 0;
  Result<void> outcome_;
};

struct FoundFrame {
  std::optional<Frame> frame;  // nullopt for a kind of a later version
  std::size_t size = 0;
};

std::optional<FoundFrame> frame_at(Window& window, std::uint64_t position) {
  const auto size = provenance::frame_size(window.at(position, kFrameOverhead));
  if (!size) return std::nullopt;
  const auto whole = window.at(position, *size);
  if (whole.size() < *size) return std::nullopt;
  auto decoded = provenance::decode_frame(whole);
  if (!decoded) return std::nullopt;
  return FoundFrame{std::move(decoded->frame), *size};
}

bool is_zero(ByteSpan bytes) {
  return bytes.empty() ||
         (bytes.front() == std::byte{0} && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

bool is_zero_to_the_end(Window& window, std::uint64_t position) {
  for (; !window.has_ended(position); position += kWindowBytes) {
    if (!is_zero(window.at(position, kWindowBytes))) return false;
  }
  return true;
}

// Where the next good frame begins behind damage; nullopt where none follows.
std::optional<std::uint64_t> resume_after(Window& window, std::uint64_t position, std::uint64_t end) {
  for (++position; position < end && !window.has_ended(position); ++position) {
    if (frame_at(window, position)) return position;
  }
  return std::nullopt;
}

}  // namespace

Result<JournalFile> JournalFile::open(FileSystem& files, const std::string& path, std::uint64_t end) {
  auto file = files.open(path, OpenMode::Read);
  if (!file) return pass(file);
  auto size = (*file)->size();
  if (!size) return pass(size);
  JournalFile opened(*std::move(file), path, std::min(*size, end));
  ByteBuffer head(std::min<std::uint64_t>(provenance::kFileHeaderSize, opened.size_));
  auto got = opened.file_->read_at(0, head);
  if (!got) return pass(got);
  opened.header_ = provenance::decode_header(ByteSpan(head).first(*got));
  return opened;
}

Result<FramesEnd> JournalFile::read_frames(const Visit& visit) const {
  return read_frames(Part{}, [&](const Frame& frame, std::uint64_t) { visit(frame); });
}

Result<FramesEnd> JournalFile::read_frames(const Part& part, const VisitAt& visit) const {
  FramesEnd end{.position = part.begin};
  Window window(*file_, header_ ? size_ : 0);
  auto position = part.begin;
  while (position < part.end && !window.has_ended(position)) {
    if (const auto found = frame_at(window, position)) {
      if (found->frame) visit(*found->frame, position);
      end.has_unknown_kinds = end.has_unknown_kinds || !found->frame;
      position += found->size;
      end.position = position;
      continue;
    }
    // Zeros to the end are space written ahead; frames behind zeros survived a power cut that their page did not.
    if (is_zero(window.at(position, sizeof(std::uint32_t))) && is_zero_to_the_end(window, position)) break;
    const auto next = resume_after(window, position, part.end);
    end.has_tail_damage = !next;
    if (!next) break;
    end.damaged_bytes += *next - position;
    position = *next;
  }
  if (auto outcome = window.outcome(); !outcome) return pass(outcome);
  return end;
}

std::unexpected<Error> changed_while_read(const JournalFile& file) {
  return fail(Code::Corrupt, "{}: read twice, and it was not the same", file.path());
}

}  // namespace myelin::storage
