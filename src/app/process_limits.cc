#include "app/process_limits.h"

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>

namespace myelin::app {
namespace {

constexpr rlim_t kLeast = 4096;
constexpr rlim_t kMost = 65'536;
// Beyond what requests usually have, so that these are served from memory that is there.
constexpr int kLargeBlock = 4 << 20;
constexpr int kKeptFree = 8 << 20;  // at the end of each arena

}  // namespace

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);  // where it fails, the limit stays as it was
}

std::size_t segment_files_max(std::int64_t wanted) {
  if (wanted > 0) return static_cast<std::size_t>(wanted);
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kLeast;
  return std::clamp(limit.rlim_cur / 2, kLeast, kMost);
}

void give_back_large_blocks() {
  // Setting them also ends their growth: glibc raises both with the largest block that was ever freed.
  ::mallopt(M_MMAP_THRESHOLD, kLargeBlock);
  ::mallopt(M_TRIM_THRESHOLD, kKeptFree);
}

}  // namespace myelin::app
