#pragma once
// The first start on an empty directory: a one-time token in a file only the server's user can read (0600, 24 hours).
// Whoever can read it may enrol the first principal, who acts as platform. Files: DIR/state/enrol (the token),
// DIR/state/platform (the enrolled principal's name, one line).
//
// Threads: every function may be called from any thread.
#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"

namespace myelin::governance {

inline constexpr std::chrono::hours kEnrolmentLife{24};

class Enrolment {
 public:
  // `state_directory` is DIR/state. With `needed` (nobody can sign in yet) a token is written, unless a fresh one is
  // there.
  [[nodiscard]] static Result<Enrolment> open(std::string state_directory, bool needed, const Clock& clock);
  Enrolment(Enrolment&& other) noexcept;

  [[nodiscard]] bool is_open() const { return open_.load(); }
  [[nodiscard]] std::string token_path() const { return directory_ + "/enrol"; }
  // Who enrolled first; acts as platform besides the model's platform group.
  [[nodiscard]] std::optional<PrincipalName> first_principal() const;

  // Unauthenticated when the token is wrong or too old. Does not end the enrolment yet.
  [[nodiscard]] Result<void> check(std::string_view token) const;
  // Records the principal durably and removes the token.
  [[nodiscard]] Result<void> complete(const PrincipalName& principal);

 private:
  Enrolment(std::string directory, const Clock& clock) : directory_(std::move(directory)), clock_(&clock) {}

  std::string directory_;
  const Clock* clock_;
  mutable std::mutex mutex_;
  std::atomic<bool> open_{false};
  std::optional<PrincipalName> first_;
};

}  // namespace myelin::governance
