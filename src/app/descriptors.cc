#include "app/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace myelin::app {
namespace {

constexpr rlim_t kLeast = 4096;
constexpr rlim_t kMost = 65'536;

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

}  // namespace myelin::app
