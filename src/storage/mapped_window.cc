#include "storage/mapped_window.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace myelin::storage {
namespace {

std::size_t page_size() {
  static const auto kSize = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return kSize;
}

// The copy that this thread is making, for the handler of a signal that it raises.
struct Copy {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  bool has_failed = false;
};
constinit thread_local Copy* copy_of_this_thread = nullptr;
struct sigaction previous_action;

// Puts memory of no file in place of the page that could not be had, so that the copy ends and can be refused.
void replace_missing_page(int /*signal*/, siginfo_t* info, void* /*context*/) {
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  auto* copy = copy_of_this_thread;
  if (copy != nullptr && address >= copy->begin && address < copy->end) {
    void* const place = static_cast<std::byte*>(info->si_addr) - address % page_size();
    constexpr int kHow = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    if (::mmap(place, page_size(), PROT_READ | PROT_WRITE, kHow, -1, 0) == place) {
      copy->has_failed = true;
      return;
    }
  }
  // Not ours: the access is repeated and meets whatever stood here before.
  ::sigaction(SIGBUS, &previous_action, nullptr);
}

Result<void> catch_missing_pages() {
  struct sigaction action{};
  action.sa_sigaction = replace_missing_page;
  action.sa_flags = SA_SIGINFO;
  if (::sigaction(SIGBUS, &action, &previous_action) != 0) return fail_errno("handle", "SIGBUS", errno);
  return {};
}

class MappedWindow final : public FileWindow {
 public:
  // `mapped` begins with the page of `offset`.
  MappedWindow(std::span<std::byte> mapped, std::uint64_t offset, std::string path)
      : mapped_(mapped), file_offset_(offset - offset % page_size()), path_(std::move(path)) {}
  ~MappedWindow() override { ::munmap(mapped_.data(), mapped_.size()); }
  MappedWindow(const MappedWindow&) = delete;
  MappedWindow& operator=(const MappedWindow&) = delete;

  Result<void> write_at(std::uint64_t offset, ByteSpan bytes) override {
    CHECK(offset >= file_offset_ && offset - file_offset_ + bytes.size() <= mapped_.size());
    auto* const to = mapped_.data() + (offset - file_offset_);
    const auto begin = reinterpret_cast<std::uintptr_t>(to);
    Copy copy{begin, begin + bytes.size()};
    copy_of_this_thread = &copy;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    std::memcpy(to, bytes.data(), bytes.size());
    std::atomic_signal_fence(std::memory_order_seq_cst);
    copy_of_this_thread = nullptr;
    if (copy.has_failed) return fail(Code::Io, "write {}: the kernel cannot bring the page at {}", path_, offset);
    return {};
  }

 private:
  std::span<std::byte> mapped_;
  std::uint64_t file_offset_;
  std::string path_;
};

}  // namespace

Result<std::unique_ptr<FileWindow>> map_window(int descriptor, const std::string& path, std::uint64_t offset,
                                               std::uint64_t size) {
  static const auto kHandled = catch_missing_pages();
  if (!kHandled) return std::unexpected(kHandled.error());
  const auto lead = offset % page_size();
  auto* const at =
      ::mmap(nullptr, lead + size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, static_cast<off_t>(offset - lead));
  if (at == MAP_FAILED) return fail_errno("map", path, errno);
  return std::make_unique<MappedWindow>(std::span(static_cast<std::byte*>(at), lead + size), offset, path);
}

}  // namespace myelin::storage
