#include "governance/state_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace myelin::governance {
namespace {

constexpr std::size_t kFileMax = 4096;

}  // namespace

Result<void> write_state_file(const std::string& path, std::string_view text) {
  const auto draft = path + ".new";
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return fail_errno("open", draft, errno);
  const auto written = ::write(file, text.data(), text.size());
  const bool synced = written == static_cast<ssize_t>(text.size()) && ::fdatasync(file) == 0;
  const int problem = errno;
  ::close(file);
  if (!synced) return fail_errno("write", draft, problem);
  if (::rename(draft.c_str(), path.c_str()) != 0) return fail_errno("rename", draft, errno);
  const int folder = ::open(path.substr(0, path.rfind('/')).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
  return {};
}

Result<std::optional<std::string>> read_state_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0 && errno == ENOENT) return std::nullopt;
  if (file < 0) return fail_errno("open", path, errno);
  std::string text(kFileMax, '\0');
  const auto size = ::read(file, text.data(), text.size());
  const int problem = errno;
  ::close(file);
  if (size < 0) return fail_errno("read", path, problem);
  text.resize(static_cast<std::size_t>(size));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace myelin::governance
