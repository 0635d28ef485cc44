#include "storage/memory_file_system.h"

#include <algorithm>
#include <functional>

#include "base/check.h"

namespace myelin::storage {
namespace {

constexpr std::size_t kPage = 4096;

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

}  // namespace

// Content is shared between copies of the disk until one of them writes.
struct MemoryFileSystem::Node {
  bool is_directory = false;
  std::shared_ptr<ByteBuffer> content = std::make_shared<ByteBuffer>();
  std::shared_ptr<ByteBuffer> durable = std::make_shared<ByteBuffer>();
  bool is_cached = true;

  ByteBuffer& writable() {
    if (content.use_count() > 1) content = std::make_shared<ByteBuffer>(*content);
    return *content;
  }
};

struct MemoryFileSystem::Disk {
  using Names = std::map<std::string, std::shared_ptr<Node>>;

  mutable std::mutex mutex;
  Names names;
  Names durable_names;
  std::set<std::string> locks;
  std::optional<DiskFault> fault;
  std::uint64_t fault_calls = 0;
  DiskSpace space{UINT64_MAX, UINT64_MAX};

  // Counts the call; the error it must answer, if any.
  std::optional<Error> meet(DiskCall call, const std::string& path) {
    if (!fault || !fault->calls.contains(call)) return std::nullopt;
    ++fault_calls;
    const bool hit = fault->persistent && fault->nth > 0 ? fault_calls >= fault->nth : fault_calls == fault->nth;
    if (!hit) return std::nullopt;
    return Error{fault->code, path + ": injected fault"};
  }
  Node* find(const std::string& path) const {
    const auto found = names.find(path);
    return found == names.end() ? nullptr : found->second.get();
  }
  bool has_directory(const std::string& path) const {
    if (path.empty()) return true;
    const auto* node = find(path);
    return node != nullptr && node->is_directory;
  }
};

class MemoryFile final : public File, public std::enable_shared_from_this<MemoryFile> {
 public:
  MemoryFile(std::shared_ptr<MemoryFileSystem::Disk> disk, std::shared_ptr<MemoryFileSystem::Node> node,
             std::string path, bool is_writable)
      : disk_(std::move(disk)), node_(std::move(node)), path_(std::move(path)), is_writable_(is_writable) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> to) const override {
    const std::lock_guard lock(disk_->mutex);
    if (auto failure = disk_->meet(DiskCall::Read, path_)) return std::unexpected(*failure);
    node_->is_cached = true;
    return copy_locked(offset, to);
  }
  Result<std::size_t> read_at_once(std::uint64_t offset, std::span<std::byte> to) const override {
    const std::lock_guard lock(disk_->mutex);
    if (!node_->is_cached) return fail(Code::Unavailable, "{}: not in memory", path_);
    return copy_locked(offset, to);
  }

  Result<void> write_at(std::uint64_t offset, std::span<const ByteSpan> parts) override {
    const std::lock_guard lock(disk_->mutex);
    CHECK(is_writable_);
    std::size_t size = 0;
    for (const auto part : parts) size += part.size();
    auto failure = disk_->meet(DiskCall::Write, path_);
    if (failure && !disk_->fault->writes_half) return std::unexpected(*failure);
    if (failure) size /= 2;
    auto& content = node_->writable();
    if (content.size() < offset + size) content.resize(offset + size);
    for (const auto part : parts) {
      const auto wanted = std::min(size, part.size());
      std::copy_n(part.begin(), wanted, content.begin() + static_cast<std::ptrdiff_t>(offset));
      offset += wanted;
      size -= wanted;
    }
    if (failure) return std::unexpected(*failure);
    return {};
  }

  Result<std::unique_ptr<FileWindow>> window(std::uint64_t offset, std::uint64_t size) override;

