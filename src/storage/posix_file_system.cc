#include "storage/posix_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <tuple>

#include "storage/mapped_window.h"

namespace myelin::storage {
namespace {

constexpr std::size_t kPartsPerWriteMax = 16;

std::unexpected<Error> fail_path(std::string_view operation, const std::string& path, int error_number) {
  if (error_number == ENOENT) return fail(Code::NotFound, "{}: no such file or directory", path);
  if (error_number == EROFS) return fail(Code::Denied, "{}: the file system is read-only", path);
  if (error_number == EACCES || error_number == EPERM) return fail(Code::Denied, "{}: permission denied", path);
  return fail_errno(operation, path, error_number);
}

class PosixFile final : public File {
 public:
  PosixFile(int descriptor, std::string path)
      : handle_(std::make_shared<const FileHandle>(descriptor)), path_(std::move(path)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> to) const override {
    std::size_t done = 0;
    while (done < to.size()) {
      const auto got = ::pread(descriptor(), to.data() + done, to.size() - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail_errno("read", path_, errno);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Result<std::size_t> read_at_once(std::uint64_t offset, std::span<std::byte> to) const override {
    std::size_t done = 0;
    while (done < to.size()) {
      iovec rest{to.data() + done, to.size() - done};
      const auto got = ::preadv2(descriptor(), &rest, 1, static_cast<off_t>(offset + done), RWF_NOWAIT);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && errno == EAGAIN) return fail(Code::Unavailable, "{}: not in memory", path_);
      if (got < 0 && errno == EOPNOTSUPP) return read_at(offset, to);  // the file system can't say
      if (got < 0) return fail_errno("read", path_, errno);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Result<void> write_at(std::uint64_t offset, std::span<const ByteSpan> parts) override {
    std::array<iovec, kPartsPerWriteMax> vectors;
    if (parts.size() > vectors.size()) return fail(Code::Invalid, "{}: {} parts in one write", path_, parts.size());
    std::size_t count = 0;
    for (const auto part : parts) {
      if (!part.empty()) vectors[count++] = {const_cast<std::byte*>(part.data()), part.size()};
    }
    auto* next = vectors.data();
    while (count > 0) {
      const auto written = ::pwritev(descriptor(), next, static_cast<int>(count), static_cast<off_t>(offset));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return fail_errno("write", path_, errno);
      offset += static_cast<std::uint64_t>(written);
      auto left = static_cast<std::size_t>(written);
      while (count > 0 && left >= next->iov_len) {
        left -= next->iov_len;
        ++next;
        --count;
      }
      if (count > 0) {
        next->iov_base = static_cast<std::byte*>(next->iov_base) + left;
        next->iov_len -= left;
      }
    }
    return {};
  }

  void reserve(std::uint64_t offset, std::uint64_t size) override {
    std::ignore = ::fallocate(descriptor(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset), static_cast<off_t>(size));
  }

  Result<std::unique_ptr<FileWindow>> window(std::uint64_t offset, std::uint64_t size) override {
    return map_window(descriptor(), path_, offset, size);
  }

  Result<void> sync_data() override {
    if (::fdatasync(descriptor()) != 0) return fail(Code::Io, "sync {}: {}", path_, errno_text(errno));
    return {};
  }
  Result<void> truncate(std::uint64_t size) override {
    if (::ftruncate(descriptor(), static_cast<off_t>(size)) != 0) return fail_errno("truncate", path_, errno);
    return {};
  }
  Result<std::uint64_t> size() const override {
    struct stat status{};
    if (::fstat(descriptor(), &status) != 0) return fail_errno("stat", path_, errno);
    return static_cast<std::uint64_t>(status.st_size);
  }
  std::shared_ptr<const FileHandle> handle() const override { return handle_; }

 private:
  int descriptor() const { return handle_->descriptor(); }
  // Even ENOSPC is final for a sync: which pages were lost is unknown.
  static std::string errno_text(int error_number) {
    std::array<char, 128> buffer{};
    return ::strerror_r(error_number, buffer.data(), buffer.size());
  }

  std::shared_ptr<const FileHandle> handle_;
  std::string path_;
};

class PosixLock final : public FileLock {
 public:
  explicit PosixLock(int descriptor) : handle_(descriptor) {}

 private:
  FileHandle handle_;
};

}  // namespace

Result<std::shared_ptr<File>> PosixFileSystem::open(const std::string& path, OpenMode mode) {
  int flags = O_CLOEXEC;
  if (mode == OpenMode::Read) flags |= O_RDONLY;
  if (mode == OpenMode::ReadWrite) flags |= O_RDWR;
  if (mode == OpenMode::Create) flags |= O_RDWR | O_CREAT;
  const int descriptor = ::open(path.c_str(), flags, 0640);
  if (descriptor < 0) return fail_path("open", path, errno);
  return std::make_shared<PosixFile>(descriptor, path);
}

Result<std::uint64_t> PosixFileSystem::file_size(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return fail_path("stat", path, errno);
  return static_cast<std::uint64_t>(status.st_size);
}

Result<void> PosixFileSystem::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return fail_path("rename", from, errno);
  return {};
}

Result<void> PosixFileSystem::remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0) return fail_path("unlink", path, errno);
  return {};
}

Result<void> PosixFileSystem::create_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0750) != 0 && errno != EEXIST) return fail_path("mkdir", path, errno);
  return {};
}

Result<void> PosixFileSystem::remove_directory(const std::string& path) {
  if (::rmdir(path.c_str()) != 0) return fail_path("rmdir", path, errno);
  return {};
}

Result<std::vector<DirectoryEntry>> PosixFileSystem::list(const std::string& path) {
  DIR* directory = ::opendir(path.c_str());
  if (directory == nullptr) return fail_path("list", path, errno);
  std::vector<DirectoryEntry> entries;
  errno = 0;
  while (const auto* entry = ::readdir(directory)) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    bool is_directory = entry->d_type == DT_DIR;
    if (entry->d_type == DT_UNKNOWN) {
      struct stat status{};
      is_directory = ::fstatat(::dirfd(directory), entry->d_name, &status, 0) == 0 && S_ISDIR(status.st_mode);
    }
    entries.push_back({std::string(name), is_directory});
    errno = 0;
  }
  const int error_number = errno;
  ::closedir(directory);
  if (error_number != 0) return fail_path("list", path, error_number);
  return entries;
}

Result<void> PosixFileSystem::sync_directory(const std::string& path) {
  const FileHandle directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.descriptor() < 0) return fail_path("open", path, errno);
  if (::fsync(directory.descriptor()) != 0) return fail_errno("sync", path, errno);
  return {};
}

Result<DiskSpace> PosixFileSystem::space(const std::string& path) {
  struct statvfs status{};
  if (::statvfs(path.c_str(), &status) != 0) return fail_path("statvfs", path, errno);
  return DiskSpace{status.f_bavail * status.f_frsize, status.f_blocks * status.f_frsize};
}

Result<std::unique_ptr<FileLock>> PosixFileSystem::lock(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (descriptor < 0) return fail_path("open", path, errno);
  auto lock = std::make_unique<PosixLock>(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return fail(Code::Exists, "{}: another process holds this lock", path);
    return fail_errno("lock", path, errno);
  }
  return lock;
}

std::string kernel_boot_id() {
  const FileHandle file(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
  std::array<char, 64> text{};
  const auto got = file.descriptor() < 0 ? 0 : ::read(file.descriptor(), text.data(), text.size());
  std::string id(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

}  // namespace myelin::storage
