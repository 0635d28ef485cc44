#pragma once
// One file of the provenance journal, read from front to back with a small part of it in memory at a time.
// Format: docs/formats/provenance-journal.md. Threads: any, also at once.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "storage/file_system.h"
#include "storage/provenance_format.h"

namespace myelin::storage {

struct FramesEnd {
  std::uint64_t position = 0;       // behind the last good frame
  std::uint64_t damaged_bytes = 0;  // passed over between good frames
  bool has_tail_damage = false;     // something that is no frame and not zero follows the last good one
  bool has_unknown_kinds = false;   // of a later version; passed over
  // Whether every byte but zeros at the end was in a frame that was visited.
  [[nodiscard]] bool is_whole() const { return damaged_bytes == 0 && !has_tail_damage && !has_unknown_kinds; }
};

class JournalFile {
 public:
  // What lies from `end` on is taken for not there: somebody may be writing it.
  [[nodiscard]] static Result<JournalFile> open(FileSystem& files, const std::string& path,
                                                std::uint64_t end = UINT64_MAX);

  // nullopt when it can't be read; then there are no frames.
  [[nodiscard]] const std::optional<provenance::FileHeader>& header() const { return header_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] Result<void> sync() const { return file_->sync_data(); }

  // Calls `visit` for every good frame, in order.
  using Visit = std::function<void(const provenance::Frame& frame)>;
  Result<FramesEnd> read_frames(const Visit& visit) const;
  // The same for a part that begins and ends where a frame begins, or at the end of the file.
  struct Part {
    std::uint64_t begin = provenance::kFileHeaderSize;
    std::uint64_t end = UINT64_MAX;
  };
  using VisitAt = std::function<void(const provenance::Frame& frame, std::uint64_t position)>;
  Result<FramesEnd> read_frames(const Part& part, const VisitAt& visit) const;

 private:
  JournalFile(std::shared_ptr<File> file, std::string path, std::uint64_t size)
      : file_(std::move(file)), path_(std::move(path)), size_(size) {}

  std::shared_ptr<File> file_;
  std::string path_;
  std::uint64_t size_;
  std::optional<provenance::FileHeader> header_;
};

// A file was read twice and was not the same: its disk can't be trusted.
[[nodiscard]] std::unexpected<Error> changed_while_read(const JournalFile& file);

}  // namespace myelin::storage