  Result<void> sync_data() override {
    const std::lock_guard lock(disk_->mutex);
    if (auto failure = disk_->meet(DiskCall::Sync, path_)) return std::unexpected(*failure);
    node_->durable = node_->content;
    return {};
  }
  Result<void> truncate(std::uint64_t size) override {
    const std::lock_guard lock(disk_->mutex);
    CHECK(is_writable_);
    if (auto failure = disk_->meet(DiskCall::Truncate, path_)) return std::unexpected(*failure);
    if (node_->content->size() != size) node_->writable().resize(size);
    return {};
  }
  Result<std::uint64_t> size() const override {
    const std::lock_guard lock(disk_->mutex);
    return node_->content->size();
  }
  std::shared_ptr<const FileHandle> handle() const override { return nullptr; }

 private:
  std::size_t copy_locked(std::uint64_t offset, std::span<std::byte> to) const {
    const auto& content = *node_->content;
    if (offset >= content.size()) return 0;
    const auto size = std::min<std::size_t>(to.size(), content.size() - offset);
    std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(offset), size, to.begin());
    return size;
  }

  std::shared_ptr<MemoryFileSystem::Disk> disk_;
  std::shared_ptr<MemoryFileSystem::Node> node_;
  std::string path_;
  bool is_writable_;
};

namespace {
// Its writes are writes of the file, so that they can fail like any other.
class MemoryWindow final : public FileWindow {
 public:
  MemoryWindow(std::shared_ptr<MemoryFile> file, std::uint64_t offset, std::uint64_t size)
      : file_(std::move(file)), begin_(offset), end_(offset + size) {}
  Result<void> write_at(std::uint64_t offset, ByteSpan bytes) override {
    CHECK(offset >= begin_ && offset + bytes.size() <= end_);
    return file_->write_at(offset, {&bytes, 1});
  }

 private:
  std::shared_ptr<MemoryFile> file_;
  std::uint64_t begin_;
  std::uint64_t end_;
};
}  // namespace

Result<std::unique_ptr<FileWindow>> MemoryFile::window(std::uint64_t offset, std::uint64_t size) {
  CHECK(is_writable_ && offset + size <= this->size().value());
  return std::make_unique<MemoryWindow>(shared_from_this(), offset, size);
}

namespace {
class MemoryLock final : public FileLock {
 public:
  explicit MemoryLock(std::move_only_function<void()> release) : release_(std::move(release)) {}
  ~MemoryLock() override { release_(); }

 private:
  std::move_only_function<void()> release_;
};
}  // namespace

MemoryFileSystem::MemoryFileSystem() : disk_(std::make_shared<Disk>()) {}
MemoryFileSystem::~MemoryFileSystem() = default;

MemoryFileSystem::MemoryFileSystem(const MemoryFileSystem& other) : FileSystem(), disk_(std::make_shared<Disk>()) {
  const std::lock_guard lock(other.disk_->mutex);
  for (const auto& [path, node] : other.disk_->names) disk_->names[path] = std::make_shared<Node>(*node);
  for (const auto& [path, node] : other.disk_->durable_names) {
    const auto same = other.disk_->names.find(path);
    const bool is_shared = same != other.disk_->names.end() && same->second == node;
    disk_->durable_names[path] = is_shared ? disk_->names[path] : std::make_shared<Node>(*node);
  }
}

std::unique_ptr<MemoryFileSystem> MemoryFileSystem::after_power_cut() const {
  auto survivor = std::make_unique<MemoryFileSystem>();
  const std::lock_guard lock(disk_->mutex);
  for (const auto& [path, node] : disk_->durable_names) {
    if (const auto parent = parent_of(path); !parent.empty() && !disk_->durable_names.contains(parent)) continue;
    auto copy = std::make_shared<Node>(*node);
    copy->content = copy->durable;
    survivor->disk_->names[path] = copy;
    survivor->disk_->durable_names[path] = copy;
  }
  return survivor;
}

std::unique_ptr<MemoryFileSystem> MemoryFileSystem::after_power_cut_with_luck(std::uint64_t seed) const {
  auto survivor = std::make_unique<MemoryFileSystem>();
  std::mt19937_64 chance(seed);
  const std::lock_guard lock(disk_->mutex);
  for (const auto& [path, node] : disk_->names) {
    auto copy = std::make_shared<Node>(*node);
    auto& content = copy->writable();
    const auto& durable = *node->durable;
    for (std::size_t at = 0; at < content.size(); at += kPage) {
      const auto end = std::min(at + kPage, content.size());
      if (chance() % 2 == 0) continue;
      for (auto i = at; i < end; ++i) content[i] = i < durable.size() ? durable[i] : std::byte{0};
    }
    copy->durable = copy->content;
    survivor->disk_->names[path] = copy;
    survivor->disk_->durable_names[path] = copy;
  }
  return survivor;
}

