#include "governance/enrolment.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "governance/scram.h"
#include "governance/state_file.h"

namespace myelin::governance {
namespace {

constexpr std::size_t kTokenLength = 40;
Result<bool> is_fresh(const std::string& path, const Clock& clock) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return false;
    return fail_errno("stat", path, errno);
  }
  const auto age = clock.moment().latest - WallTime(std::chrono::seconds(status.st_mtim.tv_sec));
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
  auto first = read_state_file(enrolment.directory_ + "/platform");
  if (!first) return pass(first);
  if (*first) enrolment.first_ = PrincipalName(**first);
  if (!needed) return enrolment;
  auto fresh = is_fresh(enrolment.token_path(), clock);
  if (!fresh) return pass(fresh);
  if (!*fresh) {
    auto written = write_state_file(enrolment.token_path(), random_token(kTokenLength) + "\n");
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
  const auto expected = read_state_file(token_path());
  if (!fresh || !*fresh || !expected || !*expected || !equal_in_constant_time(**expected, token)) return refused;
  return {};
}

Result<void> Enrolment::complete(const PrincipalName& principal) {
  const std::lock_guard lock(mutex_);
  auto written = write_state_file(directory_ + "/platform", principal.text() + "\n");
  if (!written) return written;
  first_ = principal;
  open_ = false;
  ::unlink(token_path().c_str());
  return {};
}

}  // namespace myelin::governance
