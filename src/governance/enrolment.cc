#include "governance/enrolment.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "governance/scram.h"

namespace myelin::governance {
namespace {

constexpr std::size_t kTokenLength = 40;
constexpr std::size_t kFileMax = 4096;

// Writes, syncs and renames, so that the file is there whole or not at all.
Result<void> write_file(const std::string& path, std::string_view text) {
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

// nullopt when there is no such file.
Result<std::optional<std::string>> read_file(const std::string& path) {
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

Result<bool> is_fresh(const std::string& path, const Clock& clock) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return false;
    return fail_errno("stat", path, errno);
  }
  const auto age = clock.wall() - WallTime(std::chrono::seconds(status.st_mtim.tv_sec));
  return age < kEnrolmentLife;
}

}  // namespace

Enrolment::Enrolment(Enrolment&& other) noexcept
    : directory_(std::move(other.directory_)),
      clock_(other.clock_),
      open_(other.open_.load()),
      first_(std::move(other.first_)) {}

Result<Enrolment> Enrolment::open(std::string state_directory, bool needed, const Clock& clock) {
  Enrolment enrolment(std::move(state_directory), clock);
  auto first = read_file(enrolment.directory_ + "/platform");
  if (!first) return pass(first);
  if (*first) enrolment.first_ = PrincipalName(**first);
  if (!needed) return enrolment;
  auto fresh = is_fresh(enrolment.token_path(), clock);
  if (!fresh) return pass(fresh);
  if (!*fresh) {
    auto written = write_file(enrolment.token_path(), random_token(kTokenLength) + "\n");
    if (!written) return pass(written);
  }
  enrolment.open_ = true;
  return enrolment;
}

std::optional<PrincipalName> Enrolment::first_principal() const {
  const std::lock_guard lock(mutex_);
  return first_;
}

Result<void> Enrolment::check(std::string_view token) const {
  const auto refused =
      fail(Code::Unauthenticated,
           "the enrolment token is wrong, used or older than 24 hours; restart the server for a new one and read {}",
           token_path());
  if (!is_open()) return refused;
  const auto fresh = is_fresh(token_path(), *clock_);
  const auto expected = read_file(token_path());
  if (!fresh || !*fresh || !expected || !*expected || !equal_in_constant_time(**expected, token)) return refused;
  return {};
}

Result<void> Enrolment::complete(const PrincipalName& principal) {
  const std::lock_guard lock(mutex_);
  auto written = write_file(directory_ + "/platform", principal.text() + "\n");
  if (!written) return written;
  first_ = principal;
  open_ = false;
  ::unlink(token_path().c_str());
  return {};
}

}  // namespace myelin::governance