void MemoryFileSystem::set_fault(std::optional<DiskFault> fault) {
  const std::lock_guard lock(disk_->mutex);
  disk_->fault = std::move(fault);
  disk_->fault_calls = 0;
}

std::uint64_t MemoryFileSystem::fault_calls() const {
  const std::lock_guard lock(disk_->mutex);
  return disk_->fault_calls;
}

void MemoryFileSystem::set_space(DiskSpace space) {
  const std::lock_guard lock(disk_->mutex);
  disk_->space = space;
}

std::vector<std::string> MemoryFileSystem::paths() const {
  const std::lock_guard lock(disk_->mutex);
  std::vector<std::string> paths;
  for (const auto& [path, node] : disk_->names) {
    if (!node->is_directory) paths.push_back(path);
  }
  return paths;
}

ByteBuffer MemoryFileSystem::content(const std::string& path) const {
  const std::lock_guard lock(disk_->mutex);
  const auto* node = disk_->find(path);
  CHECK(node != nullptr);
  return *node->content;
}

void MemoryFileSystem::set_content(const std::string& path, ByteSpan content) {
  const std::lock_guard lock(disk_->mutex);
  auto& node = disk_->names[path];
  if (!node) node = std::make_shared<Node>();
  node->content = std::make_shared<ByteBuffer>(content.begin(), content.end());
  node->durable = node->content;
  disk_->durable_names[path] = node;
}

void MemoryFileSystem::flip_bit(const std::string& path, std::uint64_t bit) {
  const std::lock_guard lock(disk_->mutex);
  auto* node = disk_->find(path);
  CHECK(node != nullptr && bit / 8 < node->content->size());
  node->writable()[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
}

void MemoryFileSystem::cut_to(const std::string& path, std::uint64_t size) {
  const std::lock_guard lock(disk_->mutex);
  auto* node = disk_->find(path);
  CHECK(node != nullptr);
  node->writable().resize(size);
}

void MemoryFileSystem::evict(const std::string& path) {
  const std::lock_guard lock(disk_->mutex);
  auto* node = disk_->find(path);
  CHECK(node != nullptr);
  node->is_cached = false;
}

bool MemoryFileSystem::is_cached(const std::string& path) const {
  const std::lock_guard lock(disk_->mutex);
  const auto* node = disk_->find(path);
  CHECK(node != nullptr);
  return node->is_cached;
}

Result<std::shared_ptr<File>> MemoryFileSystem::open(const std::string& path, OpenMode mode) {
  const std::lock_guard lock(disk_->mutex);
  auto found = disk_->names.find(path);
  if (found == disk_->names.end()) {
    if (mode != OpenMode::Create || !disk_->has_directory(parent_of(path))) {
      return fail(Code::NotFound, "{}: no such file or directory", path);
    }
    if (auto failure = disk_->meet(DiskCall::Create, path)) return std::unexpected(*failure);
    found = disk_->names.emplace(path, std::make_shared<Node>()).first;
  }
  if (found->second->is_directory) return fail(Code::Io, "{}: is a directory", path);
  return std::make_shared<MemoryFile>(disk_, found->second, path, mode != OpenMode::Read);
}

Result<std::uint64_t> MemoryFileSystem::file_size(const std::string& path) {
  const std::lock_guard lock(disk_->mutex);
  const auto* node = disk_->find(path);
  if (node == nullptr) return fail(Code::NotFound, "{}: no such file or directory", path);
  return node->content->size();
}

Result<void> MemoryFileSystem::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(disk_->mutex);
  if (auto failure = disk_->meet(DiskCall::Rename, from)) return std::unexpected(*failure);
  if (disk_->find(from) == nullptr) return fail(Code::NotFound, "{}: no such file or directory", from);
  Disk::Names moved;
  for (auto at = disk_->names.begin(); at != disk_->names.end();) {
    const bool is_inside = at->first == from || at->first.starts_with(from + "/");
    if (!is_inside) {
      ++at;
      continue;
    }
    moved[to + at->first.substr(from.size())] = at->second;
    at = disk_->names.erase(at);
  }
  for (auto& [path, node] : moved) {
    // What a directory held durably it still holds under its new name.
    if (path != to) disk_->durable_names[path] = node;
    disk_->names[path] = std::move(node);
  }
  return {};
}

