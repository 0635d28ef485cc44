#pragma once
// FileSystem over Linux: pread, pwritev, fdatasync, flock. Also what only makes sense on a real descriptor.
#include "storage/file_system.h"

namespace myelin::storage {

class PosixFileSystem final : public FileSystem {
 public:
  [[nodiscard]] Result<std::shared_ptr<File>> open(const std::string& path, OpenMode mode) override;
  [[nodiscard]] Result<std::uint64_t> file_size(const std::string& path) override;
  [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) override;
  [[nodiscard]] Result<void> remove_file(const std::string& path) override;
  [[nodiscard]] Result<void> create_directory(const std::string& path) override;
  [[nodiscard]] Result<void> remove_directory(const std::string& path) override;
  [[nodiscard]] Result<std::vector<DirectoryEntry>> list(const std::string& path) override;
  [[nodiscard]] Result<void> sync_directory(const std::string& path) override;
  [[nodiscard]] Result<DiskSpace> space(const std::string& path) override;
  [[nodiscard]] Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;
};

// Identifies this run of the kernel; a different value after an unclean stop means that the page cache was lost.
[[nodiscard]] std::string kernel_boot_id();

}  // namespace myelin::storage