Result<void> MemoryFileSystem::remove_file(const std::string& path) {
  const std::lock_guard lock(disk_->mutex);
  if (auto failure = disk_->meet(DiskCall::Remove, path)) return std::unexpected(*failure);
  if (disk_->names.erase(path) == 0) return fail(Code::NotFound, "{}: no such file or directory", path);
  return {};
}

Result<void> MemoryFileSystem::create_directory(const std::string& path) {
  const std::lock_guard lock(disk_->mutex);
  if (disk_->has_directory(path)) return {};
  if (!disk_->has_directory(parent_of(path))) return fail(Code::NotFound, "{}: no such directory", parent_of(path));
  if (auto failure = disk_->meet(DiskCall::Create, path)) return std::unexpected(*failure);
  auto node = std::make_shared<Node>();
  node->is_directory = true;
  disk_->names[path] = std::move(node);
  return {};
}

Result<void> MemoryFileSystem::remove_directory(const std::string& path) {
  const std::lock_guard lock(disk_->mutex);
  if (auto failure = disk_->meet(DiskCall::Remove, path)) return std::unexpected(*failure);
  const auto next = disk_->names.upper_bound(path + "/");
  if (next != disk_->names.end() && next->first.starts_with(path + "/")) return fail(Code::Io, "{}: not empty", path);
  if (disk_->names.erase(path) == 0) return fail(Code::NotFound, "{}: no such directory", path);
  return {};
}

Result<std::vector<DirectoryEntry>> MemoryFileSystem::list(const std::string& path) {
  const std::lock_guard lock(disk_->mutex);
  if (!disk_->has_directory(path)) return fail(Code::NotFound, "{}: no such directory", path);
  std::vector<DirectoryEntry> entries;
  const auto prefix = path + "/";
  for (auto at = disk_->names.lower_bound(prefix); at != disk_->names.end() && at->first.starts_with(prefix); ++at) {
    auto name = at->first.substr(prefix.size());
    if (name.find('/') == std::string::npos) entries.push_back({std::move(name), at->second->is_directory});
  }
  return entries;
}

Result<void> MemoryFileSystem::sync_directory(const std::string& path) {
  const std::lock_guard lock(disk_->mutex);
  if (auto failure = disk_->meet(DiskCall::SyncDirectory, path)) return std::unexpected(*failure);
  const auto directory = path == "." ? "" : path;
  const auto is_child = [&](const std::string& name) { return parent_of(name) == directory; };
  std::erase_if(disk_->durable_names,
                [&](const auto& entry) { return is_child(entry.first) && !disk_->names.contains(entry.first); });
  for (const auto& [name, node] : disk_->names) {
    if (is_child(name)) disk_->durable_names[name] = node;
  }
  return {};
}

Result<DiskSpace> MemoryFileSystem::space(const std::string& /*path*/) {
  const std::lock_guard lock(disk_->mutex);
  return disk_->space;
}

Result<std::unique_ptr<FileLock>> MemoryFileSystem::lock(const std::string& path) {
  {
    auto file = open(path, OpenMode::Create);
    if (!file) return pass(file);
  }
  const std::lock_guard lock(disk_->mutex);
  if (!disk_->locks.insert(path).second) return fail(Code::Exists, "{}: another process holds this lock", path);
  return std::make_unique<MemoryLock>([disk = disk_, path] {
    const std::lock_guard inner(disk->mutex);
    disk->locks.erase(path);
  });
}

}  // namespace myelin::storage
